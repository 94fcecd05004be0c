"""The state table agrees with itself."""

from __future__ import annotations

from itertools import combinations

from workers.states import CAUSES_OF, FINAL, TRANSITIONS, UNCHARGED, Cause, RunStatus, status_of


def test_every_cause_belongs_to_one_final_status() -> None:
    assert set().union(*CAUSES_OF.values()) == set(Cause)
    assert all(not first & second for first, second in combinations(CAUSES_OF.values(), 2))
    assert {cause: status_of(cause) for cause in Cause} == {
        cause: status for status, causes in CAUSES_OF.items() for cause in causes
    }


def test_every_status_has_its_row_and_only_final_ones_lead_nowhere() -> None:
    assert set(TRANSITIONS) == {None, *RunStatus}
    assert {status for status, following in TRANSITIONS.items() if not following} == FINAL


def test_every_status_can_be_reached() -> None:
    reached: set[RunStatus | None] = {None}
    for _ in RunStatus:
        reached |= {following for status in reached for following in TRANSITIONS[status]}
    assert reached == {None, *RunStatus}


def test_skipped_rows_are_born_final() -> None:
    assert [status for status, following in TRANSITIONS.items() if RunStatus.SKIPPED in following] == [None]


def test_what_spends_no_attempt_is_no_verdict_on_the_scraper() -> None:
    assert {Cause.RECYCLED, Cause.LOST, Cause.FENCED, Cause.SHUTDOWN} == UNCHARGED
