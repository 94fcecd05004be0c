"""Dates as boards and people write them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tests.realdata.judging import Category, strings, table
from workers.clean.dates import PostedDate, parse_posted

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
_LINKEDIN_FETCHED = datetime(2020, 5, 5, 10, tzinfo=UTC)


class Said(NamedTuple):
    """A text and the time at which it was read."""

    text: str
    at: datetime
    language: str | None = None

    def __str__(self) -> str:
        return self.text


def _answer(said: Said) -> PostedDate | None:
    return parse_posted(said.text, said.at, said.language)


def _ago(offset: dict[str, float], direction: str) -> datetime | None:
    sign = -1 if direction == "in" else 1
    months = int(offset.pop("months", 0) + 12 * offset.pop("years", 0)) * sign
    index = NOW.year * 12 + NOW.month - 1 - months
    if not 1 <= index // 12 <= 9999:
        return None
    return NOW.replace(year=index // 12, month=index % 12 + 1) - sign * timedelta(**offset)


def _relative(folder: Path) -> Iterator[tuple[Said, datetime | None]]:
    for row in table(folder, "dates/relative-multilang.csv"):
        yield Said(row["text"], NOW), _ago(json.loads(row["offset_json"]), row["direction"])


def relative_rows(folder: Path) -> Iterator[tuple[str, bool]]:
    """The language of each relative text, and whether it is understood."""
    languages = (row["language"] for row in table(folder, "dates/relative-multilang.csv"))
    for language, (said, expected) in zip(languages, _relative(folder), strict=True):
        yield language, _within_an_hour(_answer(said), expected)


def _within_an_hour(got: PostedDate | None, expected: datetime | None) -> bool:
    if got is None or expected is None:
        return got is None and expected is None
    return abs(got.at - expected) < timedelta(hours=1)


def _of_a_board(folder: Path) -> Iterator[tuple[Said, tuple[datetime, bool]]]:
    for row in table(folder, "dates/job-board-posted-strings.csv"):
        if row["unit"] != "not a date":
            distance = timedelta(**{row["unit"] + "s": int(row["amount_min"])})
            yield Said(row["text"], NOW), (NOW - distance, not row["amount_max"])


def _rubbish(folder: Path) -> Iterator[tuple[Said, None]]:
    for row in table(folder, "dates/job-board-posted-strings.csv"):
        if row["unit"] == "not a date":
            yield Said(row["text"], NOW), None


def _as_posted(got: PostedDate | None, expected: tuple[datetime, bool]) -> bool:
    return got is not None and (got.at, got.precision == "at_least") == expected


def _beside_a_date(folder: Path) -> Iterator[tuple[Said, str]]:
    for row in table(folder, "dates/linkedin-listing-times.csv"):
        yield Said(row["text"], _LINKEDIN_FETCHED), row["datetime_attribute"]


def _about(got: PostedDate | None, expected: str) -> bool:
    stated = parse_posted(expected, _LINKEDIN_FETCHED)
    if got is None or stated is None:
        return False
    slack = timedelta(days=7 if got.precision == "week" else 1, hours=12)
    return abs(got.at - stated.at) <= slack


def _of_sentences(folder: Path, part: str) -> Iterator[tuple[Said, str]]:
    for language in ("english", "german", "spanish"):
        for line in (folder / f"dates/in-sentence-{language}.jsonl").read_text("utf-8").splitlines():
            row: dict[str, Any] = json.loads(line)
            yield Said(row[part], datetime.fromisoformat(row["reference"][:19]).replace(tzinfo=UTC)), row["value"]


def _of_phrases(folder: Path) -> Iterator[tuple[Said, str]]:
    return _of_sentences(folder, "text")  # the words of a sentence that are a date


def _of_whole_sentences(folder: Path) -> Iterator[tuple[Said, str]]:
    return _of_sentences(folder, "input")


def _same_day(got: PostedDate | None, expected: str) -> bool:
    return got is not None and got.at.date().isoformat() == expected[:10]


CATEGORIES = (
    Category(name="dates-relative", floor=0.99, judge=strings(_relative, _answer, _within_an_hour)),
    Category(name="dates-board", floor=1, judge=strings(_of_a_board, _answer, _as_posted)),
    Category(name="dates-rubbish", floor=1, judge=strings(_rubbish, _answer, lambda got, _: got is None)),
    Category(name="dates-listing", floor=1, judge=strings(_beside_a_date, _answer, _about)),
    Category(name="dates-phrase", floor=0.86, judge=strings(_of_phrases, _answer, _same_day)),
    Category(
        name="dates-sentence",
        floor=0,
        page="realdata-sentences.md",
        judge=strings(_of_whole_sentences, _answer, _same_day),
    ),
)
