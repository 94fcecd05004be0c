"""A supervisor tells what it sees, what it does, and what it takes itself."""

from __future__ import annotations

from psycopg.rows import DictRow

from tests.fix_supervisor import Nodes, Start
from tests.footprint import footprint_of
from tests.wait import wait_for

TOLD_S = 25.0  # told every ten seconds


def test_a_supervisor_tells_its_own_descriptors_threads_and_memory(supervise: Start, nodes: Nodes) -> None:
    nodes.add("sleeper", "zoo:sleeps")
    supervised = supervise()
    nodes.wait_for_status("sleeper", "running")

    def told_truly() -> DictRow | None:
        row = nodes.one("select * from metrics_supervisors")
        really = footprint_of(supervised.pid)
        if row is None or (row["fds"], row["threads"]) != (really.descriptors, really.threads):
            return None
        return row if abs(row["rss_mb"] - really.rss_mb) < 10 else None

    row = wait_for(told_truly, TOLD_S, "the descriptors, threads and memory that it has")
    assert row is not None
    assert row["running"] == 1
    assert row["memory_source"]
    assert row["memory_available_mb"] < row["memory_limit_mb"]
    now = nodes.one("select * from metrics_now")
    assert now is not None
    assert (now["processing"], now["supervisors_alive"]) == (1, 1)
