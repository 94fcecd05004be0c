"""The database goes away in mid-run: stopped and restarted, or silent. Nobody dies of a short outage."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from supervisor import processes, schema
from supervisor.embedded import EmbeddedPostgres
from tests.fix_leftovers import leave_alone
from tests.fix_supervisor import Connection, Nodes, Supervised
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
        pid = server.server_pid
        assert pid is not None
        stopped = [pid, *processes.descendants_of(pid)]
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        # The cut-off comes half a lease after the last good renewal, and so before the lease ends.
        wait_for(lambda: not processes.is_alive(run["pid"]), 9, "the cut-off")
        for process in stopped:
            processes.send_pid(process, signal.SIGCONT)
        with _connect(server) as connection:
            nodes = Nodes(connection)
            first, second = nodes.wait_for_ends("long", 2, 60)
            assert (first["status"], first["cause"]) == ("error", "lost")
            assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1)
            assert first["inserted_count"] + second["inserted_count"] == nodes.jobs() == 400
        assert supervised.terminate() == 0
    finally:
        _end(supervised)


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
