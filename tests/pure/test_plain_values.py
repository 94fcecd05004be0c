"""What a guest hands over, as the database can hold it; or one sentence, within a bounded time."""

from __future__ import annotations

import json
import math
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.plain import plain_json, to_jsonb
from workers.records import Page

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.binary()
ODD = st.datetimes() | st.dates() | st.complex_numbers() | st.integers(10**5000) | st.builds(object) | st.just(Page)
KEYS = st.integers() | st.text()
ANY: st.SearchStrategy[Any] = st.recursive(
    SCALARS | ODD,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


@settings(max_examples=200)
@given(ANY)
def test_any_value_becomes_json_that_postgres_takes(value: Any) -> None:
    text = to_jsonb(value)
    if text is None:
        assert value is None
        return
    text.encode("utf-8")
    assert "\\u0000" not in text
    assert json.loads(text, parse_constant=pytest.fail) == plain_json(value)


def within_itself(times: int) -> list[Any]:
    ring: list[Any] = []
    ring += [ring] * times
    return ring


def wide(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value, value]
    return value


@pytest.mark.parametrize("value", [within_itself(2), within_itself(100), wide(60)])
def test_what_has_no_end_is_an_error_and_soon(value: Any) -> None:
    before = process_time()
    with pytest.raises(ValueError, match="holds more than 100,000 values"):
        plain_json(value, most=100_000)
    with pytest.raises(ValueError, match="checkpoint of a page holds more than"):
        Page(checkpoint={"ring": value})
    assert process_time() - before < 2  # seconds; without a bound it is longer than the world is old


def test_what_is_merely_deep_is_cut() -> None:
    assert "null" in (to_jsonb(within_itself(1)) or "")


@pytest.mark.parametrize("number", [math.nan, math.inf, 10**5000], ids=["nan", "inf", "5,000 digits"])
def test_numbers_beyond_json_are_none(number: float) -> None:
    assert plain_json({"n": number}) == {"n": None}
