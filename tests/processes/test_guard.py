"""The guard alone, on real processes: no database, no launcher, so only its own thread can have acted."""

from __future__ import annotations

import signal

from supervisor import processes
from supervisor.guard import Guard, boottime
from tests.fix_prey import BREEDS, DEAF, HOLDS, MARK, Prey
from tests.fix_supervisor import none_alive
from tests.wait import wait_for
from workers.processes import OWNER_NAME
from workers.states import Cause, EndedBy
from workers.stop import SOFT_STOP

CUT_OFF_S = 2.0


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
    # It does not wait for its child, whose death comes first and must not be taken for the end.
    family = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {HOLDS!r}, '1'])\ntime.sleep(600)"
    prey.append(Prey(guard, family))
    below = wait_for(lambda: processes.descendants_of(prey[0].process.pid), 3, "a grandchild")
    guard.end(prey[0].flight.assignment.run_id, Cause.REQUESTED, None, EndedBy.TERM)
    assert prey[0].wait_for_death(3) == -signal.SIGTERM
    wait_for(lambda: none_alive(below), 2, "its grandchild's end")
