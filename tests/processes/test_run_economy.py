"""What a healthy run costs the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from supervisor.embedded import EmbeddedPostgres
from supervisor.schema import migrate
from tests.fix_database import UNSAFE_AND_QUICK, Connection, connect
from tests.fix_leftovers import leave_alone
from tests.fix_site import WrittenSite
from tests.fix_supervisor import Nodes, Supervised
from tests.scratch import scratch_folder
from tests.wait import wait_for

RUNS = 12
PROMISED = 12  # statements for a run of one page, looks and chores of the loop included
HTML = '<html><li><a href="/job/1">Engineer</a></li></html>'


@pytest.fixture
def counting_url() -> Iterator[str]:
    """A database of a server that counts statements."""
    settings = UNSAFE_AND_QUICK | {"shared_preload_libraries": "pg_stat_statements"}
    with scratch_folder("sw-counting-") as folder, EmbeddedPostgres(folder, settings=settings) as server:
        leave_alone(server.server_pid, with_its_children=True)
        url = server.start()
        migrate(url)
        yield url


def test_a_run_of_one_page_costs_no_more_than_twelve_statements(
    counting_url: str, write_site: Callable[[dict[str, Any]], WrittenSite]
) -> None:
    site = write_site({"/jobs": HTML})
    params = {"start": f"{site.url}/jobs", "items": "li", "link": "a", "fields": {"title": "a"}}
    with connect(counting_url) as connection:
        connection.execute("create extension pg_stat_statements")
        connection.execute("set pg_stat_statements.track = 'none'")
        nodes = Nodes(connection)
        nodes.add("n", "html", params, schedule="every 2s")
        supervisor = Supervised(counting_url, {"supervisor.poll_s": 20, "heartbeat.every_s": 20}, None)
        try:
            spent, runs = _spent(connection, supervisor)
        finally:
            assert supervisor.terminate() == 0
        assert spent / runs <= PROMISED, _list(connection)
        assert nodes.last("n")["fetched_count"] == 1


def _spent(connection: Connection, supervisor: Supervised) -> tuple[int, int]:
    """Statements and runs, once robots.txt is known and a process waits."""

    def done() -> int:
        return len(supervisor.happened("run_ended", cause="done"))

    wait_for(lambda: done() >= 4, 30, "the first runs, and the chores of the beginning")
    before, runs_before = _statements(connection), done()
    wait_for(lambda: done() >= runs_before + RUNS, 60, f"{RUNS} more runs")
    return _statements(connection) - before, done() - runs_before


def _statements(connection: Connection) -> int:
    row = connection.execute("select sum(calls)::int as n from pg_stat_statements").fetchone()
    assert row is not None
    return int(row["n"])


def _list(connection: Connection) -> list[str]:
    rows = connection.execute("select calls, query from pg_stat_statements order by calls desc").fetchall()
    return [f"{row['calls']} {' '.join(row['query'].split())[:80]}" for row in rows]
