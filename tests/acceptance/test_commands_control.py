from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fix_command import SCRIPT, Done, Run, environment
from tests.fix_database import Connection
from tests.wait import wait_for
from workers.processes import own_identity

NOBODY = "flag set, but no supervisor is running: run `supervisor run`"
Begin = Callable[..., Callable[[], Done]]


def flags_of(connection: Connection, name: str) -> dict[str, Any]:
    row = connection.execute(
        "select status, enabled, stop_requested, kill_requested, run_requested from nodes where name = %s", [name]
    ).fetchone()
    assert row is not None
    return row


@pytest.fixture
def nodes(connection: Connection) -> list[str]:
    names = ["alpha", "beta"]
    for name in names:
        connection.execute("insert into nodes (name, scraper) values (%s, 'feed')", [name])
    return names


@pytest.fixture
def alive(connection: Connection) -> None:
    """A supervisor that is alive by all that can be seen of it: this process."""
    me = own_identity()
    connection.execute(
        "insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks, memory_available_mb, memory_limit_mb,"
        " memory_source) values (gen_random_uuid(), 'here', %s, %s, %s, %s, 300, 512, 'cgroup v2 limit')",
        [me.boot_id, me.pid_ns, me.pid, me.start_ticks],
    )


@pytest.fixture
def begin(database_url: str, tmp_path: Path) -> Iterator[Begin]:
    """Start a command that waits; the answer is called for its end."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> Callable[[], Done]:
        process = subprocess.Popen(
            [SCRIPT, *words],
            cwd=tmp_path,
            env=environment(DATABASE_URL=database_url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)

        def end() -> Done:
            out, err = process.communicate(timeout=30)
            return Done(process.returncode, out, err)

        return end

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def run_of(connection: Connection, name: str) -> int:
    """An open run of the node, as a claim writes it."""
    row = connection.execute(
        "insert into scrape_runs (node_id, source, tick, attempt, owner, epoch, supervisor_id)"
        " select id, name, clock_timestamp(), 1, gen_random_uuid(), 1, gen_random_uuid() from nodes where name = %s"
        " returning id",
        [name],
    ).fetchone()
    assert row is not None
    connection.execute("update nodes set status = 'running', run_requested = false where name = %s", [name])
    return int(row["id"])


def end_run(connection: Connection, run_id: int, status: str, cause: str, node_status: str) -> None:
    """What a supervisor writes when it settles a run."""
    connection.execute(
        "update scrape_runs set status = %s, cause = %s, pages_count = 3, inserted_count = 2, unchanged_count = 5,"
        " error = 'a sentence with {braces}', finished_at = clock_timestamp() where id = %s",
        [status, cause, run_id],
    )
    connection.execute(
        "update nodes set status = %s where id = (select node_id from scrape_runs where id = %s)", [node_status, run_id]
    )


@pytest.mark.parametrize(
    ("verb", "flags"),
    [
        ("stop", {"stop_requested": True}),
        ("kill", {"stop_requested": True, "kill_requested": True}),
        ("run-now", {"run_requested": True}),
    ],
)
def test_without_a_supervisor_the_flag_is_set_and_that_is_said(
    command: Run, connection: Connection, nodes: list[str], verb: str, flags: dict[str, bool]
) -> None:
    done = command(verb, *nodes)
    assert done.code == 0
    assert done.err.splitlines() == [f"{name}: {NOBODY}" for name in nodes]
    for name in nodes:
        assert flags_of(connection, name).items() >= flags.items()
    assert command(verb, "alpha", "--wait").code == 1  # at once: nobody will fulfil it


def test_start_clears_stop_kill_and_pause_and_enables(good: Run, connection: Connection, nodes: list[str]) -> None:
    connection.execute("update nodes set kill_requested = true, enabled = false, status = 'paused'")
    good("start", "--all")
    for name in nodes:
        assert flags_of(connection, name) == {
            "status": "idle",
            "enabled": True,
            "stop_requested": False,
            "kill_requested": False,
            "run_requested": False,
        }


@pytest.mark.parametrize("verb", ["start", "stop", "kill", "run-now"])
def test_one_unknown_name_and_no_flag_is_set(command: Run, connection: Connection, nodes: list[str], verb: str) -> None:
    before = flags_of(connection, "alpha")
    done = command(verb, *nodes, "gamma", "alhpa")
    assert done.code == 2
    first, second = done.err.splitlines()
    assert first.startswith('there is no node "gamma": ')
    assert second == 'there is no node "alhpa": did you mean alpha?'
    assert flags_of(connection, "alpha") == before


def test_names_and_all_exclude_each_other(command: Run, nodes: list[str]) -> None:
    assert command("stop", *nodes, "--all").code == 2
    assert command("kill", "--all").code == 2


@pytest.mark.usefixtures("alive")
def test_a_run_asked_of_a_stopped_node_is_told_to_wait(command: Run, connection: Connection, nodes: list[str]) -> None:
    connection.execute("update nodes set stop_requested = true, status = 'stopped'")
    done = command("run-now", nodes[0])
    assert done.code == 0
    assert "it is stopped: run `supervisor start`" in done.out
    assert command("run-now", nodes[0], "--wait").code == 1


def test_fresh_drops_the_checkpoint(good: Run, connection: Connection, nodes: list[str]) -> None:
    connection.execute(
        "insert into checkpoints (node_id, state, epoch, config_version) select id, '{\"page\": 3}', 1, 1 from nodes"
    )
    assert good("nodes", "show", nodes[0], "--json").json["checkpoint"] == {"page": 3}
    good("run-now", nodes[0], "--fresh")
    assert connection.execute("select count(*) as n from checkpoints").fetchall() == [{"n": 1}]


@pytest.mark.usefixtures("alive")
def test_stop_waits_for_the_end_of_the_run_and_tells_it(connection: Connection, nodes: list[str], begin: Begin) -> None:
    run_id = run_of(connection, "alpha")
    end = begin("stop", *nodes, "--wait")
    wait_for(lambda: flags_of(connection, "beta")["stop_requested"], 10, "the flags are set")
    connection.execute("update nodes set status = 'stopped' where name = 'beta'")
    end_run(connection, run_id, "stopped", "requested", "stopped")
    done = end()
    assert done.code == 0, done.err
    alpha, beta = sorted(done.out.splitlines())
    assert alpha.startswith("alpha: stopped after ")
    assert alpha.endswith(": stopped/requested, 3 pages stored, 7 postings found, 2 new")
    assert beta.endswith("; nothing was running")


@pytest.mark.usefixtures("alive")
def test_a_wait_that_is_too_short_says_how_things_stand(command: Run, connection: Connection, nodes: list[str]) -> None:
    run_of(connection, "alpha")
    done = command("stop", nodes[0], "--wait", "--wait-limit", "0.2s")
    assert done.code == 1
    assert done.err == "alpha: still running after 0.2 s: see `supervisor status`\n"


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize(("status", "cause", "code"), [("ok", "done", 0), ("error", "timeout", 1)])
def test_run_now_waits_for_the_requested_run_and_not_for_another(
    connection: Connection, nodes: list[str], begin: Begin, status: str, cause: str, code: int
) -> None:
    earlier = run_of(connection, "alpha")
    end = begin("run-now", nodes[0], "--wait")
    wait_for(lambda: flags_of(connection, "alpha")["run_requested"], 10, "the flag is set")
    end_run(connection, earlier, "error", "crashed", "idle")
    end_run(connection, run_of(connection, "alpha"), status, cause, "idle")
    done = end()
    assert done.code == code
    assert f": {status}/{cause}, 3 pages stored" in done.out
    assert ("a sentence with {braces}" in done.out) == (status == "error")


@pytest.mark.usefixtures("alive")
def test_start_waits_until_the_node_is_taken_up_or_set_aside(
    connection: Connection, nodes: list[str], begin: Begin
) -> None:
    connection.execute("update nodes set stop_requested = true, status = 'stopped'")
    end = begin("start", *nodes, "--wait")
    wait_for(lambda: not flags_of(connection, "beta")["stop_requested"], 10, "the flags are cleared")
    connection.execute("update nodes set status = 'idle' where name = 'alpha'")
    connection.execute("update nodes set status = 'paused', status_reason = 'no {such} scraper' where name = 'beta'")
    done = end()
    assert done.code == 1
    assert "alpha: idle after " in done.out
    assert "no {such} scraper" in done.out
