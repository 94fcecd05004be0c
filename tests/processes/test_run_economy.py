"""What a healthy run costs the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fix_database import Connection
from tests.fix_site import WrittenSite
from tests.fix_supervisor import Nodes, Start
from tests.wait import wait_for

RUNS = 12
PROMISED = 12  # statements for a run of one page, looks of the loop included
HTML = '<html><li><a href="/job/1">Engineer</a></li></html>'


def test_a_run_of_one_page_costs_no_more_than_twelve_statements(
    supervise: Start, nodes: Nodes, connection: Connection, write_site: Callable[[dict[str, Any]], WrittenSite]
) -> None:
    site = write_site({"/jobs": HTML})
    params = {"start": f"{site.url}/jobs", "items": "li", "link": "a", "fields": {"title": "a"}}
    nodes.add("n", "html", params, schedule="every 2s")
    supervisor = supervise(supervisor__poll_s=20, heartbeat__every_s=20)

    def done() -> int:
        return len(supervisor.happened("run_ended", cause="done"))  # to ask the database would be counted

    wait_for(lambda: done() >= 2, 20, "robots.txt is known, a spare process waits")
    before, runs_before = _statements(connection), done()
    wait_for(lambda: done() >= runs_before + RUNS, 60, f"{RUNS} more runs")
    spent, runs = _statements(connection) - before, done() - runs_before
    assert spent / runs <= PROMISED, f"{spent} statements for {runs} runs"
    assert nodes.last("n")["fetched_count"] == 1


def _statements(connection: Connection) -> int:
    """Transactions so far: outside of migrations each statement is one, and so is the beginning of each session."""
    row = connection.execute(
        "select xact_commit + xact_rollback - sessions as n from pg_stat_database where datname = current_database()"
    ).fetchone()
    assert row is not None
    return int(row["n"])
