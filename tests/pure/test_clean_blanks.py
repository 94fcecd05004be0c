"""What only looks like a value is none in every field; what is one is left alone."""

from __future__ import annotations

import math
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from workers.clean.blanks import blank_to_none
from workers.clean.postings import CleanJob, Rejected, clean_posting
from workers.records import Posting

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
WORDS = (
    *(
        "",
        "-",
        "--",
        "\u2014",
        "\u2212",
        "...",
        "\u2026",
        "?",
        "n/a",
        "N/A",
        "N.A.",
        "#N/A",
        "na",
        "<NA>",
        "NaT",
        "nan",
        "NaN",
    ),
    *(
        "-nan",
        "null",
        "NULL",
        "(null)",
        "[null]",
        '"null"',
        "None",
        "none.",
        "nil",
        "undefined",
        "Not specified",
        "inf",
    ),
    *(
        "not available",
        "Not disclosed",
        "Unknown",
        "TBD",
        "keine Angabe",
        "k. A.",
        "non précisé",
        "neuvedeno",
        "не указано",
    ),
    *("null, null", "None None", "nan; nan", "undefined | undefined", "[]", "{}", "''", "\\N", "#VALUE!", "1.#QNAN"),
    *(" N/A ", "\u200bN/A\u200b", "\x00null\x00", "\tnan\n", "-\u00a0-"),
)
NUMBERS = (math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"))
KEPT: tuple[Any, ...] = (
    *(
        "0",
        0,
        False,
        True,
        1.5,
        "Nantes",
        "Naples",
        "NaN Labs",
        "None of your business GmbH",
        "Nil Desk Ltd",
        "-5",
        "C",
        "?!x",
    ),
    *(
        "Null Island",
        "Unknown Worlds",
        "N",
        "no",
        "x - y",
        "\u00bd",
        "\u00e9",
        Decimal("1.5"),
        b"",
        [],
        {},
        ["N/A"],
        NOW,
    ),
)


@pytest.mark.parametrize("value", [*WORDS, *NUMBERS], ids=repr)
def test_what_looks_like_a_value_is_none(value: Any) -> None:
    assert blank_to_none(value) is None


@pytest.mark.parametrize("value", KEPT, ids=repr)
def test_what_is_a_value_stays(value: Any) -> None:
    assert blank_to_none(value) is value


def test_every_space_and_every_invisible_character_of_unicode_is_blank() -> None:
    invisible = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if chr(code).isspace()
        or (unicodedata.category(chr(code)) == "Cf" and chr(code) in "\u200b\u200c\u200d\u2060\ufeff\u00ad")
    ]
    assert len(invisible) > 30
    assert [hex(ord(c)) for c in invisible if blank_to_none(c * 3) is not None] == []
    assert blank_to_none("\x00" * 500 + "\u200b" * 500 + " " * 500) is None


@pytest.mark.parametrize("name", ["NaT", "NA", "nan"])
def test_the_blanks_of_tables_are_none(name: str) -> None:
    pandas = pytest.importorskip("pandas")
    value = float("nan") if name == "nan" else getattr(pandas, name)
    assert blank_to_none(value) is None
    assert blank_to_none(pandas.Series([value], dtype="object")[0]) is None


def test_the_blanks_of_arrays_are_none() -> None:
    numpy = pytest.importorskip("numpy")
    assert blank_to_none(numpy.float32("nan")) is None
    assert blank_to_none(numpy.datetime64("NaT")) is None
    kept = numpy.float32(2)
    assert blank_to_none(kept) is kept


def test_an_object_that_cannot_be_compared_is_left_alone() -> None:
    class Touchy:
        __hash__ = object.__hash__

        def __ne__(self, other: object) -> bool:
            raise RuntimeError("not with me")

    value = Touchy()
    assert blank_to_none(value) is value


FIELDS = (
    *("external_id", "company", "description", "location", "locations", "remote", "job_type", "salary", "posted"),
    "valid_through",
)
SHAPES: tuple[Callable[[Any], Any], ...] = (
    lambda value: value,
    lambda value: [value],
    lambda value: [value, value],
    lambda value: {"name": value},
    lambda value: {"name": {"value": value}, "min": value, "max": value, "city": value, "addressCountry": value},
    lambda value: {"address": {"addressLocality": value, "addressRegion": value, "addressCountry": {"name": value}}},
)
COLUMNS = (
    *("external_id", "company", "description", "location_raw", "city", "region", "country", "remote", "job_type"),
    *("salary_min", "salary_max", "salary_currency", "salary_period", "posted_at", "posted_precision", "valid_through"),
)


@pytest.mark.parametrize("field", FIELDS)
def test_every_blank_in_every_field_and_shape_is_none_in_the_job(field: str) -> None:
    for value in (*WORDS, *NUMBERS):
        for number, shape in enumerate(SHAPES):
            fields: dict[str, Any] = {field: shape(value)}
            job = clean_posting(Posting(url="http://a/", title="Baker", **fields), base_url=None, fetched_at=NOW)
            assert isinstance(job, CleanJob)
            row = asdict(job)
            assert {name: row[name] for name in COLUMNS if row[name] is not None} == {}, (value, number)
            assert row["locations"] == row["countries"] == [], (value, number)


@pytest.mark.parametrize("field", ["title", "url"])
def test_a_blank_title_or_address_rejects_the_posting(field: str) -> None:
    for value in (*WORDS, *NUMBERS):
        fields: dict[str, Any] = {"url": "http://a/", "title": "Baker", field: value}
        assert isinstance(clean_posting(Posting(**fields), base_url=None, fetched_at=NOW), Rejected), value


@pytest.mark.parametrize("field", ["min", "max", "value", "currency", "period"])
def test_blank_ends_of_pay_are_none_and_the_others_stay(field: str) -> None:
    for value in (*WORDS, *NUMBERS):
        pay: dict[str, Any] = {"min": 10, "max": 20, "currency": "EUR", "period": "hour", field: value}
        job = clean_posting(Posting(url="http://a/", title="Baker", salary=pay), base_url=None, fetched_at=NOW)
        assert isinstance(job, CleanJob)
        stated = (job.salary_min, job.salary_max, job.salary_currency, job.salary_period)
        wanted = {"min": (None, 20), "max": (10, None)}.get(field, (10, 20))
        assert stated[:2] == wanted, value
        assert stated[2:] == (None if field == "currency" else "EUR", None if field == "period" else "hour"), value
