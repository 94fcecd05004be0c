"""A few connections for many who ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from supervisor.pool import NoConnection, Pool
from tests.fix_database import Connection
from tests.fix_tcp_postgres import TcpPostgres, backends
from tests.wait import wait_for
from workers import database

NAME = "pool under test"


@pytest.fixture
def pool(database_url: str) -> Iterator[Pool]:
    """Of two, for whoever can wait a second."""
    with Pool(database_url, most=2, wait_s=1, application=NAME) as pool:
        yield pool


def names() -> set[str]:
    """Of all threads."""
    return {thread.name for thread in threading.enumerate()}


def test_nobody_connects_before_somebody_asks_and_one_after_the_other_share_one(
    pool: Pool, connection: Connection
) -> None:
    assert backends(connection, NAME) == []
    for _ in range(5):
        with pool.connection() as taken:
            taken.execute("select 1")
    assert len(backends(connection, NAME)) == 1


def test_many_who_ask_at_once_never_get_more_than_the_bound(pool: Pool, connection: Connection) -> None:
    most = 0
    turns = threading.Semaphore(0)

    def ask() -> None:
        for _ in range(5):
            with pool.connection() as taken:
                taken.execute("select pg_sleep(0.01)")
        turns.release()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, len(backends(connection, NAME)))
    assert all(turns.acquire(blocking=False) for _ in threads)
    assert most == 2


def test_who_waits_too_long_is_told_that_all_are_in_use(pool: Pool) -> None:
    with (
        pool.connection(),
        pool.connection(),
        pytest.raises(NoConnection, match="no connection within 1 s: all 2 are in use"),
        pool.connection(),
    ):
        pass


def test_one_that_broke_is_replaced_before_it_is_handed_out(pool: Pool, connection: Connection) -> None:
    with pool.connection() as taken:
        taken.execute("select 1")
    (before,) = backends(connection, NAME)
    connection.execute("select pg_terminate_backend(%s)", (before,))
    wait_for(lambda: before not in backends(connection, NAME), 5, "the end of the old one")
    with pool.connection() as taken:
        taken.execute("select 1")
    assert before not in backends(connection, NAME)


def test_one_that_breaks_in_use_costs_its_user_alone(pool: Pool, connection: Connection) -> None:
    with pytest.raises(psycopg.OperationalError), pool.connection() as taken:
        taken.execute("select pg_terminate_backend(pg_backend_pid())")
    with pool.connection() as taken:
        assert taken.execute("select 7 as n").fetchall() == [{"n": 7}]
    assert len(backends(connection, NAME)) <= 2


def test_its_connections_are_like_all_others(pool: Pool, database_url: str) -> None:
    with pool.connection() as taken, database.connect(database_url) as ours:
        assert type(taken) is type(ours)
        assert (taken.autocommit, taken.prepare_threshold, taken.row_factory) == (True, None, ours.row_factory)
        assert taken.answer_s == ours.answer_s  # type: ignore[attr-defined]  # of the class that both are
        taken.execute("set time zone 'Asia/Tokyo'")
        row = taken.execute("select now() as at").fetchone()
        assert row is not None
        assert str(row["at"].tzinfo) == "UTC"


def test_while_the_server_is_away_the_sentence_says_why_and_then_it_goes_on(tcp_server: TcpPostgres) -> None:
    with Pool(tcp_server.url("scrapes"), most=1, wait_s=1) as pool:
        with pool.connection() as taken:
            taken.execute("select 1")
        tcp_server.stop()
        for _ in range(2):
            with pytest.raises(NoConnection, match="Connection refused"), pool.connection():
                pass
        tcp_server.start()
        with pool.connection() as taken:
            taken.execute("select 1")


def test_at_its_end_no_thread_and_no_connection_is_left(database_url: str, connection: Connection) -> None:
    before = names()
    with Pool(database_url, most=2, application=NAME) as pool:
        with pool.connection():
            pass
        assert len(names() - before) == 2  # one connects, one keeps time
    assert names() <= before
    wait_for(lambda: not backends(connection, NAME), 5, "no connection")
