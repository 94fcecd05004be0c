"""No connection of ours can hang for ever, whatever is at its other end."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from supervisor.watchdog import BOOT_LIMIT_S
from tests.black_hole import BlackHole
from tests.fix_tcp_postgres import TcpPostgres, free_port
from tests.pure.test_verdicts import ASSIGNMENT
from workers import database, store
from workers.errors import NotReached
from workers.line import Line
from workers.progress import Logbook
from workers.store import Store

ROOT = Path(__file__).parents[2]
OPTIONS = {
    "SO_KEEPALIVE": (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    "TCP_KEEPIDLE": (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5),
    "TCP_KEEPINTVL": (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2),
    "TCP_KEEPCNT": (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    "TCP_USER_TIMEOUT": (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 7_000),
}


@pytest.fixture
def hole(shared_tcp_server: TcpPostgres) -> Iterator[BlackHole]:
    """Before the server."""
    with BlackHole(shared_tcp_server.port) as hole:
        yield hole


def test_the_kernel_gives_up_on_a_peer_that_is_gone(shared_tcp_server: TcpPostgres) -> None:
    with database.connect(shared_tcp_server.url(), silence_s=7) as connection:
        with socket.socket(fileno=connection.fileno()) as ours:
            found = {name: ours.getsockopt(level, option) for name, (level, option, _) in OPTIONS.items()}
            ours.detach()
        assert found == {name: value for name, (_, _, value) in OPTIONS.items()}
        assert connection.prepare_threshold is None


def test_every_connection_is_made_with_these_limits() -> None:
    """Others are made only by those who start a server, over its unix socket."""
    made = {
        str(path.relative_to(ROOT))
        for folder in ("supervisor", "workers")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"psycopg\.(Connection\.)?connect\(|_Impatient\.connect\(", path.read_text("utf-8"))
    }
    assert made - {"supervisor/chaos/stage.py"} == {"workers/database.py", "supervisor/embedded_server.py"}


@pytest.mark.parametrize("direction", ["up", "down"])
def test_who_takes_a_statement_and_never_answers_is_given_up(
    hole: BlackHole, shared_tcp_server: TcpPostgres, direction: str
) -> None:
    connection = database.connect(shared_tcp_server.url(port=hole.port), answer_s=0.5)
    connection.execute("select 1")
    hole.swallow(direction)
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match=r"has not answered within 0\.5 s"):
        connection.execute("select 2")
    assert 0.5 <= time.monotonic() - began < 3
    assert connection.closed


def test_a_statement_that_takes_its_time_is_waited_for_where_nobody_minds(shared_tcp_server: TcpPostgres) -> None:
    with database.connect(shared_tcp_server.url(), answer_s=None) as connection:
        assert connection.execute("select pg_sleep(0.3), 7 as n").fetchall()[0]["n"] == 7
    with (
        pytest.raises(database.SilentDatabase),
        database.connect(shared_tcp_server.url(), answer_s=0.1) as connection,
    ):
        connection.execute("select pg_sleep(3)")


def test_who_accepts_a_connection_and_says_nothing_is_given_up(hole: BlackHole, shared_tcp_server: TcpPostgres) -> None:
    hole.hold()
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match="timeout"):
        database.connect(shared_tcp_server.url(port=hole.port), connect_timeout_s=2)
    assert time.monotonic() - began < 5


def test_a_scrape_that_cannot_begin_says_so_before_it_is_taken_for_one_that_never_came_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert store._BOOT_S < BOOT_LIMIT_S - 5
    monkeypatch.setattr(store, "_BOOT_S", 0.2)
    nobody_there = replace(ASSIGNMENT, database_url=f"postgresql://u@127.0.0.1:{free_port()}/d")
    nowhere = Store(Line(nobody_there), Logbook())
    with pytest.raises(NotReached, match=r"could not be used for 0\.2 s \(.*Connection refused"):
        nowhere.begin()
