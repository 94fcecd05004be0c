"""Memory under a real supervisor: learned budgets, the floor, pauses, one launch at a time, samples and trends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fix_supervisor import Nodes, Start
from tests.wait import wait_for

HISTORY = """
insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, status, cause, started_at,
                         finished_at, peak_rss_mb)
select n.id, n.name, gen_random_uuid(), gen_random_uuid(), 1, at, 1,
       case when %(cause)s in ('done', 'recycled') then 'ok' else 'error' end, %(cause)s, at, at, p.mb
from nodes n, unnest(%(peaks)s::float[]) with ordinality as p (mb, number),
     lateral (select now() - interval '1 day' + p.number * interval '1 minute' + %(later)s * interval '1 hour' as at) t
where n.name = %(name)s
"""


class Machine:
    """A made-up host whose free memory is the test's; processes are weighed for real."""

    def __init__(self, folder: Path) -> None:
        """4 GB, no control groups."""
        (folder / "self").mkdir(parents=True)
        (folder / "self/cgroup").write_text("", encoding="ascii")
        self._meminfo = folder / "meminfo"
        self.flags: dict[str, Any] = {
            "memory__proc_root": str(folder),
            "memory__cgroup_root": str(folder / "none"),
            "memory__reserve_mb": 64,
        }

    def leave(self, mb: int) -> None:
        """That much is available from now on."""
        self._meminfo.write_text(f"MemTotal: {4096 * 1024} kB\nMemAvailable: {mb * 1024} kB\n", encoding="ascii")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A host of the test's own making."""
    return Machine(tmp_path / "proc")


def remember(nodes: Nodes, name: str, peaks: list[float], cause: str = "done", later: int = 0) -> None:
    """Give a node a past: ended runs with these peaks, oldest first."""
    nodes.connection.execute(HISTORY.encode(), {"name": name, "peaks": peaks, "cause": cause, "later": later})


def budgets(nodes: Nodes, name: str) -> list[tuple[int, str]]:
    """Budget and source of its runs that had a process."""
    return [(run["budget_mb"], run["budget_source"]) for run in nodes.runs(name) if run["budget_mb"]]


def test_budgets_are_learned_from_runs_that_were_not_cut_short(supervise: Start, nodes: Nodes) -> None:
    for name in ("new", "old", "cut", "named"):
        nodes.add(name, "zoo:pages", {"board": name}, run_requested=False, memory_mb=90 if name == "named" else None)
    remember(nodes, "new", [100.0] * 4)
    remember(nodes, "old", [300.0] * 10 + [100.0] * 20)
    remember(nodes, "cut", [100.0] * 20)
    for hour, cause in enumerate(("recycled", "memory", "oom", "timeout"), 1):
        remember(nodes, "cut", [300.0] * 20, cause, hour)
    remember(nodes, "named", [200.0] * 20)
    nodes.connection.execute("update nodes set run_requested = true")
    supervise()
    for name in ("new", "old", "cut", "named"):
        wait_for(lambda name=name: nodes.last(name)["finished_at"] and budgets(nodes, name), 20, name)  # type: ignore[misc]
    assert budgets(nodes, "new") == [(256, "default")]
    assert budgets(nodes, "old") == budgets(nodes, "cut") == [(125, "learned")]
    assert budgets(nodes, "named") == [(90, "memory_mb")]


def test_after_an_end_for_want_of_memory_the_next_attempt_gets_half_as_much_again(
    supervise: Start, nodes: Nodes
) -> None:
    nodes.add("grown", "weights:holds", {"mb": 160, "hold_s": 5})
    nodes.add("named", "weights:holds", {"mb": 160, "hold_s": 5}, memory_mb=100, max_attempts=2)
    supervise(scrapers__allow=["weights"], memory__default_budget_mb=100)
    runs = nodes.wait_for_ends("grown", 3, 40)
    assert [run["cause"] for run in runs] == ["memory", "memory", "done"]
    assert budgets(nodes, "grown") == [(100, "default"), (150, "default x1.5"), (225, "default x2.25")]
    nodes.wait_for_ends("named", 2, 40)
    assert budgets(nodes, "named") == [(100, "memory_mb")] * 2


def test_a_budget_under_the_floor_is_refused_until_the_row_is_changed(supervise: Start, nodes: Nodes) -> None:
    nodes.add("tiny", "zoo:pages", {"board": "tiny"}, memory_mb=20, schedule="every 2s")
    nodes.add("asked", "zoo:pages", {"board": "asked"}, memory_mb=20)
    supervise()
    reason = nodes.wait_for_status("tiny", "paused")["status_reason"]
    assert reason.startswith("memory_mb is 20, but a fresh scrape weighs ")
    assert reason.endswith("or leave it null to have it learned")
    (skipped,) = nodes.wait_for_ends("asked")
    assert (skipped["status"], skipped["cause"], skipped["error"][:15]) == ("skipped", "too_big", "memory_mb is 20")
    nodes.update("tiny", memory_mb=100)
    assert nodes.wait_for_ends("tiny")[0]["cause"] == "done"


