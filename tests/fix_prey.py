"""Processes under guard, without a database and without a launcher."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from supervisor import processes
from supervisor.guard import Guard, boottime
from supervisor.launchers import Flight
from tests.pure.test_verdicts import ASSIGNMENT
from workers.processes import OWNER_NAME

MARK = f"guard-test-{os.getpid()}"
HOLDS = "import sys, time; block = bytearray(b'x' * (int(sys.argv[1]) << 20)); print(flush=True); time.sleep(600)"
DEAF = """
import signal, time
for number in (signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, signal.SIG_IGN)
print(flush=True)
time.sleep(600)
"""
# Forks as fast as it can, below a process that keeps what is orphaned there, as a scrape does.
BREEDS = """
import os, time
from workers.protect import become_subreaper
become_subreaper()
print(flush=True)
while True:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()
    time.sleep(0.001)
"""


class Prey:
    """A process under guard."""

    def __init__(self, guard: Guard, code: str, *words: str, budget_mb: int = 1000, timeout_s: float = 600) -> None:
        """Watched from the moment it says that it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdout=subprocess.PIPE,
            env={**os.environ, OWNER_NAME: MARK, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()
        now = boottime()
        assignment = replace(
            ASSIGNMENT, run_id=self.process.pid, budget_mb=budget_mb, timeout_s=timeout_s, launched_at=now
        )
        self.flight = Flight(assignment=assignment, pid=self.process.pid, lease_sent_at=now, deadline=now + timeout_s)
        self.flight.soft_s = self.flight.term_s = 0.3
        self.pidfd = os.pidfd_open(self.process.pid)
        guard.watch(self.flight, self.pidfd)

    def wait_for_death(self, limit_s: float) -> int:
        """Its exit code."""
        return self.process.wait(limit_s)

    def close(self) -> None:
        """Kill it and all it has started."""
        processes.kill_tree(self.process.pid, self.pidfd)
        self.process.wait(5)
        os.close(self.pidfd)
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def prey() -> Iterator[list[Prey]]:
    """What a test puts under guard."""
    started: list[Prey] = []
    yield started
    for each in started:
        each.close()


@pytest.fixture
def guard(prey: list[Prey]) -> Iterator[Guard]:
    """A guard whose leases last long."""
    _ = prey  # the guard is closed before what it watches
    own = Guard(cut_off_s=600)
    yield own
    own.close()
