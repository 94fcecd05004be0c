"""The database goes away in mid-run: stopped and restarted, or silent. Nobody dies of a short outage."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from supervisor import processes, schema
from supervisor.embedded import EmbeddedPostgres
from tests.fix_leftovers import leave_alone
from tests.fix_supervisor import Connection, Nodes, Supervised, none_alive, pids_in
from tests.scratch import scratch_folder
from tests.wait import wait_for

PARAMS = {"pages": 80, "pause_s": 0.1}


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, to be maltreated."""
    with scratch_folder("sw-fault-") as folder, EmbeddedPostgres(folder, settings={"fsync": "off"}) as own:
        schema.migrate(own.start())
        leave_alone(own.server_pid, with_its_children=True)
        yield own


def _connect(server: EmbeddedPostgres) -> Connection:
    connection: psycopg.Connection[DictRow] = psycopg.connect(server.start(), autocommit=True, row_factory=dict_row)
    return connection


def _stop_at_once(server: EmbeddedPostgres) -> None:
    pid = server.server_pid
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)  # immediate: no farewell to anybody, recovery at the next start
    wait_for(lambda: not processes.is_alive(pid), 10, "the server's end")


def test_a_run_goes_on_over_an_immediate_stop_and_restart_of_the_database(server: EmbeddedPostgres) -> None:
    with _connect(server) as connection:
        nodes = Nodes(connection)
        nodes.add("long", "zoo:pages", PARAMS)
        supervised = Supervised(server.start(), {}, None)
        before = nodes.wait_for_pages("long", 3)
    try:
        _stop_at_once(server)
        supervised.wait_for_event("database_failed")
        server.start()
        leave_alone(server.server_pid, with_its_children=True)
        with _connect(server) as connection:
            nodes = Nodes(connection)
            (run,) = nodes.wait_for_ends("long", 1, 60)
            assert (run["id"], run["cause"], run["attempt"], run["part"]) == (before["id"], "done", 1, 0), run["error"]
            assert run["pid"] == before["pid"]
            assert run["inserted_count"] == nodes.jobs() == 400
        assert supervised.terminate() == 0
    finally:
        _end(supervised)


def test_a_silent_database_ends_children_before_their_lease_and_they_go_on_from_their_checkpoint(
    server: EmbeddedPostgres,
) -> None:
    with _connect(server) as connection:
        nodes = Nodes(connection)
        nodes.add("long", "zoo:pages", PARAMS)
        flags = {"supervisor.lease_s": 10, "supervisor.renew_s": 1}
        supervised = Supervised(server.start(), flags, None)
        run = nodes.wait_for_pages("long", 3)
    try:
        stopped = _silence(server)
        # The cut-off comes half a lease after the last good renewal, and so before the lease ends.
        wait_for(lambda: not processes.is_alive(run["pid"]), 9, "the cut-off")
        _wake(stopped)
        with _connect(server) as connection:
            nodes = Nodes(connection)
            first, second = nodes.wait_for_ends("long", 2, 60)
            assert (first["status"], first["cause"]) == ("error", "lost")
            assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1)
            assert first["inserted_count"] + second["inserted_count"] == nodes.jobs() == 400
        assert supervised.terminate() == 0
    finally:
        _end(supervised)


def test_a_database_that_is_down_for_longer_than_the_cut_off_ends_nobody(server: EmbeddedPostgres) -> None:
    """A refused connection on this machine is evidence: nobody else can take the lease over either."""
    with _connect(server) as connection:
        nodes = Nodes(connection)
        nodes.add("long", "zoo:pages", PARAMS)
        supervised = Supervised(server.start(), {"supervisor.lease_s": 8, "supervisor.renew_s": 1}, None)
        before = nodes.wait_for_pages("long", 3)
    try:
        _stop_at_once(server)
        down_since = time.monotonic()
        wait_for(lambda: time.monotonic() - down_since > 9.5, 15, "the end of its lease")
        assert processes.is_alive(before["pid"])
        server.start()
        leave_alone(server.server_pid, with_its_children=True)
        with _connect(server) as connection:
            nodes = Nodes(connection)
            (run,) = nodes.wait_for_ends("long", 1, 60)
            assert (run["id"], run["cause"], run["part"], run["pid"]) == (before["id"], "done", 0, before["pid"])
            assert run["inserted_count"] == nodes.jobs() == 400
        assert supervised.terminate() == 0
    finally:
        _end(supervised)


