"""Which columns of a node people set, and what each may be; judged before the database sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from supervisor.commands.durations import LONGEST_S
from supervisor.schedule import parse_schedule
from workers.errors import ConfigError
from workers.plain import plain_json
from workers.records import ScraperSettings
from workers.scrapers import judge_params, judge_scraper

LARGEST_INTEGER = 2**31 - 1
NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
_MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column that people set."""

    wanted: str  # "a number above 0"
    fits: Callable[[object], bool]
    nullable: bool = False


def _text(most: int) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, str) and 0 < len(value) <= most and value.isprintable() and value.strip() != ""
    )


def _name(value: object) -> bool:
    return isinstance(value, str) and bool(NAME.fullmatch(value)) and value.strip() != ""


def _whole(low: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and low <= value <= LARGEST_INTEGER


def _number(low: float, *, above: bool) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (value > low if above else value >= low) and value <= LONGEST_S  # neither is true of NaN

    return fits


def _params(value: object) -> bool:
    return isinstance(value, dict) and plain_json(value) == value


_SECONDS = "a number of seconds above 0"
_FROM_ZERO = "a number of seconds, 0 or more"
COLUMNS: dict[str, Column] = {
    "name": Column("a printable text of at most 200 characters", _name),
    "scraper": Column("the name of a scraper", _text(500)),
    "params": Column("an object without NUL, NaN or half characters", _params),
    "schedule": Column("a text or null", _text(200), nullable=True),
    "timezone": Column("the name of a time zone", _text(100)),
    "jitter_s": Column(_FROM_ZERO, _number(0, above=False)),
    "priority": Column("a whole number", _whole(-LARGEST_INTEGER)),
    "timeout_s": Column(_SECONDS, _number(0, above=True)),
    "stall_s": Column(_SECONDS, _number(0, above=True)),
    "memory_mb": Column("a whole number of MB above 0, or null", _whole(1), nullable=True),
    "data_limit": Column("true or false", lambda value: isinstance(value, bool)),
    "max_attempts": Column("a whole number above 0, or null", _whole(1), nullable=True),
    "gap_s": Column(f"{_FROM_ZERO}, or null", _number(0, above=False), nullable=True),
    "gap_jitter_s": Column(f"{_FROM_ZERO}, or null", _number(0, above=False), nullable=True),
    "proxy_pool": Column("the name of a pool, or null", _text(200), nullable=True),
    "location_pool": Column("the name of a pool, or null", _text(200), nullable=True),
    "pause_after": Column("a whole number above 0, or null", _whole(1), nullable=True),
    "enabled": Column("true or false", lambda value: isinstance(value, bool)),
}
REQUIRED = ("name", "scraper")


def complaints(row: Mapping[str, Any], settings: ScraperSettings) -> Iterator[str]:
    """What is wrong with a node's row, a sentence each: keys, values, scraper, schedule; params where it has some."""
    yield from (_unknown(key) for key in row if key not in COLUMNS)
    yield from (f"{key}: is missing" for key in REQUIRED if row.get(key) is None)
    broken = {key for key, column in COLUMNS.items() if key in row and not _fits(column, row[key])}
    yield from (f"{key}: should be {COLUMNS[key].wanted}, got {shown(row[key])}" for key in row if key in broken)
    whole = {key: row[key] for key in COLUMNS if key in row and key not in broken}
    if whole.get("scraper"):
        yield from _of_the_scraper(whole, settings)
    if (schedule := whole.get("schedule")) and "timezone" not in broken:
        yield from _of_the_schedule(schedule, whole.get("timezone", "UTC"))


def _fits(column: Column, value: object) -> bool:
    return column.nullable if value is None else column.fits(value)


def _of_the_scraper(row: Mapping[str, Any], settings: ScraperSettings) -> Iterator[str]:
    complaint = judge_scraper(row["scraper"], settings)
    if not complaint and "params" in row:
        complaint = judge_params(row["scraper"], row["params"])
    if complaint:
        yield complaint


def _of_the_schedule(schedule: str, timezone: str) -> Iterator[str]:
    try:
        parse_schedule(schedule, timezone)
    except ConfigError as error:
        yield str(error)


def _unknown(key: str) -> str:
    close = get_close_matches(key, COLUMNS, n=1)
    return f"{shown(key)}: no such column; {f'did you mean {close[0]}?' if close else 'take it out'}"


def shown(value: object) -> str:
    """A value of anybody's as it may stand in a sentence: as JSON, printable, not too long."""
    text = "".join(c if c.isprintable() else "?" for c in json.dumps(value, default=str, ensure_ascii=False))
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."


def exported(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a node's row people set, as `nodes export` writes it."""
    return {key: row[key] for key in COLUMNS}
