"""Dates in tongues that our own words do not cover, and what it costs to know them."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from workers.clean.dates import PostedDate, parse_posted

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "distance", "precision"),
    [
        ("4 päeva eest", 4 * _DAY, "day"),
        ("4 ਦਿਨ ਪਹਿਲਾਂ", 4 * _DAY, "day"),
        ("4 ദിവസം മുമ്പ്", 4 * _DAY, "day"),
        ("4 రోజుల క్రితం", 4 * _DAY, "day"),
        ("4 நாட்களுக்கு முன்", 4 * _DAY, "day"),
        ("۴ روز پیش", 4 * _DAY, "day"),
        ("४ दिन पहले", 4 * _DAY, "day"),
        ("منذ ٤ أيام", 4 * _DAY, "day"),
        ("４日前", 4 * _DAY, "day"),
        ("לפני יומיים", 2 * _DAY, "day"),
        ("6 uur gelede", timedelta(hours=6), "hour"),
        ("um 8 dagar", -8 * _DAY, "day"),
        ("o 6 týždňov", -42 * _DAY, "week"),
        ("за 6 години", -timedelta(hours=6), "hour"),
    ],
)
def test_ages_in_smaller_tongues(text: str, distance: timedelta, precision: str) -> None:
    assert parse_posted(text, NOW) == PostedDate(NOW - distance, precision)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("21 березня 2025 р.", 21),
        ("2025 m. kovo 21 d.", 21),
        ("21 de març del 2025", 21),
        ("21 มี.ค. 2568", 21),  # the Buddhist year
        ("21 tháng 3, 2025", 21),
        ("21 मार्च 2025", 21),
        ("2025年3月21日（金）", 21),
        ("2025년 3월 21일 금요일", 21),
        ("den 21. marts 2025", 21),
    ],
)
def test_days_written_out_in_smaller_tongues(text: str, day: int) -> None:
    assert parse_posted(text, NOW) == PostedDate(datetime(2025, 3, day, tzinfo=UTC), "day")


def test_june_is_not_january_where_vowels_are_signs() -> None:
    assert parse_posted("21 जून 2025", NOW) == PostedDate(datetime(2025, 6, 21, tzinfo=UTC), "day")


def test_a_time_of_day_stands_beside_a_day_of_any_tongue() -> None:
    assert parse_posted("21 жовтня 2025, 14:05", NOW) == PostedDate(datetime(2025, 10, 21, 14, 5, tzinfo=UTC), "minute")


@pytest.mark.parametrize("text", ["401k", "32,50 EUR", "336 р.", "MA - Boston", "Ona 12", "K 7", "Sale 3"])
def test_a_word_of_some_tongue_by_chance_is_no_date(text: str) -> None:
    assert parse_posted(text, NOW) is None


_COMMON = "3 days ago|Posted 30+ days ago|vor 2 Wochen|il y a 3 jours|3日前|May 12, 2025|2025-05-12|3d|35h|5+ years"
_LOADED = f"""
import sys
from datetime import UTC, datetime
from workers.clean.dates import parse_posted
for text in {_COMMON!r}.split("|"):
    parse_posted(text, datetime(2026, 8, 15, tzinfo=UTC))
before = "dateparser" in sys.modules
parse_posted("4 ਦਿਨ ਪਹਿਲਾਂ", datetime(2026, 8, 15, tzinfo=UTC))
print(before, "dateparser" in sys.modules, "dateparser.search" in sys.modules)
"""


def test_the_lists_of_dateparser_are_loaded_only_by_text_that_needs_them() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False", "True", "False"]
