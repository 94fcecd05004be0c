"""Where `load_config` takes a value from, and what it says about files that it cannot read."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from supervisor.config import Config, load_config
from tests.configs import complaints, load
from workers.errors import ConfigError


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    config = load_config(environ={})
    assert config == Config()
    assert (config.path, config.directory) == (None, tmp_path)


def test_the_file_in_the_current_folder_is_read(tmp_path: Path) -> None:
    Path("config.toml").write_text("[memory]\nreserve_mb = 100\n")
    config = load_config(environ={})
    assert config.memory.reserve_mb == 100
    assert config.path == tmp_path / "config.toml"


def test_each_source_outranks_the_one_below() -> None:
    text = '[database]\nurl = "postgresql://file/x"\n'
    prefixed = {"SCRAPEWARDEN_DATABASE_URL": "postgresql://prefixed/x"}
    plain = prefixed | {"DATABASE_URL": "postgresql://plain/x"}
    flag = {"database.url": "postgresql://flag/x"}
    found = [load(text, environ=environ).database.url for environ in ({}, prefixed, plain)]
    found.append(load(text, environ=plain, flags=flag).database.url)
    assert found == [f"postgresql://{who}/x" for who in ("file", "prefixed", "plain", "flag")]


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    assert load("[web]\nport = 7000\n", flags={"web.port": None}).web.port == 7000


def test_an_empty_variable_counts_as_not_set() -> None:
    environ = {"DATABASE_URL": "", "SCRAPEWARDEN_WEB_PORT": "", "SCRAPEWARDEN_SCRAPERS_ALLOW": ""}
    config = load('[web]\nport = 7000\n[scrapers]\nallow = ["a"]\n', environ=environ)
    assert (config.web.port, config.scrapers.allow) == (7000, ("a",))


@pytest.mark.parametrize(
    ("variable", "text", "path", "value"),
    [
        ("SCRAPEWARDEN_SCRAPERS_ALLOW", "mine, yours.inner ,", "scrapers.allow", ("mine", "yours.inner")),
        ("SCRAPEWARDEN_SCRAPERS_ALLOW", ",", "scrapers.allow", ()),
        ("SCRAPEWARDEN_SCRAPERS_ALLOW_COMMAND", "Yes", "scrapers.allow_command", True),
        ("SCRAPEWARDEN_WEB_ENABLED", "off", "web.enabled", False),
        ("SCRAPEWARDEN_FETCH_GAP_S", "2", "fetch.gap_s", 2.0),
        ("SCRAPEWARDEN_MEMORY_RESERVE_MB", "128", "memory.reserve_mb", 128),
        ("SCRAPEWARDEN_FETCH_USER_AGENT", "my bot/2", "fetch.user_agent", "my bot/2"),
    ],
)
def test_a_variable_is_read_as_the_kind_of_its_setting(variable: str, text: str, path: str, value: object) -> None:
    section, key = path.split(".")
    assert getattr(getattr(load(environ={variable: text}), section), key) == value


def test_folders_of_scrapers_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "mine.toml").write_text('[scrapers]\npath = [".", "guests", "/opt/guests"]\n')
    config = load_config(Path("etc/mine.toml"), environ={})
    assert config.scraper_folders == (tmp_path / "etc", tmp_path / "etc" / "guests", Path("/opt/guests"))
    assert config.state_directory == tmp_path / "etc" / ".scrapewarden"


def test_a_file_with_a_byte_order_mark_and_windows_lines_is_read() -> None:
    assert load(b"\xef\xbb\xbf[memory]\r\nreserve_mb = 5\r\n").memory.reserve_mb == 5


def test_a_configuration_cannot_be_changed() -> None:
    config = load()
    with pytest.raises(FrozenInstanceError):
        config.memory.reserve_mb = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[memory]\nreserve_mb == 5\n", "is not TOML; correct this: Invalid value (at line 2, column 13)"),
        (b"[memory]\n[memory]\n", "is not TOML; correct this: Cannot declare ('memory',) twice (at line 2, column 8)"),
        (b"a = 1\nb = '\xff'\n", "is not UTF-8 (line 2); save it as UTF-8"),
        (b"a = " + b"[" * 5000, "is not TOML; correct this: "),
        (b"a = " + b"9" * 5000, "is not TOML; correct this: "),
        (b"#" * 1_000_001, "is larger than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_configuration_gets_one_line(content: bytes, words: str) -> None:
    (line,) = complaints(content)
    assert line.startswith(f"settings.toml: {words}")


def test_a_named_file_that_is_missing_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^nowhere.toml: there is no such file; leave --config out"):
        load_config(Path("nowhere.toml"), environ={})


def test_a_folder_is_no_file() -> None:
    Path("config.toml").mkdir()
    with pytest.raises(ConfigError, match=r"^config.toml: cannot be read \(is a directory\)"):
        load_config(environ={})


def test_a_link_into_nothing_is_not_taken_for_no_file() -> None:
    Path("config.toml").symlink_to("gone.toml")
    with pytest.raises(ConfigError, match=r"^config.toml: there is no such file"):
        load_config(environ={})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_refused() -> None:
    Path("config.toml").touch(mode=0o000)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(environ={})
