"""The guard alone, on real processes: no database, no launcher, so only its own thread can have acted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from supervisor import processes
from supervisor.guard import Guard, boottime
from supervisor.launchers import Flight
from tests.fix_supervisor import none_alive
from tests.pure.test_verdicts import ASSIGNMENT
from tests.wait import wait_for
from workers.processes import OWNER_NAME
from workers.states import Cause, EndedBy
from workers.stop import SOFT_STOP

CUT_OFF_S = 2.0
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
        assignment = replace(ASSIGNMENT, run_id=self.process.pid, budget_mb=budget_mb, timeout_s=timeout_s)
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


def test_a_deadline_kills_and_says_so(guard: Guard, prey: list[Prey]) -> None:
    prey.append(Prey(guard, DEAF, timeout_s=0.5))
    assert prey[0].wait_for_death(1.5) == -signal.SIGKILL
    flight = prey[0].flight
    assert (flight.intent, flight.rung, flight.sentence) == (
        Cause.TIMEOUT,
        EndedBy.KILL,
        "killed after 0.5 s: hard timeout",
    )


def test_a_lease_that_is_not_renewed_cuts_off_and_one_that_is_does_not(prey: list[Prey]) -> None:
    guard = Guard(cut_off_s=CUT_OFF_S)
    try:
        prey += [Prey(guard, DEAF), Prey(guard, DEAF)]
        forgotten, kept = prey

        def renew_until_the_other_is_dead() -> bool:
            guard.renewed([kept.flight.assignment.run_id], boottime())
            return forgotten.process.poll() is not None

        wait_for(renew_until_the_other_is_dead, CUT_OFF_S + 1, "the cut-off")
        assert forgotten.flight.intent is Cause.LOST
        assert (kept.process.poll(), kept.flight.intent) == (None, None)
    finally:
        guard.close()


def test_an_old_renewal_never_shortens_a_lease(guard: Guard, prey: list[Prey]) -> None:
    prey.append(Prey(guard, DEAF))
    sent_at = prey[0].flight.lease_sent_at
    guard.renewed([prey[0].flight.assignment.run_id], sent_at - 1000)
    assert prey[0].flight.lease_sent_at == sent_at


def test_the_ladder_goes_from_soft_over_term_to_kill_and_the_first_cause_stands(guard: Guard, prey: list[Prey]) -> None:
    prey.append(Prey(guard, DEAF))
    flight = prey[0].flight
    guard.end(flight.assignment.run_id, Cause.REQUESTED, None, EndedBy.SOFT)
    assert flight.rung is EndedBy.SOFT
    wait_for(lambda: flight.rung is EndedBy.TERM, 1, "the second rung")
    guard.end(flight.assignment.run_id, Cause.SHUTDOWN, "too late", EndedBy.SOFT)
    assert (flight.rung, flight.intent, flight.sentence) == (EndedBy.TERM, Cause.REQUESTED, None)
    assert prey[0].wait_for_death(2) == -signal.SIGKILL
    assert prey[0].flight.rung is EndedBy.KILL


def test_the_first_cause_stands_however_the_end_comes(guard: Guard, prey: list[Prey]) -> None:
    prey.append(Prey(guard, DEAF))
    guard.end(prey[0].flight.assignment.run_id, Cause.REQUESTED, None, EndedBy.SOFT)
    guard.end(prey[0].flight.assignment.run_id, Cause.STALE, "killed: no heartbeat", EndedBy.KILL)
    assert prey[0].wait_for_death(2) == -signal.SIGKILL
    assert (prey[0].flight.intent, prey[0].flight.sentence) == (Cause.REQUESTED, None)


def test_the_first_rung_asks_by_the_agreed_signal(guard: Guard, prey: list[Prey]) -> None:
    prey.append(Prey(guard, HOLDS, "1"))
    guard.end(prey[0].flight.assignment.run_id, Cause.REQUESTED, None, EndedBy.SOFT)
    assert prey[0].wait_for_death(2) == -SOFT_STOP


def test_a_process_over_its_budget_is_ended_by_the_second_look_and_not_by_the_first(
    guard: Guard, prey: list[Prey]
) -> None:
    prey.append(Prey(guard, HOLDS, "110", budget_mb=105))
    flight = prey[0].flight
    first = wait_for(lambda: flight.over_since, 3, "the first look")
    assert (flight.rung, flight.intent) == (EndedBy.SELF, None)
    assert prey[0].wait_for_death(3) == -signal.SIGTERM
    assert boottime() - (first or 0) >= 0.9
    assert (flight.intent, flight.rung) == (Cause.MEMORY, EndedBy.TERM)
    assert (flight.sentence or "").startswith("killed, twice over its memory budget: 1")


def test_a_process_far_over_its_budget_is_killed_by_the_first_look(guard: Guard, prey: list[Prey]) -> None:
    prey.append(Prey(guard, HOLDS, "110", budget_mb=60))
    assert prey[0].wait_for_death(3) == -signal.SIGKILL
    assert (prey[0].flight.intent, prey[0].flight.over_since) == (Cause.MEMORY, None)
    assert (prey[0].flight.sentence or "").startswith("killed at once, far over its memory budget: 1")


def test_memory_of_descendants_counts(guard: Guard, prey: list[Prey]) -> None:
    family = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {HOLDS!r}, '110']).wait()"
    prey.append(Prey(guard, family, budget_mb=60))
    assert prey[0].wait_for_death(5) == -signal.SIGKILL
    assert prey[0].flight.peak_mb > 100


def test_a_process_that_stays_after_its_result_is_killed_without_a_cause(guard: Guard, prey: list[Prey]) -> None:
    prey.append(Prey(guard, DEAF))
    prey[0].flight.finished_seen_at = boottime()
    assert prey[0].wait_for_death(5) == -signal.SIGKILL
    assert prey[0].flight.intent is None


def test_a_submit_that_takes_too_long_costs_the_forkserver_its_life_and_one_that_does_not_nothing(
    guard: Guard, prey: list[Prey]
) -> None:
    prey += [Prey(guard, DEAF), Prey(guard, DEAF)]
    stuck, quick = prey
    with guard.submitting(quick.process.pid):
        pass
    with guard.submitting(stuck.process.pid):
        assert stuck.wait_for_death(7) == -signal.SIGKILL
    assert quick.process.poll() is None


def test_a_tree_that_grows_while_it_is_killed_is_killed_whole(guard: Guard, prey: list[Prey]) -> None:
    """By nobody but the guard: there is no supervisor here that would sweep what is left."""
    prey.append(Prey(guard, BREEDS))
    wait_for(lambda: len(processes.descendants_of(prey[0].process.pid)) > 20, 5, "a large family")
    guard.end(prey[0].flight.assignment.run_id, Cause.REQUESTED, None, EndedBy.KILL)
    assert prey[0].wait_for_death(3) == -signal.SIGKILL
    assert list(processes.tagged_with(OWNER_NAME, MARK)) == []


def test_sigterm_reaches_the_whole_tree(guard: Guard, prey: list[Prey]) -> None:
    family = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {HOLDS!r}, '1']).wait()"
    prey.append(Prey(guard, family))
    below = wait_for(lambda: processes.descendants_of(prey[0].process.pid), 3, "a grandchild")
    guard.end(prey[0].flight.assignment.run_id, Cause.REQUESTED, None, EndedBy.TERM)
    assert prey[0].wait_for_death(3) == -signal.SIGTERM
    wait_for(lambda: none_alive(below), 2, "its grandchild's end")
