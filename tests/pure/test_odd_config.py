"""Configurations as people and tools may leave them: read, or refused with every complaint at once."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.cli import run_command
from supervisor.config import load_config
from supervisor.settings import SETTINGS
from tests.odd_bodies import wounded
from workers.errors import ConfigError

SHIPPED = (Path(__file__).parents[2] / "config.toml").read_bytes()
LETTERS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES: st.SearchStrategy[Any] = (
    st.booleans()
    | st.integers()
    | st.floats()
    | LETTERS
    | st.lists(LETTERS | st.integers(), max_size=3)
    | st.sampled_from(["", "UTC", "127.0.0.1", "http://[", "postgresql://h/d", "00:05", 10**30, -1, 0, 1e308])
)
NAMES = st.sampled_from(sorted(SETTINGS)) | LETTERS.map(lambda name: f"memory.{name}") | LETTERS
PIECES = '[ ] [[ ]] [memory] [web] = reserve_mb port = 1 "x" \'\'\' """ { } , # \n \r \0 1e 0x inf nan 1979-05-27 a.b'


def said_of(content: bytes | None, environ: dict[str, str], flags: dict[str, Any]) -> list[str]:
    """The complaints about a file, variables and flags; none where they can be used."""
    with empty_folder() as folder:
        file = folder / "settings.toml"
        file.write_bytes(content or b"")
        try:
            load_config(file if content is not None else None, environ=environ, flags=flags)
        except ConfigError as error:
            return str(error).split("\n")
    return []


@contextmanager
def empty_folder() -> Iterator[Path]:
    before = Path.cwd()
    with TemporaryDirectory() as name:
        os.chdir(name)
        try:
            yield Path(name)
        finally:
            os.chdir(before)


def written(values: dict[str, Any]) -> bytes:
    """The settings as TOML, which is JSON but for infinity and DEL."""
    lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
    text = "".join(lines).replace("\x7f", "\\u007f")
    return text.replace("= NaN\n", "= nan\n").replace("Infinity\n", "inf\n").encode()


@settings(max_examples=150)
@given(
    st.binary(max_size=100)
    | st.lists(st.sampled_from(PIECES.split(" ")), max_size=30).map(lambda words: " ".join(words).encode())
    | wounded(SHIPPED)
)
def test_any_file_is_read_or_refused_in_lines_for_a_person(content: bytes) -> None:
    for line in said_of(content, {}, {}):
        assert line.isprintable()
        assert len(line) < 1000


@settings(max_examples=120)
@given(st.dictionaries(st.sampled_from(sorted(SETTINGS)), VALUES, max_size=5))
def test_every_wrong_value_is_named_and_all_at_once(values: dict[str, Any]) -> None:
    alone = [line for name, value in values.items() for line in said_of(written({name: value}), {}, {})]
    # Two that do not go together are compared only while both are whole.
    wrong = {line for line in alone if ": should be " in line and sum(name in line for name in SETTINGS) == 1}
    assert wrong <= set(said_of(written(values), {}, {}))


@settings(max_examples=100)
@given(
    st.dictionaries(NAMES.map(lambda name: "SCRAPEWARDEN_" + name.upper().replace(".", "_")), LETTERS, max_size=4),
    st.dictionaries(st.sampled_from(sorted(SETTINGS)), VALUES, max_size=3),
)
def test_variables_and_flags_are_judged_like_a_file(environ: dict[str, str], flags: dict[str, Any]) -> None:
    for line in said_of(None, environ, flags):
        assert line.isprintable()
        assert len(line) < 1000


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"[memory\n", b"a = 1\n" * 200_000, b"x = " + b"[" * 5000, b"[memory]\nreserve_mb = -1\nx = 1\n"],
)
def test_a_command_refuses_a_configuration_with_exit_2_and_nothing_but_lines(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    assert run_command(["nodes", "list", "--config", str(file)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == (2 if b"reserve_mb" in content else 1)
    assert all(line.isprintable() for line in said)
