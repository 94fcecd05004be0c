"""Policy, without acting on it: what follows an end, and what may start."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from supervisor import decide
from workers.states import CAUSES_OF, UNCHARGED, Cause, RunStatus

RETRIES = decide.Retries(base_s=2.0, cap_s=30.0)
ROOM = decide.Room(
    available_mb=400, limit_mb=512, source="cgroup v2", reserve_mb=64, promised_mb=100, own_mb=50, running=2
)
ENDS = [cause for cause in Cause if cause not in CAUSES_OF[RunStatus.SKIPPED]]
CHARGED = [cause for cause in CAUSES_OF[RunStatus.ERROR] if cause not in UNCHARGED]


def step_after(cause: Cause, *, attempt: int = 1, retriable: bool = True) -> decide.Step:
    end = decide.End(cause=cause, retriable=retriable)
    return decide.after(end, attempt=attempt, max_attempts=3, retries=RETRIES, uniform=0.5).step


def test_every_end_has_its_next_step() -> None:
    expected = dict.fromkeys(ENDS, "retry") | dict.fromkeys(UNCHARGED, "part")
    expected |= {Cause.DONE: "end", Cause.REQUESTED: "stop"}
    assert {cause: step_after(cause) for cause in ENDS} == expected


@pytest.mark.parametrize("cause", sorted(UNCHARGED))
@pytest.mark.parametrize("attempt", [1, 3, 99])
def test_what_was_nobodys_fault_goes_on_in_a_further_part_however_many_attempts(cause: Cause, attempt: int) -> None:
    assert step_after(cause, attempt=attempt, retriable=False) == "part"


@pytest.mark.parametrize("cause", sorted(CHARGED))
def test_an_error_is_retried_until_its_attempts_are_spent(cause: Cause) -> None:
    assert [step_after(cause, attempt=attempt) for attempt in (1, 2, 3, 4)] == ["retry", "retry", "bury", "bury"]


@pytest.mark.parametrize("cause", sorted(CHARGED))
def test_an_error_that_no_retry_can_mend_is_buried_at_once(cause: Cause) -> None:
    assert step_after(cause, retriable=False) == "bury"


@given(
    attempt=some.integers(1, 10_000),
    base_s=some.floats(0.001, 1e4),
    cap_s=some.floats(0.001, 1e6),
    uniform=some.floats(0, 1, exclude_max=True),
)
def test_a_retry_waits_between_half_and_all_of_the_doubling_delay(
    attempt: int, base_s: float, cap_s: float, uniform: float
) -> None:
    longest = min(cap_s, base_s * 2.0 ** min(attempt - 1, 1_000))
    delay = decide.retry_delay_s(attempt, decide.Retries(base_s=base_s, cap_s=cap_s), uniform)
    assert 0.5 * longest <= delay <= longest


def test_delays_double_up_to_the_cap() -> None:
    delays = [decide.retry_delay_s(attempt, RETRIES, 0.0) for attempt in range(1, 7)]
    assert delays == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    end = decide.End(cause=Cause.TIMEOUT)
    after = decide.after(end, attempt=2, max_attempts=3, retries=RETRIES, uniform=0.0)
    assert after == decide.Next(step="retry", delay_s=2.0)


@pytest.mark.parametrize(("budget_mb", "starts"), [(1, True), (236, True), (237, False), (398, False)])
def test_a_scrape_starts_only_in_memory_that_is_really_there(budget_mb: int, starts: bool) -> None:
    assert isinstance(decide.admit(budget_mb, ROOM), decide.Launch if starts else decide.Wait)


def test_a_wait_for_memory_names_every_figure() -> None:
    decision = decide.admit(300, ROOM)
    assert decision == decide.Wait(
        cause=Cause.NO_MEMORY,
        reason="memory: needs 300 MB, 236 MB free (400 MB available, 100 MB promised to 2 running, "
        "64 MB reserve; cgroup v2)",
    )


def test_what_can_never_fit_is_refused_with_the_next_step() -> None:
    assert isinstance(decide.admit(398, replace(ROOM, available_mb=0)), decide.Wait)
    decision = decide.admit(399, ROOM)
    assert isinstance(decision, decide.Refuse)
    assert decision.cause is Cause.TOO_BIG
    assert decision.reason == (
        "needs 399 MB, but at most 398 MB can ever be free here: cgroup v2 less 64 MB reserve and 50 MB of our own; "
        "lower memory_mb or raise the limit"
    )


def test_free_memory_is_never_told_as_less_than_nothing() -> None:
    decision = decide.admit(100, replace(ROOM, available_mb=10))
    assert isinstance(decision, decide.Wait)
    assert " 0 MB free " in decision.reason


@given(budget=some.integers(1, 2_000), available=some.floats(0, 2_000), promised=some.floats(0, 2_000))
def test_more_free_memory_never_turns_a_launch_into_a_wait(budget: int, available: float, promised: float) -> None:
    room = replace(ROOM, available_mb=available, promised_mb=promised)
    more = replace(room, available_mb=available + 100)
    assert isinstance(decide.admit(budget, more), decide.Launch) >= isinstance(
        decide.admit(budget, room), decide.Launch
    )


def test_a_node_holds_others_back_after_its_time_and_not_before() -> None:
    assert (decide.held_back(599.9, 600), decide.held_back(600, 600)) == (False, True)


def test_errors_are_those_of_the_state_table() -> None:
    assert {cause for cause in Cause if decide.is_error(cause)} == CAUSES_OF[RunStatus.ERROR]