def test_a_silent_database_keeps_no_guard_from_killing_a_whole_tree(server: EmbeddedPostgres, tmp_path: Path) -> None:
    """The loop waits for an answer all the while: what the guard leaves alive stays alive."""
    with _connect(server) as connection:
        nodes = Nodes(connection)
        params = {"pids": str(tmp_path / "pids")}
        nodes.add("deaf", "zoo:deaf", params, timeout_s=5, max_attempts=1)
        supervised = Supervised(server.start(), {"supervisor.lease_s": 60}, None)
        nodes.wait_for_pages("deaf")
        pids = pids_in(tmp_path / "pids")
    stopped = _silence(server)
    try:
        wait_for(lambda: none_alive(pids), 6, "the death of all by the timeout")
        _wake(stopped)
        with _connect(server) as connection:
            (run,) = Nodes(connection).wait_for_ends("deaf")
            assert (run["cause"], run["ended_by"]) == ("timeout", "kill")
        assert supervised.terminate() == 0
    finally:
        _wake(stopped)
        _end(supervised)


def test_heartbeats_are_not_judged_for_a_while_after_a_silence(server: EmbeddedPostgres) -> None:
    """Beats that could not be written meanwhile are no sign of death; they get their time to arrive."""
    with _connect(server) as connection:
        nodes = Nodes(connection)
        nodes.add("long", "zoo:pages", {"pages": 200, "pause_s": 0.1})
        flags = {"heartbeat.every_s": 1, "heartbeat.stale_after_s": 6, "supervisor.lease_s": 60, "supervisor.poll_s": 1}
        supervised = Supervised(server.start(), flags, None)
        before = nodes.wait_for_pages("long", 3)
        wait_for(lambda: _backends(connection, "scrapewarden beat"), 10, "its heart")
        slow = _backends(connection, "scrapewarden beat") + _backends(connection, "scrapewarden scrape")
        wait_for(lambda: _stopped_while_idle(connection, slow), 10, "a moment in which the scrape holds no row")
        stopped = _silence(server)
    try:
        silent_since = time.monotonic()
        wait_for(lambda: time.monotonic() - silent_since > 13, 20, "a long silence")
        _wake([pid for pid in stopped if pid not in slow])
        with _connect(server) as connection:
            nodes = Nodes(connection)
            seen = nodes.one("select max(seen_at) as at from supervisors")
            woken_at = time.monotonic()
            wait_for(lambda: supervised.happened("database_failed"), 5, "a read that failed")
            wait_for(lambda: time.monotonic() - woken_at > 2, 5, "two more looks")
            assert processes.is_alive(before["pid"])
            _wake(stopped)
            pages = nodes.last("long")["pages_count"]
            wait_for(lambda: nodes.last("long")["pages_count"] > pages, 10, "another page")
            assert (nodes.last("long")["id"], seen is not None) == (before["id"], True)
        assert supervised.terminate() == 0
    finally:
        _wake(stopped)
        _end(supervised)


def _stopped_while_idle(connection: Connection, pids: list[int]) -> bool:
    """Stop backends, and wake them again if they were at work: what they hold would hold up others."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    busy = connection.execute("select from pg_stat_activity where pid = any(%s) and state <> 'idle'", (pids,)).rowcount
    if busy:
        _wake(pids)
    return not busy


def _backends(connection: Connection, application: str) -> list[int]:
    rows = connection.execute("select pid from pg_stat_activity where application_name = %s", (application,))
    return [row["pid"] for row in rows.fetchall()]


def _silence(server: EmbeddedPostgres) -> list[int]:
    """Stop all of the server; returns whom to wake."""
    pid = server.server_pid
    assert pid is not None
    stopped = [pid, *processes.descendants_of(pid)]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    return stopped


def _wake(stopped: list[int]) -> None:
    for process in stopped:
        processes.send_pid(process, signal.SIGCONT)


def test_terminated_connections_of_ours_cost_no_run(server: EmbeddedPostgres) -> None:
    with _connect(server) as connection:
        nodes = Nodes(connection)
        nodes.add("long", "zoo:pages", PARAMS)
        supervised = Supervised(server.start(), {}, None)
        try:
            nodes.wait_for_pages("long", 3)
            for _ in range(3):
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where pid <> pg_backend_pid() and backend_type = 'client backend'"
                )
                pages = nodes.last("long")["pages_count"]
                wait_for(lambda pages=pages: nodes.last("long")["pages_count"] > pages, 15, "another page")  # type: ignore[misc]
            (run,) = nodes.wait_for_ends("long", 1, 60)
            assert (run["cause"], run["attempt"], run["part"]) == ("done", 1, 0)
            assert run["inserted_count"] == nodes.jobs() == 400
            assert supervised.terminate() == 0
        finally:
            _end(supervised)


def _end(supervised: Supervised) -> None:
    if supervised.process.poll() is None:
        supervised.kill()
