"""What a run died of: its own good word first, then what we did to it, then its own bad word, then its exit."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from typing import Any

import pytest

from supervisor.guard import boottime
from supervisor.launchers import Ended, Flight
from supervisor.settle import verdict_of
from workers.heartbeat import FENCED_EXIT
from workers.records import Assignment
from workers.states import Cause, EndedBy, RunStatus, status_of

ASSIGNMENT = Assignment(
    run_id=1,
    node_id=1,
    node="n",
    epoch=1,
    owner="o",
    supervisor_id="s",
    scraper="zoo:any",
    params={},
    checkpoint=None,
    tick=datetime(2025, 1, 1, tzinfo=UTC),
    attempt=1,
    part=0,
    now=datetime(2025, 1, 1, tzinfo=UTC),
    launched_at=0.0,
    timeout_s=600.0,
    database_url="",
    budget_mb=256,
)


def ended(intent: Cause | None = None, rung: EndedBy = EndedBy.SELF, **facts: Any) -> Ended:
    flight = Flight(assignment=ASSIGNMENT, pid=1, lease_sent_at=0.0, intent=intent, rung=rung)
    flight.sentence = f"we did: {intent}" if intent else None
    return Ended(flight=flight, outcome=None, **facts)


def said(cause: Cause, **facts: Any) -> dict[str, Any]:
    return {"status": status_of(cause), "cause": cause, "error": f"it said: {cause}", **facts}


@pytest.mark.parametrize("cause", [Cause.DONE, Cause.RECYCLED])
@pytest.mark.parametrize("intent", [None, Cause.TIMEOUT, Cause.REQUESTED])
def test_a_good_word_counts_whatever_was_done_to_it_afterwards(cause: Cause, intent: Cause | None) -> None:
    verdict = verdict_of(ended(intent, EndedBy.KILL, exit_signal=9), said(cause), came_up=True)
    assert (verdict.cause, verdict.ended_by) == (cause, EndedBy.SELF)


INTENTS = [
    Cause.TIMEOUT,
    Cause.MEMORY,
    Cause.STALE,
    Cause.STALLED,
    Cause.REQUESTED,
    Cause.SHUTDOWN,
    Cause.LOST,
    Cause.FENCED,
    Cause.BOOT_FAILED,
]


@pytest.mark.parametrize("intent", INTENTS)
@pytest.mark.parametrize("outcome", [None, said(Cause.EXCEPTION), said(Cause.REQUESTED)])
def test_what_we_did_to_it_explains_its_death(intent: Cause, outcome: dict[str, Any] | None) -> None:
    ending = ended(intent, EndedBy.KILL, exit_signal=9, oom_killed=True, launcher_died=True)
    verdict = verdict_of(ending, outcome, came_up=True)
    assert (verdict.cause, verdict.told, verdict.ended_by) == (intent, f"we did: {intent}", EndedBy.KILL)


def test_without_a_sentence_of_ours_its_own_is_told() -> None:
    ending = ended(Cause.REQUESTED, EndedBy.TERM)
    ending.flight.sentence = None
    assert verdict_of(ending, said(Cause.EXCEPTION), came_up=True).told == "it said: exception"


@pytest.mark.parametrize("cause", [Cause.EXCEPTION, Cause.BLOCKED, Cause.MEMORY])
def test_its_own_bad_word_counts_before_its_exit(cause: Cause) -> None:
    outcome = said(cause, traceback="Traceback", retriable=False)
    verdict = verdict_of(ended(exit_code=1, exit_signal=9, oom_killed=True), outcome, came_up=True)
    assert (verdict.cause, verdict.told) == (cause, f"it said: {cause}")
    assert (verdict.traceback, verdict.retriable, verdict.ended_by) == ("Traceback", False, EndedBy.SELF)


@pytest.mark.parametrize(
    ("deadline_in_s", "cause"), [(-0.6, Cause.TIMEOUT), (60.0, Cause.KILLED), (None, Cause.KILLED)]
)
def test_a_sigkill_that_nobody_sent_was_the_kernels_timer_if_the_deadline_is_past(
    deadline_in_s: float | None, cause: Cause
) -> None:
    ending = ended(exit_signal=signal.SIGKILL)
    ending.flight.deadline = 0.0 if deadline_in_s is None else boottime() + deadline_in_s
    verdict = verdict_of(ending, None, came_up=True)
    assert (verdict.cause, verdict.ended_by) == (cause, EndedBy.KILL)
    assert (verdict.told == "killed after 600 s: hard timeout") is (cause is Cause.TIMEOUT)


def test_a_sigterm_of_the_pool_whose_forkserver_died_is_nobodys_fault() -> None:
    """The pool terminates what it still has; a process may have the time to take that for a stranger's doing."""
    assert verdict_of(ended(launcher_died=True), said(Cause.KILLED), came_up=True).cause is Cause.LOST
    assert verdict_of(ended(), said(Cause.KILLED), came_up=True).cause is Cause.KILLED
    assert verdict_of(ended(launcher_died=True), said(Cause.EXCEPTION), came_up=True).cause is Cause.EXCEPTION


def test_a_stop_that_it_followed_by_itself_was_soft() -> None:
    verdict = verdict_of(ended(exit_code=0), said(Cause.REQUESTED), came_up=True)
    assert (verdict.cause, verdict.ended_by) == (Cause.REQUESTED, EndedBy.SOFT)


STILLBORN = "{} ended its process before it wrote its identity"


@pytest.mark.parametrize(
    ("facts", "came_up", "cause", "told"),
    [
        ({"launcher_died": True, "exit_code": 255}, True, Cause.LOST, "lost: the forkserver died and took it along"),
        ({"exit_code": FENCED_EXIT}, True, Cause.FENCED, None),
        ({"exit_code": FENCED_EXIT}, False, Cause.FENCED, None),
        ({"exit_signal": 9, "oom_killed": True}, True, Cause.OOM, None),
        ({"exit_signal": 9, "oom_killed": True}, False, Cause.OOM, None),
        ({"exit_signal": signal.SIGSEGV}, True, Cause.CRASHED, "crashed: SIGSEGV in its own code"),
        ({"exit_signal": signal.SIGABRT}, False, Cause.BOOT_FAILED, STILLBORN.format("SIGABRT")),
        ({"exit_signal": signal.SIGKILL}, False, Cause.BOOT_FAILED, STILLBORN.format("SIGKILL")),
        ({"exit_code": 1}, False, Cause.BOOT_FAILED, None),
        ({"exit_code": 0}, False, Cause.BOOT_FAILED, None),
        ({"exit_signal": signal.SIGKILL}, True, Cause.KILLED, "killed: SIGKILL from a stranger, not from us"),
        ({"exit_signal": signal.SIGTERM}, True, Cause.KILLED, "killed: SIGTERM from a stranger, not from us"),
        ({"exit_code": 0}, True, Cause.CRASHED, "exited with status 0 without a result"),
        ({"exit_code": 7}, True, Cause.CRASHED, "exited with status 7 without a result"),
        ({}, True, Cause.CRASHED, "ended without a result"),
    ],
)
def test_a_silent_death_is_judged_by_its_exit(
    facts: dict[str, Any], came_up: bool, cause: Cause, told: str | None
) -> None:
    verdict = verdict_of(ended(**facts), None, came_up=came_up)
    assert (verdict.cause, verdict.told) == (cause, told)
    assert verdict.retriable
    assert status_of(cause) is RunStatus.ERROR
