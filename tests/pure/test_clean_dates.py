"""Posted dates: absolute, relative, bounds, and what is no date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from workers.clean.dates import PostedDate, Precision, parse_posted

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
_DAY = timedelta(days=1)


def _at(text: object, language: str | None = None) -> tuple[str, str] | None:
    found = parse_posted(text, NOW, language)
    return None if found is None else (found.at.strftime("%Y-%m-%d %H:%M:%S"), found.precision)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2025-08-12T10:30:05Z", "2025-08-12 10:30:05", "exact"),
        ("2025-08-12T10:30:05.123+02:00", "2025-08-12 08:30:05", "exact"),
        ("2025-08-12T10:30:05-0700", "2025-08-12 17:30:05", "exact"),
        ("2025-08-12 10:30", "2025-08-12 10:30:00", "minute"),
        ("2025-08-12", "2025-08-12 00:00:00", "day"),
        ("20250812", "2025-08-12 00:00:00", "day"),
        ("Tue, 12 Aug 2025 10:30:00 +0200", "2025-08-12 08:30:00", "exact"),
        ("Tue, 12 Aug 2025 10:30:00 EST", "2025-08-12 15:30:00", "exact"),
        (1755000000, "2025-08-12 12:00:00", "exact"),
        (1755000000000, "2025-08-12 12:00:00", "exact"),
        (1755000000.0, "2025-08-12 12:00:00", "exact"),
        ("1755000000000", "2025-08-12 12:00:00", "exact"),
        (date(2025, 8, 12), "2025-08-12 00:00:00", "day"),
        (datetime(2025, 8, 12, 14, tzinfo=timezone(timedelta(hours=2))), "2025-08-12 12:00:00", "exact"),
        ("Posted on August 12th, 2025", "2025-08-12 00:00:00", "day"),
        ("12. srpna 2025", "2025-08-12 00:00:00", "day"),
        ("12 août 2025", "2025-08-12 00:00:00", "day"),
        ("12 de agosto de 2025", "2025-08-12 00:00:00", "day"),
        ("12 ago 2025", "2025-08-12 00:00:00", "day"),
        ("12 августа 2025 г.", "2025-08-12 00:00:00", "day"),
        ("2025年8月12日", "2025-08-12 00:00:00", "day"),
        ("2025년 8월 12일", "2025-08-12 00:00:00", "day"),
        ("12.08.2025", "2025-08-12 00:00:00", "day"),
        ("12-Aug-2025", "2025-08-12 00:00:00", "day"),
        ("August 2025", "2025-08-01 00:00:00", "month"),
        ("20 December", "2025-12-20 00:00:00", "day"),  # the last one, not the one to come
    ],
)
def test_a_stated_date_is_read_as_it_stands(text: object, at: str, precision: Precision) -> None:
    assert _at(text) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [
        "3 days ago",
        "Posted 3 days ago",
        "Reposted 3 days ago",
        "PostedPosted 3 days ago",
        "EmployerActive 3 days ago",
        "three days ago",
        "3d",
        "vor 3 Tagen",
        "online seit 3 Tagen",
        "il y a 3 jours",
        "Publié il y a 3 jours",
        "hace 3 días",
        "Publicado hace 3 días",
        "3 giorni fa",
        "há 3 dias",
        "3 dagen geleden",
        "3 dni temu",
        "Dodano 3 dni temu",
        "před 3 dny",
        "pred 3 dňami",
        "för 3 dagar sedan",
        "for 3 dage siden",
        "for 3 dager siden",
        "3 päivää sitten",
        "3 дня назад",
        "3 дні тому",
        "3 gün önce",
        "acum 3 zile",
        "3 nappal ezelőtt",
        "prije 3 dana",
        "πριν από 3 ημέρες",
        "3 hari yang lalu",
        "3 ngày trước",
        "منذ 3 أيام",
        "3日前",
        "3天前发布",
        "3일 전",
        "Toronto · 3 days ago · 20 applicants",
    ],
)
def test_three_days_ago_in_many_tongues(text: str) -> None:
    assert parse_posted(text, NOW) == PostedDate(NOW - 3 * _DAY, "day")


@pytest.mark.parametrize(
    ("text", "distance", "precision"),
    [
        ("Just posted", 0 * _DAY, "hour"),
        ("à l'instant", 0 * _DAY, "minute"),
        ("today", 0 * _DAY, "day"),
        ("Heute veröffentlicht", 0 * _DAY, "day"),
        ("Aujourd’hui", 0 * _DAY, "day"),
        ("yesterday", _DAY, "day"),
        ("vorgestern", 2 * _DAY, "day"),
        ("16 hours ago", timedelta(hours=16), "hour"),
        ("an hour ago", timedelta(hours=1), "hour"),
        ("2 Std.", timedelta(hours=2), "hour"),
        ("5 minutes ago", timedelta(minutes=5), "minute"),
        ("2 weeks ago", 14 * _DAY, "week"),
        ("last week", 7 * _DAY, "week"),
        ("1 month ago", 31 * _DAY, "month"),
        ("in 5 Tagen", -5 * _DAY, "day"),
    ],
)
def test_relative_text_counts_back_from_the_fetch(text: str, distance: timedelta, precision: Precision) -> None:
    assert parse_posted(text, NOW) == PostedDate(NOW - distance, precision)


@pytest.mark.parametrize(
    "text",
    [
        "30+ days ago",
        "Active 30+ days ago",
        "more than 30 days ago",
        "over 30 days ago",
        "vor mehr als 30 Tagen",
        "il y a plus de 30 jours",
        "hace más de 30 días",
        "più di 30 giorni fa",
        "há mais de 30 dias",
        "meer dan 30 dagen geleden",
        "ponad 30 dni temu",
        "30日以上前",
        "30天以上",
    ],
)
def test_a_bound_says_that_it_is_one(text: str) -> None:
    assert parse_posted(text, NOW) == PostedDate(NOW - 30 * _DAY, "at_least")


@pytest.mark.parametrize(
    "text",
    [
        "Urgently hiring",
        "save job",
        "TVG Network",
        "Sonoma, Inc.",
        "$50,000 a year",
        "Full-time",
        "401k",
        "5 years experience",
        "3",
        "May",
        "new",
        "2025-02-30",
        "99/99/9999",
        "",
        "N/A",
        "Be an early applicant",
        "1 of 2",
        "10 000",
        "week",
        "3-5 years",
        float("nan"),
        True,
        None,
        [],
        {},
        10**30,
    ],
)
def test_rubbish_is_no_date(text: object) -> None:
    assert parse_posted(text, NOW) is None


def test_language_decides_between_day_and_month_where_the_numbers_do_not() -> None:
    assert _at("11/12/2025 10:41:41", "fr") == ("2025-12-11 10:41:41", "exact")
    assert _at("11/12/2025", "en-GB") == ("2025-12-11 00:00:00", "day")
    assert _at("11/12/2025", "en") == ("2025-11-12 00:00:00", "day")
    assert _at("25/12/2025", "en") == ("2025-12-25 00:00:00", "day")


def test_without_a_language_the_reading_that_is_not_in_the_future_wins() -> None:
    assert _at("09/08/2026") == ("2026-08-09 00:00:00", "day")


def test_a_day_word_with_a_time_of_day_is_known_to_the_minute() -> None:
    assert _at("yesterday at 14:05") == ("2026-08-14 14:05:00", "minute")


def test_a_naive_fetch_time_means_utc() -> None:
    assert parse_posted("1 day ago", datetime(2026, 8, 15, 12)) == PostedDate(NOW - _DAY, "day")  # noqa: DTZ001  the case itself
