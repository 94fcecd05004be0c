"""How budgets are learned: the rule, its limits, and that it comes to rest instead of running away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from supervisor import budgets
from supervisor.budgets import Bounds, Budget, begins_to_climb, budget_of, percentile_95

BOUNDS = Bounds(floor_mb=62, default_mb=256, most_mb=512)
FAR_OVER = 1.3  # of the budget: where the guard ends a scrape at once

# Peaks in MB, oldest first: those of the demo's scrapers as their run rows had them, then three that nobody recorded.
RECORDED = {
    "html": [42.8, 42.8, 42.8, 42.8, 42.7, 42.7],
    "command": [39.4, 39.4, 46.5, 46.4, 39.4, 44.3],
    "feed": [44.0, 44.0, 44.0, 44.0, 44.0, 44.0],
    "leaks": [66.2, 66.2, 66.2, 66.2, 66.2],
    "raises": [42.4, 36.8, 36.8, 42.4, 36.8, 36.8],
}
MADE_UP = {
    "one large page": [40.8, 40.9, 40.8, 96.4, 40.9, 40.7, 40.8, 41.0, 40.9, 95.8, 40.8, 40.9, 40.8, 40.9],
    "seasons": [44.0, 52.3, 61.8, 70.2, 78.9, 71.1, 60.4, 51.7, 44.6, 52.9, 62.2, 71.0, 79.4, 70.3],
    "heavy": [301.5, 318.2, 297.7, 322.9, 310.4, 305.0, 315.6, 299.9, 320.3, 308.8],
}
HISTORIES = RECORDED | MADE_UP


def test_a_budget_in_the_row_stands() -> None:
    assert budget_of(100, [400.0] * 20, 2, BOUNDS) == Budget(mb=100, source="memory_mb")


def test_four_peaks_teach_nothing_and_five_do() -> None:
    assert budget_of(None, [100.0] * 4, 0, BOUNDS) == Budget(mb=256, source="default")
    assert budget_of(None, [100.0] * 5, 0, BOUNDS) == Budget(mb=125, source="learned")


def test_only_the_twenty_newest_peaks_count() -> None:
    assert budget_of(None, [100.0] * 20 + [400.0] * 20, 0, BOUNDS).mb == 125


def test_a_learned_budget_keeps_within_its_bounds() -> None:
    assert budget_of(None, [10.0] * 20, 0, BOUNDS).mb == 62
    assert budget_of(None, [500.0] * 20, 0, BOUNDS).mb == 512


@pytest.mark.parametrize(("ends", "mb", "source"), [(1, 188, "learned x1.5"), (2, 282, "learned x2.25"), (9, 512, "")])
def test_each_end_for_want_of_memory_raises_the_ticks_next_budget_by_half(ends: int, mb: int, source: str) -> None:
    budget = budget_of(None, [100.0] * 20, ends, BOUNDS)
    assert (budget.mb, source or budget.source) == (mb, budget.source)


def test_a_default_budget_is_raised_too_and_one_in_the_row_is_not() -> None:
    assert budget_of(None, [], 1, BOUNDS) == Budget(mb=384, source="default x1.5")
    assert budget_of(256, [], 1, BOUNDS) == Budget(mb=256, source="memory_mb")


def test_the_95th_percentile_is_that_of_postgres() -> None:
    """Select percentile_cont(0.95) within group (order by n) from generate_series(1, 20) n: 19.05."""
    assert percentile_95([float(n) for n in range(20, 0, -1)]) == pytest.approx(19.05)
    assert percentile_95([7.0]) == 7.0


def test_a_budget_under_the_floor_is_refused_with_the_next_step() -> None:
    floor = budgets.floor_mb(29.8)
    assert floor == 62
    assert budgets.too_small(61, floor) == (
        "memory_mb is 61, but a fresh scrape weighs 30 MB here and needs some 32 more: raise it to 62 or leave it "
        "null to have it learned"
    )
    assert (budgets.too_small(62, floor), budgets.too_small(None, floor)) == (None, None)


def _settle(need: Callable[[int], float], runs: int) -> list[int]:
    """Budgets of `runs` ticks of a node that needs `need(tick)` MB; what is too little is raised and tried again."""
    peaks: list[float] = []
    given_mb = []
    for tick in range(runs):
        for memory_ends in range(3):
            budget = budget_of(None, peaks[:20], memory_ends, BOUNDS).mb
            if need(tick) <= budget * FAR_OVER:
                peaks.insert(0, need(tick))
                break
        given_mb.append(budget)
    return given_mb


@pytest.mark.parametrize("name", HISTORIES)
def test_budgets_come_to_rest_over_recorded_peaks(name: str) -> None:
    recorded = HISTORIES[name]
    given_mb = _settle(lambda tick: recorded[tick % len(recorded)], 100)
    late = given_mb[40:]
    assert max(late) <= min(late) * 1.25, late
    assert max(recorded) <= max(late) * FAR_OVER
    assert max(late) <= max(BOUNDS.floor_mb, max(recorded) * 1.25 + 1)


@given(needs=some.lists(some.floats(1, 5_000), min_size=30, max_size=80))
def test_no_history_makes_a_budget_run_away(needs: list[float]) -> None:
    given_mb = _settle(lambda tick: needs[tick], len(needs))
    assert all(BOUNDS.floor_mb <= mb <= BOUNDS.most_mb for mb in given_mb)


@given(hunger=some.floats(0.5, 1.29), start=some.integers(62, 512))
def test_a_scraper_that_takes_what_it_is_given_is_given_no_more_than_the_most(hunger: float, start: int) -> None:
    """The worst pupil: its peak follows its budget, up to where the guard would end it."""
    peaks = [float(start)] * 5
    for _ in range(200):
        peaks.insert(0, budget_of(None, peaks[:20], 0, BOUNDS).mb * hunger)
    assert budget_of(None, peaks[:20], 0, BOUNDS).mb <= BOUNDS.most_mb


def test_a_tick_that_ran_out_of_memory_gets_through_by_its_third_attempt_and_the_next_ones_at_once() -> None:
    """A node whose site has doubled: raised twice at first, then learned."""
    peaks = [80.0] * 20
    attempts = []
    for _ in range(30):
        for memory_ends in range(3):
            budget = budget_of(None, peaks[:20], memory_ends, BOUNDS).mb
            if budget * FAR_OVER >= 180.0:
                peaks.insert(0, 180.0)
                break
        attempts.append(memory_ends + 1)
    assert attempts[0] == 2
    assert attempts[2:] == [1] * 28


CLIMB = [50.0, 52, 54, 57, 59, 62, 64, 66, 69, 71]


def test_ten_runs_that_climb_are_told_of_once() -> None:
    assert begins_to_climb(CLIMB)
    assert not begins_to_climb([*CLIMB, 73.0])


@pytest.mark.parametrize(
    "peaks",
    [
        CLIMB[:9],
        [50.0] * 10,
        CLIMB[::-1],
        [50.0, 50.2, 50.4, 50.5, 50.7, 50.9, 51.0, 51.2, 51.4, 51.6],  # a climb of nothing
        [50.0, 51, 50, 52, 51, 50, 52, 51, 50, 200],  # one outlier
        [44.0, 70, 50, 66, 48, 72, 45, 69, 51, 67],
    ],
)
def test_what_is_no_climb_is_not_told_of(peaks: list[float]) -> None:
    assert not begins_to_climb(peaks)


def test_a_climb_with_a_dip_in_it_is_still_one() -> None:
    assert begins_to_climb([50.0, 53, 52, 57, 59, 58, 64, 66, 69, 71])
