"""A supervisor inside a real, limited memory group: it launches by the group's room, not by the host's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fix_supervisor import Nodes, Start, alive
from tests.wait import wait_for

MEMORY = Path("/sys/fs/cgroup/memory")
PIDS = Path("/sys/fs/cgroup/pids")
LIMIT_MB = 420


@pytest.fixture
def group() -> Iterator[Path]:
    """A control group of version 1 with a limit."""
    if not os.access(MEMORY / "memory.limit_in_bytes", os.W_OK):
        pytest.skip("needs root and a writable memory hierarchy of cgroup v1 at /sys/fs/cgroup/memory")
    folder = MEMORY / f"scrapewarden-test-run-{os.getpid()}"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(LIMIT_MB * 2**20), encoding="ascii")
    yield folder
    wait_for(lambda: not alive(_members(folder)), 5, "the end of all in the group")
    wait_for(lambda: _removed(folder), 5, "the group's end")


def _members(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "cgroup.procs").read_text(encoding="ascii").split()]


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def test_a_node_waits_for_the_groups_memory_and_one_beyond_its_limit_is_refused(
    supervise: Start, nodes: Nodes, group: Path
) -> None:
    supervisor = supervise(memory__reserve_mb=32)
    (group / "cgroup.procs").write_text(str(supervisor.pid), encoding="ascii")
    forkserver_and_others = supervisor.tree()
    for pid in forkserver_and_others:
        (group / "cgroup.procs").write_text(str(pid), encoding="ascii")
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


def test_a_kill_by_the_kernel_is_told_apart_from_a_strangers(supervise: Start, nodes: Nodes, group: Path) -> None:
    """Real out-of-memory: the budget allows more than the group has left."""
    supervisor = supervise(memory__reserve_mb=1, memory__max_budget_mb=4096, memory__proc_root="/proc")
    for pid in [supervisor.pid, *supervisor.tree()]:
        (group / "cgroup.procs").write_text(str(pid), encoding="ascii")
    # Admitted with what it says it needs; it takes the whole group in one go, faster than anybody can look.
    nodes.add("greedy", "zoo:bursts", {"burst_mb": 900}, memory_mb=300, max_attempts=1, data_limit=False)
    (run,) = nodes.wait_for_ends("greedy", 1, 30)
    assert run["cause"] in ("oom", "memory"), run["error"]
    if run["cause"] == "oom":
        assert "oom_kill" in run["error"]
    assert supervisor.process.poll() is None
    assert supervisor.terminate() == 0


@pytest.fixture
def pids_group() -> Iterator[Path]:
    """A control group of version 1 for counting processes."""
    if not os.access(PIDS / "cgroup.procs", os.W_OK):
        pytest.skip("needs root and a writable pids hierarchy of cgroup v1 at /sys/fs/cgroup/pids")
    folder = PIDS / f"scrapewarden-test-run-{os.getpid()}"
    folder.mkdir()
    yield folder
    wait_for(lambda: not alive(_members(folder)), 5, "the end of all in the group")
    wait_for(lambda: _removed(folder), 5, "the group's end")


def test_where_processes_are_few_a_node_waits_before_a_fork_can_fail(
    pids_group: Path, supervise: Start, nodes: Nodes
) -> None:
    """A fork that fails kills the forkserver, and with it every scrape."""
    supervisor = supervise()
    nodes.add("first", "zoo:pages", {"pages": 1, "board": 1})
    nodes.wait_for_ends("first")
    for pid in [supervisor.pid, *supervisor.tree()]:
        (pids_group / "cgroup.procs").write_text(str(pid), encoding="ascii")
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
