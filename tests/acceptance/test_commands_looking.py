from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fix_command import SCRIPT, Run, environment
from tests.fix_database import Connection
from workers.processes import own_identity

LONG = "a-node-with-a-name-that-is-much-longer-than-any-terminal-would-like-to-show-in-a-single-column-of-its-table"


@pytest.fixture
def history(connection: Connection) -> int:
    """Two nodes, one good and one failed run, and lines of the first; the answer is the first run's id."""
    for name in (LONG, "beta"):
        connection.execute("insert into nodes (name, scraper, schedule) values (%s, 'feed', 'every 5m')", [name])
    ended = ((LONG, "ok", "done", None), ("beta", "error", "timeout", "killed after 600 s"))
    for name, status, cause, error in ended:
        connection.execute(
            "insert into scrape_runs (node_id, source, tick, attempt, owner, epoch, supervisor_id, status, cause,"
            " error, finished_at, pages_count, inserted_count) select id, name, clock_timestamp(), 1,"
            " gen_random_uuid(), 1, gen_random_uuid(), %s, %s, %s, clock_timestamp(), 4, 40 from nodes where name = %s",
            [status, cause, error, name],
        )
    row = connection.execute("select min(id) as id from scrape_runs").fetchone()
    assert row is not None
    add_line(connection, row["id"], "info", "first")
    add_line(connection, row["id"], "error", "second \x1b[31m\n{}")
    return int(row["id"])


def add_line(connection: Connection, run_id: int, level: str, message: str) -> None:
    connection.execute(
        "insert into run_logs (run_id, level, event, message, facts) values (%s, %s, 'page', %s, '{\"n\": 1}')",
        [run_id, level, message],
    )


def see_supervisor(connection: Connection, pid: int, start_ticks: int, ago: str = "0 s") -> None:
    me = own_identity()
    connection.execute(
        "insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks, seen_at, memory_available_mb,"
        " memory_limit_mb, memory_source) values (gen_random_uuid(), 'here', %s, %s, %s, %s,"
        " clock_timestamp() - %s::interval, 300, 512, 'cgroup v2 limit 512 MB at /')",
        [me.boot_id, me.pid_ns, pid, start_ticks, ago],
    )


