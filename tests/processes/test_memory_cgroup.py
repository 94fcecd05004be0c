"""Memory readings and kernel kills in real control groups, made by hand where the v1 memory hierarchy is writable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from supervisor.memory import MB, MemoryReading, read_memory
from tests.wait import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path("/sys/fs/cgroup/memory")
PROJECT = Path(__file__).parents[2]
TAG = f"scrapewarden-test-{os.getpid()}"

# Enters its group first, so that not one page of the interpreter is charged elsewhere.
ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"'

EATER = """
import json, os, sys
from dataclasses import asdict
from supervisor.memory import read_memory

private_mb, cached_mb, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
held = os.urandom(4096) * (private_mb * 256)
path = os.path.join(folder, f"cached-{os.getpid()}")
with open(path, "wb") as file:
    for _ in range(cached_mb):
        file.write(bytes(1024 * 1024))
    file.flush()
    os.fsync(file.fileno())
with open(path, "rb") as file:
    while file.read(1024 * 1024):
        pass
print(json.dumps(asdict(read_memory())), flush=True)
sys.stdin.read()
"""


def _remove(group: Path) -> None:
    def gone() -> bool:
        try:
            group.rmdir()
        except OSError:  # busy until the kernel has let go of its last process
            return not group.exists()
        return True

    wait_for(gone, 5, f"{group.name} removed")


class Groups:
    """Makes groups and starts children in them; ends and removes all of them when it is closed."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        """Keep what is made on `stack`; children write their files into `folder`."""
        self.stack = stack
        self.folder = folder

    def make(self, name: str, *, limit_mb: int) -> Path:
        """Make a group below the top of the mount; a name with a slash is nested."""
        group = ROOT / f"{TAG}-{name}"
        group.mkdir()
        self.stack.callback(_remove, group)
        (group / "memory.limit_in_bytes").write_text(str(limit_mb * MB))
        return group

    def start(self, group: Path, *, private_mb: int, cached_mb: int = 0) -> subprocess.Popen[str]:
        """Start a child in the group that takes this much memory and file cache, and then waits."""
        eater = [sys.executable, "-c", EATER, str(private_mb), str(cached_mb), str(self.folder)]
        child = subprocess.Popen(
            ["/bin/sh", "-c", ENTER, str(group), *eater],
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.stack.enter_context(child)
        self.stack.callback(child.kill)
        return child


@pytest.fixture
def groups(tmp_path: Path) -> Iterator[Groups]:
    """Control groups of the test's own, or the reason why there can be none."""
    if not (ROOT / "memory.limit_in_bytes").is_file():
        pytest.skip("no cgroup v1 memory hierarchy at /sys/fs/cgroup/memory")
    if os.geteuid() != 0 or not os.access(ROOT, os.W_OK):
        pytest.skip("the cgroup v1 memory hierarchy is not writable for this user")
    with ExitStack() as stack:
        yield Groups(stack, tmp_path)


def _answer(child: subprocess.Popen[str]) -> dict[str, Any]:
    assert child.stdout is not None
    line = child.stdout.readline()
    assert line, "the child ended without a reading"
    reading: dict[str, Any] = json.loads(line)
    return reading


def _read_as_member(group: Path, folder: Path) -> MemoryReading:
    """Take the reading that a process of this group would take, from outside."""
    proc = folder / f"proc-of-{group.name}"
    (proc / "self").mkdir(parents=True, exist_ok=True)
    (proc / "self" / "cgroup").write_text(f"4:memory:/{group.relative_to(ROOT)}\n")
    return read_memory(proc_root=proc)


def test_a_process_in_a_limited_group_sees_the_groups_room_and_not_the_hosts(groups: Groups) -> None:
    group = groups.make("limited", limit_mb=200)
    reading = _answer(groups.start(group, private_mb=80, cached_mb=50))
    assert reading["limit_mb"] == 200
    assert reading["source"] == f"cgroup v1 limit 200 MB at /{group.name}"
    assert 85 < reading["available_mb"] <= 120  # the interpreter and the kernel's own share take the rest


def test_file_cache_is_in_the_kernels_usage_and_not_in_ours(groups: Groups) -> None:
    group = groups.make("cached", limit_mb=200)
    reading = _answer(groups.start(group, private_mb=80, cached_mb=50))
    usage_mb = int((group / "memory.usage_in_bytes").read_text()) / MB
    assert usage_mb > 80 + 50
    assert reading["tightest"]["used_mb"] < usage_mb - 45


def test_a_child_over_the_limit_is_killed_by_the_kernel_and_the_counter_rises(groups: Groups) -> None:
    group = groups.make("oom", limit_mb=60)
    before = _read_as_member(group, groups.folder).oom_kills
    child = groups.start(group, private_mb=400)
    assert child.wait(timeout=30) == -9
    assert before == 0
    wait_for(lambda: _read_as_member(group, groups.folder).oom_kills == 1, 5, "the kill counted")


def test_a_kill_in_one_group_is_not_counted_in_another(groups: Groups) -> None:
    noisy, quiet = groups.make("noisy", limit_mb=60), groups.make("quiet", limit_mb=60)
    groups.start(noisy, private_mb=400).wait(timeout=30)
    wait_for(lambda: _read_as_member(noisy, groups.folder).oom_kills == 1, 5, "the kill counted")
    assert _read_as_member(quiet, groups.folder).oom_kills == 0


def test_in_nested_groups_a_neighbours_use_of_the_outer_one_decides(groups: Groups) -> None:
    outer = groups.make("outer", limit_mb=150)
    inner = groups.make("outer/inner", limit_mb=120)
    neighbour = groups.make("outer/neighbour", limit_mb=120)
    _answer(groups.start(neighbour, private_mb=70))
    reading = _answer(groups.start(inner, private_mb=10))
    assert reading["limit_mb"] == 120
    assert reading["source"] == f"cgroup v1 limit 120 MB at /{outer.name}/inner"
    assert reading["tightest"]["path"] == f"/{outer.name}"
    assert 20 < reading["available_mb"] < 70


def test_members_of_two_groups_below_one_limit_name_the_same_domain(groups: Groups) -> None:
    groups.make("shared", limit_mb=100)
    first = groups.make("shared/first", limit_mb=100)
    second = groups.make("shared/second", limit_mb=100)
    own = _read_as_member(first, groups.folder).domain
    assert own == _read_as_member(second, groups.folder).domain
    assert own != read_memory().domain
