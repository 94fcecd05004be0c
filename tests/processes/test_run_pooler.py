"""Everything through a transaction-mode pooler: no session state anywhere, and NOTIFY is not needed."""

from __future__ import annotations

import signal

from supervisor import checks, schema
from supervisor.tables import session
from tests.fix_database import connect
from tests.fix_pgbouncer import pgbouncer
from tests.fix_supervisor import Nodes, Supervised
from tests.fix_tcp_postgres import TcpPostgres, backends, database_of_its_own
from workers import database

POOL = 4  # fewer than loop, renewal and two scrapes would hold


def test_scrapes_run_to_their_end_through_a_pooler_and_over_every_restart(tcp_server: TcpPostgres) -> None:
    """Claims, pages, settling; then the server is restarted behind the pooler, then the pooler is killed."""
    with pgbouncer(tcp_server) as pooler:
        supervised = Supervised(pooler.url("scrapes"), {"supervisor.poll_s": 0.5}, None)
        try:
            with connect(tcp_server.socket_url("scrapes")) as connection:
                nodes = Nodes(connection)
                nodes.add("quick", "zoo:chatty", {"pages": 5, "board": "quick"})
                nodes.add("bad", "zoo:raises", max_attempts=2)
                nodes.add("long", "zoo:chatty", {"pages": 60, "pause_s": 0.1})
                supervised.wait_for_event("not_listening")
                (quick,) = nodes.wait_for_ends("quick")
                assert (quick["cause"], quick["inserted_count"]) == ("done", 25)
                assert [run["cause"] for run in nodes.wait_for_ends("bad", 2)] == ["exception", "exception"]
                before = nodes.wait_for_pages("long", 10)
                nodes.add("asked", "zoo:sleeps")
                nodes.wait_for_pages("asked")
                nodes.update("asked", stop_requested=True)  # nobody is told, the poll sees it
                assert nodes.wait_for_ends("asked")[0]["cause"] == "requested"
                assert 0 < len(backends(connection, "scrapewarden%")) <= POOL
            tcp_server.stop(signal.SIGQUIT)
            supervised.wait_for_event("database_failed")
            tcp_server.start()
            with connect(tcp_server.socket_url("scrapes")) as connection:
                nodes = Nodes(connection)
                pages = nodes.last("long")["pages_count"]
                nodes.wait_for_pages("long", pages + 5, 30)
                pooler.kill()
                pooler.start()
                (run,) = nodes.wait_for_ends("long", 1, 60)
                assert (run["id"], run["pid"], run["cause"], run["part"]) == (before["id"], before["pid"], "done", 0)
                assert run["inserted_count"] == 300
                assert nodes.jobs() == 325
            assert supervised.terminate() == 0
        finally:
            if supervised.process.poll() is None:
                supervised.kill()


def test_a_pooler_is_told_from_the_server_and_what_it_says_is_no_evidence(shared_tcp_server: TcpPostgres) -> None:
    with pgbouncer(shared_tcp_server) as pooler, database_of_its_own(shared_tcp_server) as name:
        with database.connect(shared_tcp_server.url(name)) as direct:
            assert database.is_direct(direct, **session.peer(direct))
        with database.connect(pooler.url(name)) as pooled:
            assert not database.is_direct(pooled, **session.peer(pooled))
        assert schema.migrate(pooler.url(name)) == 0
        found = {finding.check: finding for finding in checks.findings(None, pooler.url(name))}
        assert found["connections"].verdict == "ok"
        assert "pooler" in found["connections"].found
