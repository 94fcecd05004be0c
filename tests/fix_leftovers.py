"""A test that leaves a child process alive fails, and the child is killed so that the next test starts clean."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.wait import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 2.0
_left_alone: dict[int, bool] = {}


def leave_alone(pid: int | None, *, with_its_children: bool) -> None:
    """For session fixtures: this child stays; `with_its_children` for a server, whose children are its own affair."""
    if pid is not None:
        _left_alone[pid] = with_its_children


def living_children(pid: int | None = None) -> set[psutil.Process]:
    """Children of this process that somebody has to answer for; below one that is left alone, its children."""
    found: set[psutil.Process] = set()
    for child in _children_of(pid or os.getpid()):
        if child.pid not in _left_alone and not _is_resource_tracker(child):
            found.add(child)
        elif not _left_alone.get(child.pid, False):
            found |= living_children(child.pid)
    return found


def _children_of(pid: int) -> list[psutil.Process]:
    processes = []
    for child in _child_pids(pid):
        try:
            process = psutil.Process(child)
            if process.status() != psutil.STATUS_ZOMBIE:
                processes.append(process)
        except psutil.NoSuchProcess:
            continue
    return processes


def _child_pids(pid: int) -> list[int]:
    # The kernel's own list costs microseconds; psutil reads every process of the machine, twice a test.
    lists = list(Path(f"/proc/{pid}/task").glob("*/children"))
    if not lists:
        return [child.pid for child in psutil.Process(pid).children()]
    return [int(child) for path in lists for child in _words(path)]


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except OSError:  # the thread has ended
        return []


def _is_resource_tracker(process: psutil.Process) -> bool:
    # The standard library starts one with the first semaphore and keeps it to the end; no test owns it.
    try:
        return any("multiprocessing.resource_tracker" in word for word in process.cmdline())
    except psutil.Error:
        return False


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    """Compare the children before and after; those that are on their way out get two seconds."""
    before = living_children()
    yield
    with contextlib.suppress(AssertionError):
        wait_for(lambda: living_children() <= before, PATIENCE_S, "no child left")
    if left := living_children() - before:
        said = "; ".join(_end(process) for process in left)
        pytest.fail(f"the test left processes alive: {said}")


def _end(process: psutil.Process) -> str:
    """Kill a process with all below it and say what it was."""
    try:
        said = f"pid {process.pid}: {' '.join(process.cmdline())[:200]}"
        for each in (*process.children(recursive=True), process):
            each.kill()
        process.wait(PATIENCE_S)
    except psutil.NoSuchProcess:
        return f"pid {process.pid}, ended by now"
    return said
