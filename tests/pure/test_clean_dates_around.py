"""Dates among other words, times of day and their zones, ages that are none, and answers that hold for any text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.clean.dates import Precision, parse_posted

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
_WORDS = (
    "3 12 30 + days ago Tage vor hace il y a week month h m s may mai 2025 2025-08-12 / . , : - 14:05 pm Uhr yesterday "
    "now 前 日 月 年 전 शाम मार्च منذ أيام today posted by Acme $ EST +02 T Z closes in until last next monday"
)
_TEXTS = st.lists(st.sampled_from(_WORDS.split()) | st.text(max_size=3), max_size=9).map(" ".join)


def _at(text: str, language: str | None = None) -> str | None:
    found = parse_posted(text, NOW, language)
    return None if found is None else f"{found.at:%Y-%m-%d %H:%M} {found.precision}"


@pytest.mark.parametrize(
    "text",
    [
        "Posted by Acme 3 days ago",
        "3 days ago via JobHub",
        "Berlin, Germany · Reposted 3 days ago · 200 people clicked",
        "Actively recruiting, 3 days ago",
        "Nueva hace 3 días",
        "Be the first: posted 3 days ago in Oslo",
    ],
)
def test_an_age_is_found_among_words_that_say_nothing(text: str) -> None:
    assert _at(text) == "2026-08-12 12:00 day"


@pytest.mark.parametrize(
    "text",
    [
        "Sist endret 12. mai 2025",
        "Indrykket: 12. maj 2025",
        "Job of Acme, posted May 12, 2025",
        "Publicada em 12/05/2025",
    ],
)
def test_a_day_is_found_among_words_that_say_nothing(text: str) -> None:
    assert _at(text) == "2025-05-12 00:00 day"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("12 May 2025 at 2.30 pm", "2025-05-12 14:30 minute"),
        ("12 May 2025 at noon", "2025-05-12 12:00 minute"),
        ("12.05.2025 klo 9.37", "2025-05-12 09:37 minute"),
        ("12.05.2025, 18.37 Uhr", "2025-05-12 18:37 minute"),
        ("12/05/2025 alle ore 14:31", "2025-05-12 14:31 minute"),
        ("2025年5月12日 21時40分", "2025-05-12 21:40 minute"),
        ("2025/5/12 下午 2:26", "2025-05-12 14:26 minute"),
        ("2025년 5월 12일 오후 3시 30분", "2025-05-12 15:30 minute"),
        ("12 May 2025 10:45:00 +03", "2025-05-12 07:45 exact"),
        ("Mon May 12 2025 10:34:51 GMT+0800 (CST)", "2025-05-12 02:34 exact"),
        ("12 May 2025 1:08 am PDT", "2025-05-12 08:08 minute"),
        ("yesterday at 2:30 PM", "2026-08-14 14:30 minute"),
    ],
)
def test_a_time_of_day_is_read_with_its_zone(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("+1 year -2 months", "2027-06-15 12:00 month"),
        ("now - 2 hours", "2026-08-15 10:00 hour"),
        ("twenty-one days ago", "2026-07-25 12:00 day"),
        ("half an hour ago", "2026-08-15 11:30 hour"),
        ("3 days from today", "2026-08-18 12:00 day"),
        ("two weeks before yesterday", "2026-07-31 12:00 week"),
        ("Posted 1-3 days ago", "2026-08-14 12:00 at_least"),
        ("a few hours ago", "2026-08-15 09:00 hour"),
        ("1 year, 2 months, 1 week ago", "2025-06-08 12:00 week"),
        ("12 - 14 June 2025", "2025-06-12 00:00 day"),
        ("5月12日发布", "2026-05-12 00:00 day"),
        ("Closes 20 December", "2026-12-20 00:00 day"),  # a deadline lies ahead
        ("Closes in 5 days", "2026-08-20 12:00 day"),
        ("Apply by 12 December 2026", "2026-12-12 00:00 day"),
    ],
)
def test_sums_ranges_and_deadlines(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    "text",
    [
        *("Apply now", "Apply today", "EasyApply", "Hiring now", "Last minute", "24/7", "9am - 5pm", "10h - 18h"),
        *(
            "40 hours per week",
            "40 hours a week",
            "35h",
            "39 h",
            "4-day week",
            "Mon-Fri",
            "Monday to Friday",
            "Sunday",
            "Sunday job",
        ),
        *("5+ years", "3M", "7-Eleven", "v1.2.3", "3.11", "1.2.3.4", "+1 (555) 123-4567", "0800 123 456", "90210"),
        *("Founded 5 years ago", "Responds within 3 days", "Nurse, Night Shift - 4 Days", "Applications Open - Now"),
        *(
            "12 months contract",
            "6 month contract",
            "2 years experience",
            "5 stars",
            "10+ employees",
            "Q3 2025",
            "50/50",
        ),
        *("a@b.de 3 days ago", "REQ-10293", "May the Force", "Summer 2026", "2025", "Vollzeit", "正社員", "급구"),
    ],
)
def test_what_boards_say_beside_dates_is_no_date(text: str) -> None:
    assert parse_posted(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "at"),  # the day of NOW is a Saturday
    [
        ("Posted Tuesday", "2026-08-11 00:00 day"),
        ("Posted on Saturday", "2026-08-15 00:00 day"),
        ("last Tuesday", "2026-08-04 00:00 day"),
        ("this past Tuesday", "2026-08-11 00:00 day"),
        ("Tuesday of next week at 9am", "2026-08-18 09:00 minute"),
        ("martes de la semana pasada", "2026-08-04 00:00 day"),
        ("nächsten Dienstag", "2026-08-18 00:00 day"),
        ("Posted by Acme yesterday", "2026-08-14 12:00 day"),
    ],
)
def test_a_weekday_needs_a_mark_to_be_a_date(text: str, at: str) -> None:
    assert _at(text) == at


@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_an_answer_is_in_range_and_its_own_answer(text: str) -> None:
    found = parse_posted(text, NOW)
    if found is None:
        return
    assert found.at.utcoffset() == timedelta()
    assert found.precision in get_args(Precision)
    if found.at.year >= 1900:
        again = parse_posted(found.at.isoformat(), NOW)
        assert again is not None
        assert again.at == found.at


@pytest.mark.parametrize(
    "piece", ["3 days ", "+1 day ", "12 - ", "1.1.", "12:00 ", "(月)", "下午", "by ", "ค.", "May 5 ", "th 3 "]
)
def test_no_text_of_dates_keeps_the_reader_busy(piece: str) -> None:
    parse_posted("4 ਦਿਨ ਪਹਿਲਾਂ", NOW)  # the lists of words, once
    before = process_time()
    for size in (150, 2_000, 100_000):
        parse_posted((piece * size)[:size], NOW)
    assert process_time() - before < 1.5  # seconds; it takes a few thousandths
