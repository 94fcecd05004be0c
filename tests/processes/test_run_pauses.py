"""Supervisors that are stopped for longer than their leases: what they ran has lost its right to write."""

from __future__ import annotations

import json
import signal
import sys
import time

from supervisor import processes
from tests.fix_supervisor import Nodes, Start, Supervised
from tests.wait import wait_for

LEASE_S = 8
LEASE = {"supervisor__lease_s": LEASE_S, "supervisor__renew_s": 1}
PAGES = 110  # 0.1 s each: under way when the leases run out, and for a while after
UP = "select clock_timestamp() > pg_postmaster_start_time() + interval '8 s' as long_enough"
NAMES = ("kept-0", "kept-1", "unkept-0", "unkept-1")


def test_a_supervisor_that_was_stopped_longer_than_its_lease_has_lost_its_runs(supervise: Start, nodes: Nodes) -> None:
    """Two of them beside a third; one's keeper sleeps as well, so that its scrapes go on without any right to."""
    wait_for(lambda: (nodes.one(UP) or {})["long_enough"], 10, "the end of the grace after the database's start")
    kept = _running(supervise, nodes, NAMES[:2])
    unkept = _running(supervise, nodes, NAMES[2:])
    keeper = unkept.keeper()
    guarded = [nodes.last(name)["pid"] for name in NAMES[:2]]
    stopped = time.monotonic()
    try:
        for pid in (kept.pid, unkept.pid, keeper):
            processes.send_pid(pid, signal.SIGSTOP)
        survivor = supervise(**LEASE)
        wait_for(lambda: not any(map(processes.is_alive, guarded)), LEASE_S + 2, "the keeper's kill")
        killed_s = time.monotonic() - stopped
        wait_for(lambda: all(len(nodes.runs(name)) == 2 for name in NAMES), LEASE_S + 12, "the take-over of all four")
        taken_s = time.monotonic() - stopped
    finally:
        for pid in (keeper, kept.pid, unkept.pid):
            processes.send_pid(pid, signal.SIGCONT)
    for supervisor in (kept, unkept):
        supervisor.wait_for_event("loop_was_late")
    stale = [_stale_pages(nodes, name) for name in NAMES]
    assert stale == [0, 0, 0, 0]
    assert nodes.jobs() == len(NAMES) * PAGES * 5
    for supervisor in (kept, unkept, survivor):
        assert supervisor.terminate() == 0
    figures = {
        "stale_writes": sum(stale),
        "killed_after_s": round(killed_s, 1),
        "taken_over_after_s": round(taken_s, 1),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def _running(supervise: Start, nodes: Nodes, names: tuple[str, ...]) -> Supervised:
    """A supervisor that runs these and has no room for more."""
    for name in names:
        nodes.add(name, "zoo:pages", {"pages": PAGES, "pause_s": 0.1, "board": name}, max_attempts=1)
    supervisor = supervise(supervisor__max_concurrent=len(names), **LEASE)
    for name in names:
        nodes.wait_for_pages(name, 2)
    return supervisor


def _stale_pages(nodes: Nodes, name: str) -> int:
    """Pages that the first part added after the second had read where to go on; both have ended, uncharged."""
    first, second = nodes.wait_for_ends(name, 2, 40)
    assert first["cause"] in ("lost", "fenced"), first["error"]
    assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1), second["error"]
    assert first["supervisor_id"] != second["supervisor_id"]
    assert second["inserted_count"] == 5 * second["pages_count"]
    return int(first["pages_count"]) - (int(second["start_checkpoint"]["page"]) - 1)
