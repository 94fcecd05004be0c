from __future__ import annotations

from collections.abc import Sequence

import pytest

from supervisor import emptiness


@pytest.mark.parametrize(
    ("found", "earlier", "average"),
    [
        (0, [40] * 10, 40.0),
        (0, [1, 2, 3], 2.0),
        (0, [0, 0, 4, 5, 6], 3.0),
        (1, [40] * 10, None),  # it found something
        (0, [40, 40], None),  # too short a history
        (0, [], None),
        (0, [0] * 10, None),  # as ever
        (0, [0, 5, 0, 5], None),  # half of them found nothing either
    ],
)
def test_nothing_is_suspicious_where_most_earlier_ticks_found_something(
    found: int, earlier: Sequence[int], average: float | None
) -> None:
    assert emptiness.expected(found, earlier) == average


def test_a_site_that_is_gone_for_good_is_told_of_a_few_times_and_then_that_is_its_history() -> None:
    history = [40] * emptiness.TICKS
    told = 0
    for _ in range(50):
        told += emptiness.expected(0, history) is not None
        history = [0, *history][: emptiness.TICKS]
    assert told == emptiness.TICKS // 2


@pytest.mark.parametrize(("average", "words"), [(40.4, "found 40 on"), (1.0, "found 1 on"), (0.3, "found 0.3 on")])
def test_the_sentence_says_what_was_expected(average: float, words: str) -> None:
    assert words in emptiness.sentence(average, 10)
