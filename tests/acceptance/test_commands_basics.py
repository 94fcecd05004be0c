from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from supervisor import __version__
from supervisor.cli import COMMANDS
from tests.fix_command import SCRIPT, Run, environment, supervisor
from tests.fix_database import Connection

NOWHERE = "postgresql://user:secret@127.0.0.1:1/x"
READERS = (
    ("status",),
    ("runs",),
    ("runs", "--by-source"),
    ("logs",),
    ("nodes", "list"),
    ("nodes", "export"),
    ("start", "--all"),
    ("nodes", "show", "a"),
    ("check",),
)


def test_help_names_every_command(tmp_path: Path) -> None:
    done = supervisor("--help", cwd=tmp_path)
    assert done.code == 0
    assert all(f"  {name}" in done.out for name in COMMANDS)


def test_help_loads_no_command_and_nothing_heavy() -> None:
    program = "import sys; from supervisor.cli import run_command; run_command(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split("\n")[-2].split())
    assert not loaded & {"psycopg", "rich", "lxml", "requests", "psutil", "supervisor.config"}
    assert not any(name.startswith("supervisor.commands") for name in loaded)


def test_version_is_the_packages(tmp_path: Path) -> None:
    assert supervisor("--version", cwd=tmp_path).out == f"supervisor {__version__}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Usage:"),
        (("staus",), 'there is no command "staus", did you mean status'),
        (("status", "--nonsense"), "see `supervisor status --help`"),
        (("nodes", "add"), "see `supervisor nodes add --help`"),
        (("runs", "--status", "nonsense"), "'nonsense' is not one of"),
        (("run", "--wait", "5m"), "--wait goes with --once"),
        (("status", "--config", "absent.toml"), "absent.toml: there is no such file"),
        (("status", "--database-url", "nonsense"), "database.url: should"),
        (("stop",), "name nodes"),
    ],
)
def test_bad_usage_is_a_sentence_and_exit_2(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    done = supervisor(*words, cwd=tmp_path)
    assert done.code == 2
    assert sentence in done.err
    assert done.out == ""


def test_all_complaints_about_the_configuration_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[memory]\nreserve_mb = "lots"\n[nonsense]\n')
    done = supervisor("status", cwd=tmp_path)
    assert done.code == 2
    assert [line.partition(":")[0] for line in done.err.splitlines()] == ["nonsense", "memory.reserve_mb"]


@pytest.mark.parametrize("words", [("run",), ("status",), ("nodes", "add", "a", "--scraper", "feed"), ("migrate",)])
def test_an_unreachable_database_is_exit_69_within_its_limit_and_tells_no_password(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    more = ("-p", "url=http://127.0.0.1/") if words[0] == "nodes" else ()
    done = supervisor(*words, *more, cwd=tmp_path, DATABASE_URL=NOWHERE, SCRAPEWARDEN_DATABASE_CONNECT_TIMEOUT_S="0.5")
    assert done.code == 69
    first, last = done.err.splitlines()
    assert "trying again" in first
    assert "database x at 127.0.0.1:1 cannot be reached within 0.5 s (Connection refused)" in last
    assert "secret" not in done.err


@pytest.mark.parametrize("words", READERS)
def test_a_command_that_only_looks_creates_no_database(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = supervisor(*words, cwd=tmp_path)
    assert done.code == (0 if words == ("check",) else 2)
    assert "supervisor migrate" in done.err or words == ("check",)
    assert not list(tmp_path.iterdir())


def test_the_flag_goes_before_the_environment(good: Run, database_url: str) -> None:
    good("status", "--database-url", database_url, DATABASE_URL=NOWHERE)


def test_an_embedded_database_is_made_beside_the_configuration_and_found_again(public_folder: Path) -> None:
    elsewhere = public_folder / "project"
    elsewhere.mkdir()
    (elsewhere / "config.toml").write_text("")
    place = ("--config", "project/config.toml")
    added = supervisor("nodes", "add", "a", "--scraper", "feed", "-p", "url=http://x/", *place, cwd=public_folder)
    assert added.code == 0, added.err
    assert (elsewhere / ".scrapewarden").is_dir()
    assert not (public_folder / ".scrapewarden").exists()
    shown = supervisor("nodes", "list", "--json", *place, cwd=public_folder)
    assert [row["name"] for row in shown.json] == ["a"]
    again = supervisor("migrate", *place, cwd=public_folder)
    assert "nothing to do" in again.out


def test_a_database_without_tables_or_with_newer_ones_is_told_apart(command: Run, connection: Connection) -> None:
    connection.execute("insert into schema_versions (version, name) values (9999, 'later')")
    for words in (("status",), ("migrate",), ("run", "--once")):
        done = command(*words)
        assert done.code == 2
        assert "install the newer scrapewarden" in done.err
    connection.execute("drop table schema_versions")
    done = command("status")
    assert done.code == 2
    assert "run `supervisor migrate`" in done.err


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [SCRIPT, "scrapers", "show", "html"],
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(30) == 0
        assert process.stderr.read() == ""
