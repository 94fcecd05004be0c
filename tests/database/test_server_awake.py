"""Since when the server takes statements again: what a holder could not renew meanwhile is his for a lease's time."""

from __future__ import annotations

import os
import signal
from contextlib import closing

from tests.fix_claims import Hand
from tests.fix_database import connect
from tests.fix_tcp_postgres import TcpPostgres, passes
from tests.wait import wait_for

LEASE_S = 3.0


def test_the_crash_of_one_backend_gives_holders_a_leases_time_beneath_the_same_postmaster(
    tcp_server: TcpPostgres,
) -> None:
    url = tcp_server.socket_url("scrapes")
    with closing(connect(url)) as connection, closing(connect(url)) as victim:
        holder = Hand(connection)
        claim = holder.start("n")
        other = holder.start("m")
        passes(LEASE_S)  # so that the server's own start is long past
        started = connection.execute("select pg_postmaster_start_time() as at").fetchone()
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        wait_for(lambda: connection.closed or not _lives(holder), 10, "the end of all connections")
    wait_for(tcp_server.answers, 10, "the end of the recovery")
    with closing(connect(url)) as connection:
        assert connection.execute("select pg_postmaster_start_time() as at").fetchone() == started
        hand = Hand(connection)
        for name in ("n", "m"):
            hand.expire(name)
        assert hand.claim(_node(hand, "n"), lease_s=LEASE_S)["verdict"] == "grace"
        assert hand.renew(claim, lease_s=LEASE_S) == {"n": "renewed"}
        passes(LEASE_S)
        assert hand.renew(other, lease_s=LEASE_S) == {"m": "expired"}
        assert hand.claim(_node(hand, "m"), lease_s=LEASE_S)["verdict"] == "claimed"


def test_an_orderly_restart_gives_it_too(tcp_server: TcpPostgres) -> None:
    url = tcp_server.socket_url("scrapes")
    with closing(connect(url)) as connection:
        Hand(connection).start("n")
    passes(LEASE_S)
    tcp_server.stop()
    tcp_server.start()
    with closing(connect(url)) as connection:
        hand = Hand(connection)
        hand.expire("n")
        assert hand.claim(_node(hand, "n"), lease_s=LEASE_S)["verdict"] == "grace"
        rows = connection.execute("select from server_awake").rowcount
        assert rows == 1, "the server's earlier lives are forgotten"


def _lives(hand: Hand) -> bool:
    try:
        hand.connection.execute("select 1")
    except Exception:  # noqa: BLE001 - any error says the same
        return False
    return True


def _node(hand: Hand, name: str) -> int:
    row = hand.connection.execute("select id from nodes where name = %s", (name,)).fetchone()
    assert row is not None
    return int(row["id"])
