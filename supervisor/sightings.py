"""Processes that were seen, told apart from strangers that were given their number since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from supervisor import processes
from workers.processes import start_ticks


class Pid(NamedTuple):
    """One process of this boot."""

    pid: int
    ticks: int  # when it started, in clock ticks since boot

    @property
    def alive(self) -> bool:
        """Whether this very process is still there, and no zombie."""
        return start_ticks(self.pid) == self.ticks and processes.is_alive(self.pid)


def pid_of(number: int) -> Pid:
    """The process that has the number now."""
    return Pid(number, start_ticks(number) or 0)


def alive(pids: Iterable[Pid]) -> list[Pid]:
    """Those that are still there."""
    return [pid for pid in pids if pid.alive]