@contextmanager
def watching(database_url: str, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until it is interrupted."""
    with subprocess.Popen(
        [SCRIPT, *words],
        cwd=folder,
        env=environment(DATABASE_URL=database_url, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    assert line, f"ended with {process.wait(10)}: {process.stderr.read()}"
    return line


def interrupt(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGINT)
    return process.wait(10)


def test_status_shows_every_node_whole_and_says_that_nobody_is_alive(good: Run, history: int) -> None:
    done = good("status")
    assert done.out.startswith("WARNING: no supervisor is alive: run `supervisor run` | memory: ")
    lines = {line.split()[0]: line for line in done.out.splitlines()[2:]}
    assert set(lines) == {LONG, "beta"}
    assert "last run ok/done" in lines[LONG]
    assert "last run error/timeout" in lines["beta"]
    assert lines["beta"].endswith("killed after 600 s")
    assert "\x1b" not in done.out
    assert history


@pytest.mark.usefixtures("history")
def test_status_as_json_has_the_columns_and_the_warning_apart(good: Run) -> None:
    done = good("status", "--json")
    assert done.err == "no supervisor is alive: run `supervisor run`\n"
    assert [row["name"] for row in done.json] == [LONG, "beta"]
    expected = {"status", "status_reason", "run_id", "attempt", "part", "pid", "measured_mb", "heartbeat_age_s"}
    assert expected | {"next_run_at", "last_status", "last_cause", "fetched_count"} <= set(done.json[0])


def test_status_counts_only_supervisors_that_are_alive(good: Run, connection: Connection) -> None:
    me = own_identity()
    see_supervisor(connection, me.pid, me.start_ticks + 1)  # its pid is somebody else's by now
    see_supervisor(connection, me.pid, me.start_ticks, ago="1 hour")
    assert good("status").out.startswith("WARNING: no supervisor is alive")
    see_supervisor(connection, me.pid, me.start_ticks)
    out = good("status").out
    assert out.startswith(f"1 supervisor alive (pid {me.pid} on here, seen ")
    assert "memory: 300 MB of 512 MB available (cgroup v2 limit 512 MB at /)" in out
    assert good("status", "--json").json == []


@pytest.mark.usefixtures("history")
def test_status_watched_as_json_is_a_line_for_each_node(database_url: str, tmp_path: Path) -> None:
    with watching(database_url, tmp_path, "status", "--watch", "--json") as process:
        rows = [json.loads(line_of(process)) for _ in range(4)]
        assert interrupt(process) == 0
    assert [row["name"] for row in rows] == [LONG, "beta"] * 2
    assert rows[0]["looked_at"] < rows[2]["looked_at"]


def test_runs_are_shown_newest_first_and_filtered(good: Run, history: int) -> None:
    rows = good("runs", "--json").json
    assert [row["source"] for row in rows] == ["beta", LONG]
    assert {"id", "tick", "attempt", "part", "status", "cause", "error", "fetched_count", "duration_s"} <= set(rows[0])
    assert rows[0]["started_at"].endswith("+00:00")
    assert [row["id"] for row in good("runs", LONG, "--json").json] == [history]
    assert [row["id"] for row in good("runs", "--status", "ok", "--cause", "done", "--json").json] == [history]
    assert len(good("runs", "--limit", "1", "--json").json) == 1
    assert good("runs", "--status", "skipped", "--json").json == []
    out = good("runs").out
    assert LONG in out
    assert "killed after 600 s" in out


@pytest.mark.usefixtures("history")
def test_runs_by_source_give_streaks_and_errors(good: Run, command: Run) -> None:
    beta = next(row for row in good("runs", "--by-source", "--json").json if row["source"] == "beta")
    assert (beta["failed_streak"], beta["skipped_streak"], beta["last_cause"]) == (1, 0, "timeout")
    assert [error["error"] for error in beta["last_errors"]] == ["killed after 600 s"]
    assert "killed after 600 s" in good("runs", "beta", "--by-source").out
    assert command("runs", "--by-source", "--status", "ok").code == 2


@pytest.mark.usefixtures("history")
def test_an_unknown_source_is_exit_2_but_runs_outlive_their_node(
    good: Run, command: Run, connection: Connection
) -> None:
    for words in (("runs", "bet"), ("logs", "bet"), ("runs", "--by-source", "bet")):
        done = command(*words)
        assert done.code == 2
        assert "did you mean beta?" in done.err
    assert command("logs", "--run", "99999").code == 2
    connection.execute("delete from nodes where name = 'beta'")
    assert len(good("runs", "beta", "--json").json) == 1
    assert good("logs", "beta", "--json").json == []


def test_logs_are_shown_oldest_first_and_cannot_steer_the_terminal(good: Run, history: int) -> None:
    rows = good("logs", "--json").json
    assert [row["message"] for row in rows] == ["first", "second \x1b[31m\n{}"]
    assert set(rows[0]) == {"id", "run_id", "source", "at", "level", "event", "message", "facts"}
    assert good("logs", "--run", str(history), "--limit", "1", "--json").json == rows[1:]
    out = good("logs", LONG).out
    assert len(out.splitlines()) == 2
    assert "\x1b" not in out
    assert "error" in out


def test_logs_are_followed_until_ctrl_c(
    database_url: str, connection: Connection, tmp_path: Path, history: int
) -> None:
    with watching(database_url, tmp_path, "logs", LONG, "-f", "--json", "--limit", "1") as process:
        seen: list[Any] = [json.loads(line_of(process))["message"]]
        for number in range(3):
            add_line(connection, history, "info", f"new {number}")
            seen.append(json.loads(line_of(process))["message"])
        assert interrupt(process) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert seen[1:] == ["new 0", "new 1", "new 2"]


def test_following_outlives_a_lost_connection(
    database_url: str, connection: Connection, tmp_path: Path, history: int
) -> None:
    with watching(database_url, tmp_path, "logs", "-f", "--json", "--limit", "1") as process:
        line_of(process)
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'scrapewarden command'"
        )
        add_line(connection, history, "info", "after")
        assert json.loads(line_of(process))["message"] == "after"
        assert interrupt(process) == 0


def test_a_reader_that_leaves_ends_following_quietly(
    database_url: str, connection: Connection, tmp_path: Path, history: int
) -> None:
    with watching(database_url, tmp_path, "logs", "-f", "--limit", "1") as process:
        line_of(process)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        add_line(connection, history, "info", "nobody reads this")
        assert process.wait(10) == 0
        assert process.stderr.read() == ""
