"""What follows the end of a run, over all that it depends on: every cause, attempt, limit, wish and delay."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from supervisor import decide
from workers.states import CAUSES_OF, UNCHARGED, Cause, RunStatus

ENDS = sorted(cause for status, causes in CAUSES_OF.items() for cause in causes if status is not RunStatus.SKIPPED)
MOST = 20
RETRIES = decide.Retries(base_s=2, cap_s=30)
ends = some.builds(
    decide.End,
    cause=some.sampled_from(ENDS),
    retriable=some.booleans(),
    met_breaker=some.booleans(),
    wait_s=some.floats(0, 1e6),
)
settings = some.builds(decide.Retries, base_s=some.floats(0, 1e4), cap_s=some.floats(0, 1e6))
uniforms = some.floats(0, 1, exclude_max=True)
limits = some.integers(1, MOST)


def is_free(end: decide.End) -> bool:
    """Whether the end spends no attempt, as rule 2 has it."""
    return end.cause in UNCHARGED or (end.cause is Cause.BLOCKED and end.met_breaker)


def is_charged(end: decide.End) -> bool:
    """Whether it spends one."""
    return end.cause in CAUSES_OF[RunStatus.ERROR] and not is_free(end)


@pytest.mark.parametrize("cause", ENDS)
def test_every_end_has_the_step_that_its_kind_has(cause: Cause) -> None:
    for attempt, most, retriable, breaker in product(range(1, 7), range(1, 5), (True, False), (True, False)):
        end = decide.End(cause=cause, retriable=retriable, met_breaker=breaker)
        step = decide.after(end, attempt=attempt, max_attempts=most, retries=RETRIES, uniform=0.5).step
        if is_charged(end):
            assert step == ("retry" if retriable and attempt < most else "bury"), (attempt, most, end)
        else:
            wanted = "part" if is_free(end) else {Cause.DONE: "end", Cause.REQUESTED: "stop"}[cause]
            assert step == wanted, (attempt, most, end)


@given(end=ends, attempt=limits, most=limits, retries=settings, uniform=uniforms)
def test_a_delay_lies_between_half_and_all_of_the_doubled_one_unless_a_host_asked_for_longer(
    end: decide.End, attempt: int, most: int, retries: decide.Retries, uniform: float
) -> None:
    after = decide.after(end, attempt=attempt, max_attempts=most, retries=retries, uniform=uniform)
    if after.step != "retry":
        assert after.delay_s == 0
        return
    longest = min(retries.cap_s, retries.base_s * 2 ** (attempt - 1))
    asked = min(end.wait_s, decide.LONGEST_WAIT_S)
    assert max(longest / 2, asked) <= after.delay_s <= max(longest, asked)


@given(end=ends, attempt=limits, most=limits, retries=settings, first=uniforms, second=uniforms)
def test_more_attempts_longer_waits_and_higher_dice_never_shorten_a_delay_or_end_a_tick_sooner(
    end: decide.End, attempt: int, most: int, retries: decide.Retries, first: float, second: float
) -> None:
    def delay(end: decide.End, attempt: int, most: int, uniform: float) -> decide.Next:
        return decide.after(end, attempt=attempt, max_attempts=most, retries=retries, uniform=uniform)

    low, high = sorted((first, second))
    now = delay(end, attempt, most, low)
    assert delay(end, attempt, most, high).delay_s >= now.delay_s
    assert delay(replace(end, wait_s=end.wait_s + 60), attempt, most, low).delay_s >= now.delay_s
    if now.step == "retry":
        assert delay(end, attempt, most + 1, low) == now
        assert delay(end, attempt + 1, most + 2, low).delay_s >= now.delay_s


@given(story=some.lists(ends, min_size=1, max_size=25), most=limits, retries=settings, uniform=uniforms)
def test_no_tick_spends_more_than_its_attempts_and_what_is_free_spends_none(
    story: list[decide.End], most: int, retries: decide.Retries, uniform: float
) -> None:
    attempt, part, spent, step = 1, 0, 0, "retry"
    for end in story:
        spent += is_charged(end)
        step = decide.after(end, attempt=attempt, max_attempts=most, retries=retries, uniform=uniform).step
        if step == "part":
            part += 1
        elif step == "retry":
            attempt, part = attempt + 1, 0
        else:
            break
    assert spent <= most
    assert attempt == spent + (step in {"retry", "part", "end", "stop"})
    if step == "bury":
        assert spent == most or not end.retriable


@given(end=ends, most=some.integers(2, MOST), retries=settings, uniform=uniforms)
def test_what_no_attempt_can_mend_is_buried_after_the_first(
    end: decide.End, most: int, retries: decide.Retries, uniform: float
) -> None:
    hopeless = replace(end, retriable=False)
    step = decide.after(hopeless, attempt=1, max_attempts=most, retries=retries, uniform=uniform).step
    assert (step == "bury") == is_charged(hopeless)