def test_launches_pause_at_the_reserve_and_go_on_when_there_is_clearly_more(
    supervise: Start, nodes: Nodes, machine: Machine
) -> None:
    machine.leave(60)
    nodes.add("small", "zoo:pages", {"pages": 1}, memory_mb=80)
    supervise(**machine.flags)
    paused = "memory: launches are paused at {} MB available, 64 MB are the reserve; they go on at 80 MB (host memory"
    wait_for(lambda: (nodes.get("small")["status_reason"] or "").startswith(paused.format(60)), 10, "the pause")
    machine.leave(79)
    wait_for(lambda: (nodes.get("small")["status_reason"] or "").startswith(paused.format(79)), 10, "still paused")
    machine.leave(81)
    wait_for(lambda: nodes.get("small")["status_reason"].startswith("memory: needs 80 MB, 17 MB free"), 10, "no pause")
    machine.leave(79)
    wait_for(lambda: nodes.get("small")["status_reason"].startswith("memory: needs 80 MB, 15 MB free"), 10, "no pause")
    machine.leave(1000)
    (run,) = nodes.wait_for_ends("small")
    assert run["cause"] == "done"


def test_where_memory_is_scarce_the_next_launch_waits_until_the_last_has_settled(
    supervise: Start, nodes: Nodes, machine: Machine
) -> None:
    machine.leave(400)
    for name in ("first", "second"):
        nodes.add(name, "zoo:pages", {"pages": 100, "pause_s": 0.1, "board": name}, memory_mb=130, run_requested=False)
    supervise(**machine.flags)
    nodes.connection.execute("update nodes set run_requested = true")
    wait_for(lambda: nodes.runs("first") or nodes.runs("second"), 10, "one of them")
    early, late = ("first", "second") if nodes.runs("first") else ("second", "first")
    reason = nodes.wait_for_status(late, "waiting", 2)["status_reason"]
    assert reason.startswith(f"memory: {early} has just started and is still growing; only "), reason
    run = nodes.wait_for_pages(late)
    first = nodes.last(early)
    assert first["finished_at"] is None
    assert (run["started_at"] - first["started_at"]).total_seconds() >= 1.9


def test_a_node_whose_ticks_are_passed_over_while_it_waits_ages_all_the_same(
    supervise: Start, nodes: Nodes, machine: Machine
) -> None:
    """Its due time moves with each tick that is passed over; how long it has waited must not."""
    machine.leave(500)
    nodes.add("runs", "zoo:pages", {"pages": 300, "pause_s": 0.1, "board": "runs"}, memory_mb=150)
    supervise(**machine.flags, supervisor__ageing_s=5, supervisor__poll_s=0.5)
    nodes.wait_for_pages("runs")
    nodes.add("big", "zoo:pages", {"pages": 1, "board": "big"}, memory_mb=350, schedule="every 2s")
    wait_for(lambda: len([run for run in nodes.runs("big") if run["cause"] == "no_memory"]) >= 3, 20, "three ticks")
    nodes.add("late", "zoo:pages", {"pages": 1, "board": "late"}, memory_mb=100)
    reason = nodes.wait_for_status("late", "waiting", 10)["status_reason"]
    assert reason == "memory: big has waited longest and goes first"
    sample = wait_for(lambda: nodes.one("select rss_mb from memory_samples"), 15, "a sample of what runs meanwhile")
    assert sample is not None
    assert sample["rss_mb"] > 20
    nodes.update("runs", stop_requested=True)
    wait_for(lambda: any(run["cause"] == "done" for run in nodes.runs("big")), 15, "its turn")


def test_a_node_whose_peaks_climb_over_ten_runs_is_told_of_once(supervise: Start, nodes: Nodes) -> None:
    nodes.add("climbs", "weights:holds", {"mb": 15}, run_requested=False)
    nodes.add("steady", "weights:holds", {"mb": 15}, run_requested=False)
    remember(nodes, "climbs", [30.0 + 2 * number for number in range(9)])
    remember(nodes, "steady", [90.0 - number for number in range(9)])
    nodes.connection.execute("update nodes set run_requested = true")
    supervisor = supervise(scrapers__allow=["weights"])
    for name in ("climbs", "steady"):
        wait_for(lambda name=name: nodes.runs(name)[-1]["budget_mb"] and nodes.last(name)["finished_at"], 20, name)  # type: ignore[misc]
    event = supervisor.wait_for_event("memory_trend")
    assert (event["node"], event["first_mb"]) == ("climbs", 30.0)
    log = nodes.one("select level, message from run_logs where event = 'memory_trend'")
    assert log is not None
    assert log["level"] == "warning"
    assert log["message"].startswith("its memory has climbed over 10 runs, from 30 MB to ")
    nodes.update("climbs", run_requested=True)
    wait_for(lambda: len([run for run in nodes.runs("climbs") if run["budget_mb"]]) == 2, 20, "another run")
    wait_for(lambda: nodes.last("climbs")["finished_at"], 20, "its end")
    assert len(supervisor.happened("memory_trend")) == 1
