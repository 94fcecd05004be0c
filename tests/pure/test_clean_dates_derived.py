"""Dates that are worked out from another day: by its number or end, counted from it, in words, or as a deadline."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workers.clean.dates import parse_deadline, parse_posted

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)  # a Saturday


def _at(text: str, now: datetime = NOW) -> str | None:
    found = parse_posted(text, now)
    return None if found is None else f"{found.at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("January first two thousand and thirty two", "2032-01-01 00:00"),
        ("the thirty-first of March nineteen ninety nine", "1999-03-31 00:00"),
        ("twenty five May twenty twenty six", "2026-05-25 00:00"),
        ("May second", "2026-05-02 00:00"),
        ("first of May 2026", "2026-05-01 00:00"),
        ("doce de mayo de dos mil veintiséis", "2026-05-12 00:00"),
        ("31 de marzo de mil novecientos noventa y nueve", "1999-03-31 00:00"),
        ("first seen 12 May 2025", "2025-05-12 00:00"),
        ("a second ago", "2026-08-15 11:59"),
    ],
)
def test_days_and_years_in_words_are_read_as_in_digits(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Monday 17", "2026-08-17 00:00"),
        ("Friday 14th", "2026-08-14 00:00"),
        ("Tuesday the first at 6 pm", "2026-09-01 18:00"),
        ("Dienstag, der 18.", "2026-08-18 00:00"),
        ("martes el veinticinco", "2026-08-25 00:00"),
        ("the 15th of this month", "2026-08-15 00:00"),
        ("15th day of next month", "2026-09-15 00:00"),
        ("Posted the 3rd of last month", "2026-07-03 00:00"),
        ("el día 21 de este mes", "2026-08-21 00:00"),
    ],
)
def test_a_day_is_known_by_its_number_beside_a_weekday_or_a_month_that_is_pointed_at(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    "text",
    ["Sunday 4 hours", "Saturday 2 shifts", "Mon 9 to Fri 5", "on the 21st", "20 days per month",
     "Friday 32", "the 31st of next month", "zone 2 friday", "Saturday 10 Friday"],
)  # fmt: skip
def test_a_number_alone_or_of_something_else_is_no_day(text: str) -> None:
    assert _at(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("end of day Friday", "2026-08-21 23:59"),
        ("Apply by EOD", "2026-08-15 23:59"),
        ("Closes COB 20 August", "2026-08-20 23:59"),
        ("end of tomorrow", "2026-08-16 23:59"),
        ("until end of September", "2026-09-30 23:59"),
        ("Ende Februar 2028", "2028-02-29 23:59"),
        ("fin de mois", "2026-08-31 23:59"),
        ("end of next month", "2026-09-30 23:59"),
        ("al final de este domingo", "2026-08-16 23:59"),
    ],
)
def test_the_end_of_a_day_or_month_is_its_last_minute(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize("text", ["end of contract", "Fin de contrat", "Ende offen", "fine dining", "the end"])
def test_the_end_of_something_else_is_no_date(text: str) -> None:
    assert _at(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2 weeks from January 15", "2027-01-29 00:00"),
        ("3 days after September 12th", "2026-09-15 00:00"),
        ("3 days from Tuesday", "2026-08-21 00:00"),
        ("two months after next Friday", "2026-10-21 00:00"),
        ("2 weeks before Christmas", "2026-12-11 00:00"),
        ("three months after Easter", "2027-06-28 00:00"),
        ("2 days from now", "2026-08-17 12:00"),
        ("3 minutos a partir de ahora", "2026-08-15 12:03"),
        ("last Easter", "2026-04-05 00:00"),
        ("next Christmas", "2026-12-25 00:00"),
        ("this new year", "2026-01-01 00:00"),
    ],
)
def test_days_are_counted_from_named_days_and_great_holidays(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    "text",
    ["2 weeks before launch", "Founded 2 weeks before Christmas", "5 days before start", "3 days after the interview",
     "30 days from hire date", "A contract from January 15", "Christmas temp", "Easter", "I'll be back in 5 minutes",
     "I'll be back 3 minutes from now",
     "3 years from January 2020", "in January first two"],
)  # fmt: skip
def test_what_is_counted_from_something_unknown_is_no_date(text: str) -> None:
    assert _at(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Posted last night", "2026-08-14 12:00"),
        ("last night at 8", "2026-08-14 20:00"),
        ("Posted this morning", "2026-08-15 12:00"),
        ("8am this morning", "2026-08-15 08:00"),
        ("tonight around 7", "2026-08-15 19:00"),
        ("anoche a las 8 en punto", "2026-08-14 20:00"),
        ("diez esta noche", "2026-08-15 22:00"),
        ("hoy a las 20.30", "2026-08-15 20:30"),
        ("mañana a las 8: 45 a.m.", "2026-08-16 08:45"),
        ("heute Abend um 8", "2026-08-15 20:00"),
    ],
)
def test_parts_of_a_day_name_the_day_and_the_half_of_their_hour(text: str, at: str) -> None:
    assert _at(text) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Closes 16 August", "2026-08-16"),
        ("Apply by August 15", "2026-08-15"),
        ("Closes 14 August", "2026-08-14"),  # the page of yesterday's job
        ("Closing 20 June", "2026-06-20"),
        ("Closing 10 June", "2027-06-10"),
        ("Apply before 2 January", "2027-01-02"),
    ],
)
def test_a_deadline_without_a_year_is_the_next_or_has_just_passed(text: str, at: str) -> None:
    assert (_at(text) or "")[:10] == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("16 August", "2026-08-16"),
        ("May 5", "2027-05-05"),
        ("Friday", "2026-08-21"),
        ("on Friday", "2026-08-21"),
        ("last Friday", "2026-08-07"),
        ("14 days", "2026-08-29"),
        ("14 days ago", "2026-08-01"),
        ("in 2 weeks", "2026-08-29"),
        ("5 days left", "2026-08-20"),
        ("2026-12-31", "2026-12-31"),
        ("2025-12-31T10:00:00Z", "2025-12-31"),
        ("31.12.2026", "2026-12-31"),
    ],
)
def test_what_is_valid_until_lies_ahead_unless_the_text_says_otherwise(text: str, at: str) -> None:
    found = parse_deadline(text, NOW)
    assert found is not None
    assert f"{found.at:%Y-%m-%d}" == at


@pytest.mark.parametrize("text", ["ongoing", "open until filled", "rolling", ""])
def test_a_deadline_that_is_none_is_null(text: str) -> None:
    assert parse_deadline(text, NOW) is None


@pytest.mark.parametrize(("year", "at"), [("26", "2026"), ("46", "2046"), ("47", "1947"), ("99", "1999")])
def test_a_year_of_two_digits_is_at_most_twenty_years_ahead(year: str, at: str) -> None:
    assert (_at(f"03/18/{year}") or "")[:4] == at
