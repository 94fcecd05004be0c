"""Orphans of scrapes: what a dead scrape leaves behind falls to the supervisor, which ends and reaps it."""

from __future__ import annotations

import os
import signal
import time

from supervisor import own_programs, processes
from workers.processes import OWNER_NAME, TAG_NAME, start_ticks

_SWEEP_S = 0.3


class Orphans:
    """Children of this process that belong to no living scrape."""

    def __init__(self, mark: str, *, owns_every_child: bool) -> None:
        """`mark`: of this supervisor. `owns_every_child`: unmarked ones that came after us are scrapes' too."""
        self._mark = mark
        self._owns_every_child = owns_every_child
        self._began = time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK")
        self._stuck: set[int] = set()  # killed, and still there: in uninterruptible sleep, or frozen
        self.keep = set(processes.children_of(os.getpid()))  # never swept

    def sweep(self) -> set[int]:
        """Kill and reap until two looks find none but those that cannot be killed; the runs whose they are."""
        until = time.monotonic() + _SWEEP_S
        empty = 0
        orphans: set[int] = set()
        while time.monotonic() < until and empty < 2:  # the first look may have raced with a reparenting
            orphans = {pid for pid in processes.children_of(os.getpid()) if self._is_orphan(pid)}
            for pid in orphans:
                processes.send_pid(pid, signal.SIGKILL)
                processes.reap(pid)
            fresh = orphans - self._stuck
            unsure = bool(fresh) or own_programs.being_started()
            empty = 0 if unsure else empty + 1
            if unsure:
                time.sleep(0.002)
        self._stuck = {pid for pid in orphans if processes.is_alive(pid)}
        return {run for pid in self._stuck if (run := _run_of(pid)) is not None}

    def _is_orphan(self, pid: int) -> bool:
        starting = own_programs.being_started()  # before asking who is known: a program is one or the other
        if pid in self.keep or pid in own_programs.known():
            return False
        if starting and _run_of(pid) is None:
            return False
        if processes.environment_of(pid).get(OWNER_NAME) == self._mark:
            return True
        # One that has wiped its environment. What was there before us, a helper of the shell that started us say,
        # is a stranger that only fell to us.
        return self._owns_every_child and (start_ticks(pid) or 0) > self._began


def _run_of(pid: int) -> int | None:
    number = processes.environment_of(pid).get(TAG_NAME, "").partition(".")[0]
    return int(number) if number.isdigit() else None
