"""Orphans of scrapes: what a dead scrape leaves behind falls to the supervisor, which ends and reaps it."""

from __future__ import annotations

import os
import signal
import time

from supervisor import processes
from workers.processes import OWNER_NAME

_SWEEP_S = 0.3


class Orphans:
    """Children of this process that belong to no living scrape."""

    def __init__(self, only_of: str | None) -> None:
        """`only_of`: sweep only what carries the mark of that supervisor; None: every unknown child."""
        self._only_of = only_of
        self.keep = set(processes.children_of(os.getpid()))  # never swept

    def sweep(self) -> bool:
        """Kill and reap; True when two looks found none."""
        until = time.monotonic() + _SWEEP_S
        empty = 0
        while time.monotonic() < until:
            orphans = [pid for pid in processes.children_of(os.getpid()) if self._is_orphan(pid)]
            for pid in orphans:
                processes.send_pid(pid, signal.SIGKILL)
                processes.reap(pid)
            empty = 0 if orphans else empty + 1
            if empty == 2:  # the first look may have raced with a reparenting
                return True
            if orphans:
                time.sleep(0.002)
        return False

    def _is_orphan(self, pid: int) -> bool:
        if pid in self.keep:
            return False
        return self._only_of is None or processes.environment_of(pid).get(OWNER_NAME) == self._only_of
