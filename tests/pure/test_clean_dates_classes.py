"""Classes of dates and of what only looks like one: counts in words, units by their tongue, numbers, codes, streets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workers.clean.dates import parse_posted

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)  # a Saturday


def _at(text: object, language: str | None = None) -> str | None:
    found = parse_posted(text, NOW, language)
    return None if found is None else f"{found.at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("قبل ساعتين", "2026-08-15 10:00"),
        ("منذ شهرين", "2026-06-15 12:00"),
        ("לפני שנתיים", "2024-08-15 12:00"),
        ("לפני חודשיים", "2026-06-15 12:00"),
        ("полчаса назад", "2026-08-15 11:30"),
        ("полгода назад", "2026-02-15 12:00"),
        ("seminggu lalu", "2026-08-08 12:00"),
        ("四天前", "2026-08-11 12:00"),
        ("半天前", "2026-08-15 00:00"),
        ("数日前", "2026-08-12 12:00"),
        ("두 달 전", "2026-06-15 12:00"),
        ("이틀 전", "2026-08-13 12:00"),
        ("one and a half hours ago", "2026-08-15 10:30"),
        ("πριν από έναν μήνα", "2026-07-15 12:00"),
        ("il y a plus d'une semaine", "2026-08-08 12:00"),
        ("před čtrnácti dny", "2026-08-01 12:00"),
    ],
)
def test_a_word_may_hold_the_number_of_its_unit(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("4 t sitten", "2026-08-15 08:00"),
        ("for 4 t siden", "2026-08-15 08:00"),
        ("vor 4 T", "2026-08-11 12:00"),
        ("4 v sitten", "2022-08-15 12:00"),
        ("för 4 v sedan", "2026-07-18 12:00"),
        ("4 j. gelede", "2022-08-15 12:00"),
        ("il y a 4 j", "2026-08-11 12:00"),
        ("4 h lalu", "2026-08-11 12:00"),
        ("4 години тому", "2026-08-15 08:00"),
        ("преди 4 години", "2022-08-15 12:00"),
    ],
)
def test_a_short_unit_means_what_it_means_in_the_tongue_beside_it(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Posted 6 hours ago | Updated 2 hours ago", "2026-08-15 06:00"),
        ("Posted 9 days ago - refreshed 4 days ago", "2026-08-06 12:00"),
        ("4 days ago 6 days ago", None),
        ("4 days ago today", "2026-08-11 12:00"),
    ],
)
def test_two_ages_are_never_added_up(text: str, at: str | None) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("4 araw ang nakalipas", "2026-08-11 12:00"),
        ("antaŭ 4 tagoj", "2026-08-11 12:00"),
        ("virun 4 Deeg", "2026-08-11 12:00"),
        ("4 siku zilizopita", "2026-08-11 12:00"),
        ("4 દિવસ પહેલા", "2026-08-11 12:00"),
        ("4 ദിവസം മുൻപ്", "2026-08-11 12:00"),
        ("4 ថ្ងៃមុន", "2026-08-11 12:00"),
        ("4 วันก่อน", "2026-08-11 12:00"),
        ("ungefär 4 dagar sedan", "2026-08-11 12:00"),
        ("pred približno 4 dnevi", "2026-08-11 12:00"),
        ("ประมาณ 4 วันที่แล้ว", "2026-08-11 12:00"),
        ("4 lá ó shin", "2026-08-11 12:00"),
        ("4 روز پیش", "2026-08-11 12:00"),
        ("fai 4 días", "2026-08-11 12:00"),
        ("2026ko martxoaren 19a", "2026-03-19 00:00"),
        ("19 آذار 2026", "2026-03-19 00:00"),
        ("19 मार्च 2026, दोपहर 2:05 बजे", "2026-03-19 14:05"),
    ],
)
def test_words_that_the_lists_lack_are_added_by_tongue(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    ("text", "language", "at"),
    [
        ("등록 26.07.30", None, "2026-07-30 00:00"),
        ("26/07/09", "ja", "2026-07-09 00:00"),
        ("掲載 26/07/09", None, "2026-07-09 00:00"),
        ("26/07/09", None, "2009-07-26 00:00"),
        ("07-30发布", None, "2026-07-30 00:00"),
        ("9 ก.ค. 69", None, "2026-07-09 00:00"),
    ],
)
def test_a_short_year_stands_where_the_tongue_puts_it(text: str, language: str | None, at: str) -> None:
    assert _at(text, language) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("second Tuesday of this month", "2026-08-11 00:00"),
        ("the last Thursday of next month", "2026-09-24 00:00"),
        ("dritter Montag dieses Monats", "2026-08-17 00:00"),
        ("primeira sexta do próximo mês", "2026-09-04 00:00"),
        ("Tuesday in 2 weeks", "2026-08-25 00:00"),
        ("4 days from now on Thursday", "2026-08-20 00:00"),
        ("vingt-trois avril 2026", "2026-04-23 00:00"),
        ("vinte e três de abril de 2026", "2026-04-23 00:00"),
        ("ventitré aprile 2026", "2026-04-23 00:00"),
        ("dreiundzwanzigster April 2026", "2026-04-23 00:00"),
        ("morning of April 23rd 2025", "2025-04-23 00:00"),
        ("yesterday afternoon at 4", "2026-08-14 16:00"),
        ("end of this year", "2026-12-31 23:59"),
        ("kommenden Dienstag", "2026-08-18 00:00"),
        ("sexta desta semana", "2026-08-14 00:00"),
        ("Today by Hill and Sons", "2026-08-15 12:00"),
    ],
)
def test_days_are_known_by_their_place_in_a_month_or_week_and_in_words(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    "text",
    [
        *("4711223344", "0301234567", "123456789012345", "b3d7h", "W2d", "911t", "https://jobs.example/2026/08/a.html"),
        *("7 April Road", "9 June Lane, Bath", "Gen2, Fabric, Spark", "NIS2, SOX and more", "40|40 split, led by us"),
        *("more", "More", "man", "let", "most", "Maine", "and more!", "vue"),
        *("6 days of leave for every year", "9 months of previous practice", "4 weeks of back-up care"),
        *(
            "7 years",
            "6 Jahre",
            "200 days",
            "26 weeks",
            "half a day",
            "once a month",
            "a month",
            "Tuesday's",
            "Saturdays",
        ),
        *("in the first 90 days", "paid for 3 weeks", "6th Friday of this month"),
    ],
)
def test_what_has_the_look_of_a_date_is_none(text: str) -> None:
    assert _at(text) is None


@pytest.mark.parametrize("number", [4711223344, 744000142779089, "2145916800", "1e9"])
def test_an_id_is_no_time_decades_ahead(number: object) -> None:
    found = parse_posted(number, NOW)
    assert found is None or found.at < datetime(2036, 12, 31, tzinfo=UTC)
