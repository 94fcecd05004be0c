"""Many scrapes one after another: what the supervisor holds stays what it was, and each has a process of its own."""

from __future__ import annotations

from functools import partial

import pytest

from tests.fix_supervisor import Nodes, Start, Supervised
from tests.footprint import Footprint, footprint_of
from tests.wait import wait_for

NODES = 10
REST = 50  # looks in a row that agree
GROWTH_MB = 8.0  # of the supervisor over all rounds: an allocator keeps a little of what it once had


@pytest.mark.parametrize(("method", "rounds"), [("forkserver", 200), ("spawn", 20)])
def test_two_hundred_scrapes_leave_descriptors_threads_and_processes_flat(
    supervise: Start, nodes: Nodes, method: str, rounds: int
) -> None:
    supervisor = supervise(launcher__start_method=method)
    for number in range(NODES):
        nodes.add(f"n{number}", "zoo:pages", {"pages": 1, "board": number})
    wait_for(partial(_have_ended, nodes, NODES), 60, "the first ten")
    spares = 1 if method == "forkserver" else 0
    wait_for(lambda: _connected(nodes, "scrape") == spares, 15, "the next process is ready")
    before, family, connected = _at_rest(supervisor), len(supervisor.tree()), _connected(nodes)
    for done in range(NODES, rounds, NODES):
        nodes.connection.execute("update nodes set run_requested = true")
        wait_for(partial(_have_ended, nodes, done + NODES), 60, f"{done + NODES} runs")
    wait_for(lambda: _connected(nodes, "scrape") == spares, 15, "the next process is ready again")
    after = _at_rest(supervisor)
    assert all(now <= then for now, then in zip(after.counts, before.counts, strict=True)), (before, after)
    assert len(supervisor.tree()) <= family
    wait_for(lambda: _connected(nodes) <= connected, 5, f"no more connections than {connected}")
    assert after.rss_mb < before.rss_mb + GROWTH_MB
    causes = nodes.connection.execute("select cause, count(*) as n from scrape_runs group by cause").fetchall()
    assert causes == [{"cause": "done", "n": rounds}]
    assert nodes.one("select count(distinct (pid, start_ticks)) as n from scrape_runs") == {"n": rounds}


def _have_ended(nodes: Nodes, count: int) -> bool:
    row = nodes.one("select count(*) as n from scrape_runs where finished_at is not null")
    return row is not None and row["n"] >= count


def _connected(nodes: Nodes, what: str = "") -> int:
    """Connections of ours to this database: what a scrape held may be let go of a moment after its end."""
    row = nodes.one(
        "select count(*) as n from pg_stat_activity "
        "where starts_with(application_name, rtrim('scrapewarden ' || %s)) and datname = current_database()",
        what,
    )
    return int(row["n"]) if row else 0


def _at_rest(supervisor: Supervised) -> Footprint:
    """Once it holds the same for a while."""
    seen: list[tuple[int, int, int]] = []

    def is_steady() -> bool:
        seen.append(footprint_of(supervisor.pid).counts)
        return len(set(seen[-REST:])) == 1 and len(seen) >= REST

    wait_for(is_steady, 15, "rest")
    return footprint_of(supervisor.pid)
