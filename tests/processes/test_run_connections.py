"""Fewer connections than the scrapes would like: everything gets done, only later."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator

import psycopg
import pytest

from supervisor import checks
from tests.fix_database import Connection, connect
from tests.fix_supervisor import ROOT, Nodes, Supervised
from tests.fix_tcp_postgres import TcpPostgres, backends, new_database, passes, tcp_postgres
from tests.scratch import scratch_folder
from tests.wait import wait_for

MOST = 13  # for us: three more are kept for the database's administrator
USER = "ordinary"
OURS = "scrapewarden%"


@pytest.fixture
def small_server() -> Iterator[TcpPostgres]:
    """A server with few connections, and a user without privileges who owns the database `scrapes`."""
    with (
        scratch_folder("sw-few-") as home,
        tcp_postgres(home, max_connections=str(MOST + 3), superuser_reserved_connections="3") as server,
    ):
        with connect(server.socket_url()) as administrator:
            administrator.execute("create role ordinary login")
        new_database(server, "scrapes", USER)
        yield server


def test_scrapes_that_find_no_connection_wait_and_none_holds_more_than_two(small_server: TcpPostgres) -> None:
    url = small_server.url("scrapes", user=USER)
    (found,) = [finding for finding in checks.findings(None, url) if finding.check == "connections"]
    assert found.verdict == "fail"
    assert f"{MOST}, 26 needed for 10 scrapes at once: no more than 3 will run" in found.found
    command = [sys.executable, "-m", "supervisor", "run", "--once", "--database-url", url]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stderr
    assert "too few connections, so some scrapes will wait: max_connections leaves us 13, 26 needed" in said
    with connect(small_server.socket_url("scrapes")) as connection:
        nodes = Nodes(connection)
        names = [f"n{number}" for number in range(8)]
        for name in names:
            nodes.add(name, "zoo:chatty", {"pages": 15, "pause_s": 0.1, "board": name})
        supervised = Supervised(url, {}, None)
        try:
            most_used = most_running = 0
            while not all(run["finished_at"] for name in names for run in nodes.runs(name)) or not nodes.runs(
                names[-1]
            ):
                running = nodes.one("select count(*) as n from scrape_runs where finished_at is null")
                used = len(backends(connection, "scrapewarden scrape") + backends(connection, "scrapewarden beat"))
                assert running is not None
                assert used <= 2 * (running["n"] + 1) + 1  # one may have ended, or begun, between the two looks
                most_used, most_running = max(most_used, used), max(most_running, running["n"])
                passes(0.05)
            for name in names:
                (run,) = nodes.runs(name)
                assert (run["cause"], run["attempt"], run["part"]) == ("done", 1, 0), run["error"]
            assert nodes.jobs() == 8 * 75
            assert 2 <= most_running <= 5
            waited = supervised.wait_for_event("node_waits", cause="no_slot")
            assert "connections: a scrape needs 2" in waited["reason"]
            assert supervised.terminate() == 0
        finally:
            if supervised.process.poll() is None:
                supervised.kill()


def test_a_server_that_refuses_everybody_for_a_while_costs_no_run_and_no_attempt(small_server: TcpPostgres) -> None:
    url = small_server.url("scrapes", user=USER)
    with connect(small_server.socket_url("scrapes")) as connection:
        nodes = Nodes(connection)
        nodes.add("long", "zoo:chatty", {"pages": 40, "pause_s": 0.1})
        supervised = Supervised(url, {}, None)
        try:
            before = nodes.wait_for_pages("long", 5)
            with _greedy(url):
                wait_for(lambda: not _ours_left(connection), 10, "the end of our connections")
                passes(3)
                nodes.add("later", "zoo:pages", {"pages": 3, "board": "later"})
                passes(1)
                assert not nodes.runs("later")
            (run,) = nodes.wait_for_ends("long", 1, 40)
            assert (run["id"], run["pid"], run["cause"], run["part"]) == (before["id"], before["pid"], "done", 0)
            (later,) = nodes.wait_for_ends("later", 1, 20)
            assert (later["cause"], later["attempt"], later["part"]) == ("done", 1, 0)
            assert nodes.jobs() == 215
            failures = [event["error"] for event in supervised.happened("database_failed")]
            assert any("too many clients" in error or "connection slots" in error for error in failures), failures
            assert supervised.terminate() == 0
        finally:
            if supervised.process.poll() is None:
                supervised.kill()


def _ours_left(connection: Connection) -> list[int]:
    connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name like %s", [OURS])
    return backends(connection, OURS)


@contextlib.contextmanager
def _greedy(url: str) -> Iterator[None]:
    """Somebody who takes every connection as soon as it is free, and keeps it."""
    kept: list[psycopg.Connection] = []
    enough = threading.Event()

    def take() -> None:
        while not enough.is_set():
            try:
                kept.append(psycopg.connect(url, connect_timeout=2, application_name="greedy"))
            except psycopg.OperationalError:
                enough.wait(0.002)

    takers = [threading.Thread(target=take) for _ in range(3)]
    for taker in takers:
        taker.start()
    try:
        yield
    finally:
        enough.set()
        for taker in takers:
            taker.join(10)
        for connection in kept:
            connection.close()
