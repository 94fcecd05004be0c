"""A supervisor inside a real, limited memory group: it launches by the group's room, not by the host's."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_groups import control_group
from tests.fix_supervisor import Nodes, Start, Supervised
from tests.wait import wait_for

LIMIT_MB = 420


@pytest.fixture
def group() -> Iterator[Path]:
    """A control group with a limit on memory."""
    with control_group("memory") as folder:
        (folder / "memory.limit_in_bytes").write_text(str(LIMIT_MB * 2**20), encoding="ascii")
        yield folder


def _move_into(folder: Path, supervisor: Supervised) -> None:
    """The supervisor first: what it starts from then on is in the group as well."""
    wait_for(lambda: supervisor.happened("run_ended") or len(supervisor.tree()) >= 4, 10, "all it starts by itself")
    for pid in [supervisor.pid, *supervisor.tree()]:
        (folder / "cgroup.procs").write_text(str(pid), encoding="ascii")


def test_a_node_waits_for_the_groups_memory_and_one_beyond_its_limit_is_refused(
    supervise: Start, nodes: Nodes, group: Path
) -> None:
    supervisor = supervise(memory__reserve_mb=32)
    _move_into(group, supervisor)
    nodes.add("one", "zoo:pages", {"pages": 10, "pause_s": 0.2}, memory_mb=250, priority=1)
    nodes.wait_for_pages("one")
    nodes.add("two", "zoo:pages", {"pages": 1}, memory_mb=250)
    nodes.add("never", "zoo:pages", memory_mb=450)
    reason = nodes.wait_for_status("two", "waiting")["status_reason"]
    assert reason.startswith("memory: needs 250 MB, ")
    assert f"cgroup v1 limit {LIMIT_MB} MB" in reason
    (never,) = nodes.wait_for_ends("never")
    assert (never["status"], never["cause"]) == ("skipped", "too_big")
    assert f"cgroup v1 limit {LIMIT_MB} MB" in never["error"]
    (one,) = nodes.wait_for_ends("one")
    (two,) = nodes.wait_for_ends("two")
    assert (one["cause"], two["cause"]) == ("done", "done")
    assert two["started_at"] >= one["finished_at"]
    source = nodes.one("select memory_source, memory_limit_mb from supervisors")
    assert source is not None
    # Written every ten seconds; the first was before the group.
    wait_for(
        lambda: (nodes.one("select memory_limit_mb as mb from supervisors") or {})["mb"] == LIMIT_MB, 15, "its limit"
    )
    assert supervisor.terminate() == 0


def test_a_kill_by_the_kernel_is_told_apart_from_a_strangers(
    supervise: Start, nodes: Nodes, group: Path, tmp_path: Path
) -> None:
    """A real one, in a group of their own: the supervisor is stopped meanwhile, so that no guard is quicker."""
    supervisor = supervise(memory__reserve_mb=1)
    _move_into(group, supervisor)
    nodes.add("neighbour", "zoo:pages", {"pages": 40, "pause_s": 0.05}, memory_mb=64, max_attempts=1)
    go = tmp_path / "go"
    # Admitted with what it says it needs; it takes more than the group has in one go.
    greed = {"go": str(go), "mb": 900}
    nodes.add("greedy", "marathon:bursts", greed, memory_mb=200, max_attempts=1, data_limit=False)
    run = nodes.wait_for_pages("greedy")
    neighbour = nodes.wait_for_pages("neighbour")
    helpers = {supervisor.forkserver(), supervisor.keeper()}
    supervisor.process.send_signal(signal.SIGSTOP)
    try:
        # A stop takes a moment to reach every thread: one that still weighs would be quicker than the kernel.
        wait_for(partial(_is_stopped, supervisor.pid), 10, "every thread of the supervisor stands still")
        go.touch()
        wait_for(lambda: not processes.is_alive(run["pid"]), 10, "the kernel's kill")
    finally:
        supervisor.process.send_signal(signal.SIGCONT)
    (run,) = nodes.wait_for_ends("greedy", 1, 30)
    assert (run["cause"], run["exit_signal"]) == ("oom", signal.SIGKILL)
    assert "oom_kill" in run["error"]
    (ended,) = nodes.wait_for_ends("neighbour")
    # On a busy machine the kernel may take a second one before the first has given its memory back.
    assert (ended["cause"], ended["pid"]) in {("done", neighbour["pid"]), ("oom", neighbour["pid"])}
    assert {supervisor.forkserver(), supervisor.keeper()} == helpers
    assert supervisor.terminate() == 0


def test_two_supervisors_in_one_container_do_not_promise_the_same_memory_twice(
    supervise: Start, nodes: Nodes, group: Path
) -> None:
    """Each sees all that is free; what the other has promised counts as taken until that run is gone."""
    supervisors = [supervise(memory__reserve_mb=32, supervisor__max_concurrent=1) for _ in range(2)]
    for supervisor in supervisors:
        _move_into(group, supervisor)
    for name in ("one", "two"):
        nodes.add(name, "zoo:pages", {"pages": 8, "pause_s": 0.1, "board": name}, memory_mb=200)
    first, second = sorted((nodes.wait_for_ends(name)[0] for name in ("one", "two")), key=lambda run: run["started_at"])
    assert (first["cause"], second["cause"]) == ("done", "done")
    assert second["started_at"] >= first["finished_at"]
    for supervisor in supervisors:
        assert supervisor.terminate() == 0


def test_where_processes_are_few_a_node_waits_before_a_fork_can_fail(
    pids_group: Path, supervise: Start, nodes: Nodes
) -> None:
    """A fork that fails kills the forkserver, and with it every scrape."""
    supervisor = supervise()
    nodes.add("first", "zoo:pages", {"pages": 1, "board": 1})
    nodes.wait_for_ends("first")
    _move_into(pids_group, supervisor)
    now = int((pids_group / "pids.current").read_text(encoding="ascii"))
    (pids_group / "pids.max").write_text(str(now + 12), encoding="ascii")
    nodes.add("second", "zoo:pages", {"pages": 1, "board": 2})
    reason = nodes.wait_for_status("second", "waiting")["status_reason"]
    assert reason.endswith("16 are kept free"), reason
    assert reason.startswith("only 1")
    (pids_group / "pids.max").write_text("max", encoding="ascii")
    (second,) = nodes.wait_for_ends("second")
    assert second["cause"] == "done"
    assert supervisor.terminate() == 0


def _is_stopped(pid: int) -> bool:
    """Whether all threads of a process are stopped."""
    stats = (path.read_text("utf-8", "replace") for path in Path(f"/proc/{pid}/task").glob("*/stat"))
    return all(stat.rpartition(")")[2].split()[0] == "T" for stat in stats)
