from __future__ import annotations

import pytest

from supervisor.commands.durations import grid, parse_duration, short


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("1d", 86400),
        ("1h30m", 5400),
        ("0.5s", 0.5),
        (" 10 M ", 600),
        ("0", 0),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "m", "-5s", "5 weeks", "1e3", "nan", "inf", "5s5", "\N{ARABIC-INDIC DIGIT FIVE}s"]
)
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="15m"):
        parse_duration(text)


def test_a_duration_longer_than_the_database_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration("99999999999d")


@pytest.mark.parametrize(
    ("text", "schedule"),
    [("15m", "every 15m"), ("90", "every 90s"), ("120s", "every 2m"), ("1h30m", "every 90m"), ("24h", "every 1d")],
)
def test_a_period_becomes_the_schedule_with_the_largest_unit(text: str, schedule: str) -> None:
    assert grid(text) == schedule


@pytest.mark.parametrize("text", ["0", "0.5s", "soon"])
def test_a_period_without_whole_seconds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="15m"):
        grid(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0s"),
        (0.42, "0.4s"),
        (9.99, "10s"),
        (89, "89s"),
        (91, "2m"),
        (5000, "83m"),
        (7000, "2h"),
        (2e5, "2d"),
    ],
)
def test_a_table_shows_a_duration_in_one_unit(seconds: float | None, text: str) -> None:
    assert short(seconds) == text
