"""The server goes away in mid-run: stopped, recovering, crashed, paused, its connections ended. Nobody runs twice."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from supervisor import processes
from supervisor.contradictions import cutoff_s
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes, Supervised, none_alive, pids_in
from tests.fix_tcp_postgres import TcpPostgres, backends, new_database, passes
from tests.wait import wait_for

LEASE_S = 8.0  # the shortest that leaves room for a renewal
FLAGS: dict[str, Any] = {"supervisor.lease_s": LEASE_S, "supervisor.renew_s": 1}
QUICK_HEART = {"heartbeat.every_s": 1, "heartbeat.stale_after_s": 4}
CUT_OFF_S = cutoff_s(LEASE_S)
KINDS = ["listen", "renewal", "scrape", "beat", ""]  # as in application_name; the loop's has no second word
HONEST = pytest.mark.skipif(not os.environ.get("LONG_TESTS"), reason="takes minutes: set LONG_TESTS=1")


def test_a_database_that_is_down_for_longer_than_the_cut_off_ends_nobody(tcp_server: TcpPostgres) -> None:
    """Refused on this machine, then "the database system is starting up": nobody else can take the lease over either.

    And nobody may when it is over: a lease's time counts from the first answer, not from the server's start.
    """
    new_database(tcp_server, "others")
    urls = [tcp_server.socket_url("scrapes"), tcp_server.url("others")]
    supervised = [Supervised(url, {**FLAGS, **QUICK_HEART}, None) for url in urls]
    try:
        before = []
        for url in urls:
            with connect(url) as connection:
                Nodes(connection).add("long", "zoo:chatty", {"pages": 30, "pause_s": 0.1})
                before.append(Nodes(connection).wait_for_pages("long", 3))
        tcp_server.stop(signal.SIGQUIT)  # immediate: no farewell to anybody, recovery at the next start
        for each in supervised:
            each.wait_for_event("renewal_failed", down=True)
        passes(CUT_OFF_S + 1)
        tcp_server.start_slowly()
        passes(LEASE_S + 1)
        assert not tcp_server.answers(), "the recovery was too short to prove anything"
        wait_for(tcp_server.answers, 30, "the end of the recovery")
        for url, old in zip(urls, before, strict=True):
            with connect(url) as connection:
                nodes = Nodes(connection)
                (run,) = nodes.wait_for_ends("long", 1, 60)
                assert (run["id"], run["cause"], run["attempt"], run["part"]) == (old["id"], "done", 1, 0), run["error"]
                assert run["pid"] == old["pid"]
                assert run["inserted_count"] == nodes.jobs() == 150
        assert [each.terminate() for each in supervised] == [0, 0]
    finally:
        for each in supervised:
            _end(each)


@pytest.mark.parametrize(
    ("flags", "silent_s"),
    [({**FLAGS, **QUICK_HEART}, 1.2 * LEASE_S), pytest.param({}, 120.0, marks=HONEST)],
    ids=["several leases", "two minutes"],
)
def test_a_silent_database_ends_children_before_their_lease_and_they_go_on_from_their_checkpoint(
    tcp_server: TcpPostgres, flags: dict[str, Any], silent_s: float
) -> None:
    """Silence is no evidence: somebody else may see a database that we do not."""
    url = tcp_server.socket_url("scrapes")
    with connect(url) as connection:
        Nodes(connection).add("long", "zoo:chatty", {"pages": 40, "pause_s": 0.1})
        supervised = Supervised(url, flags, None)
        before = Nodes(connection).wait_for_pages("long", 3)
    try:
        tcp_server.silence()
        cut_off_s = cutoff_s(flags.get("supervisor.lease_s", 30))
        # The cut-off comes that long after the last good renewal, and so before the lease ends.
        wait_for(lambda: not processes.is_alive(before["pid"]), cut_off_s + 1.5, "the cut-off")
        passes(silent_s - cut_off_s)
        tcp_server.wake()
        with connect(url) as connection:
            nodes = Nodes(connection)
            first, second = nodes.wait_for_ends("long", 2, 60)
            assert (first["id"], first["status"], first["cause"]) == (before["id"], "error", "lost")
            assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1), second["error"]
            assert first["pages_count"] + second["pages_count"] == 40
            assert first["inserted_count"] + second["inserted_count"] == nodes.jobs() == 200
        assert supervised.terminate() == 0
    finally:
        tcp_server.wake()
        _end(supervised)


def test_a_silent_database_keeps_no_guard_from_killing_a_whole_tree(tcp_server: TcpPostgres, tmp_path: Path) -> None:
    """The loop waits for an answer all the while: what the guard leaves alive stays alive."""
    url = tcp_server.socket_url("scrapes")
    with connect(url) as connection:
        nodes = Nodes(connection)
        nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")}, timeout_s=5, max_attempts=1)
        supervised = Supervised(url, {"supervisor.lease_s": 60}, None)
        nodes.wait_for_pages("deaf")
        pids = pids_in(tmp_path / "pids")
    try:
        tcp_server.silence()
        wait_for(lambda: none_alive(pids), 6, "the death of all by the timeout")
        tcp_server.wake()
        with connect(url) as connection:
            (run,) = Nodes(connection).wait_for_ends("deaf")
            assert (run["cause"], run["ended_by"]) == ("timeout", "kill")
        assert supervised.terminate() == 0
    finally:
        tcp_server.wake()
        _end(supervised)


def test_terminated_connections_of_ours_cost_no_run(
    tcp_server: TcpPostgres,
) -> None:
    """Loop, renewal, listener, scrape and beat, each alone; then a SIGKILL, and the server throws everybody out."""
    url = tcp_server.socket_url("scrapes")
    connection = connect(url)
    nodes = Nodes(connection)
    nodes.add("long", "zoo:chatty", {"pages": 120, "pause_s": 0.1})
    supervised = Supervised(url, {"heartbeat.every_s": 1, "supervisor.renew_s": 1}, None)
    try:
        before = nodes.wait_for_pages("long", 3)
        ended: dict[str, int] = {}
        for kind in KINDS:
            name = f"scrapewarden {kind}".strip()
            (ended[name],) = wait_for(lambda name=name: _of_the_run(connection, name), 15, name)  # type: ignore[misc]
            connection.execute("select pg_terminate_backend(%s)", [ended[name]])
            pages = nodes.last("long")["pages_count"]
            wait_for(lambda pages=pages: nodes.last("long")["pages_count"] > pages, 10, "another page")  # type: ignore[misc]
        for name, pid in ended.items():
            wait_for(lambda name=name, pid=pid: set(_of_the_run(connection, name)) - {pid}, 15, f"another {name}")  # type: ignore[misc]
        os.kill(backends(connection, "scrapewarden beat")[0], signal.SIGKILL)
        wait_for(lambda: _is_thrown_out(connection), 10, "the server's notice of the crash")
        wait_for(tcp_server.answers, 10, "the end of the recovery")
        with connect(url) as connection:
            nodes = Nodes(connection)
            (run,) = nodes.wait_for_ends("long", 1, 60)
            assert (run["id"], run["cause"], run["attempt"], run["part"]) == (before["id"], "done", 1, 0), run["error"]
            assert run["inserted_count"] == nodes.jobs() == 600
        assert supervised.terminate() == 0
    finally:
        connection.close()
        _end(supervised)


def _of_the_run(connection: Connection, name: str) -> list[int]:
    """The oldest connection of that name: the process that waits ready holds one of a scrape's too."""
    query = "select pid from pg_stat_activity where application_name = %s order by backend_start limit 1"
    return [row["pid"] for row in connection.execute(query, [name]).fetchall()]


def _is_thrown_out(connection: Connection) -> bool:
    try:
        connection.execute("select")
    except psycopg.OperationalError:
        return True
    return False


def _end(supervised: Supervised) -> None:
    if supervised.process.poll() is None:
        supervised.kill()
