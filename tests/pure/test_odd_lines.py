"""What a program may print instead of pages: each line is a page or one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.odd_bodies import complaint, soup
from workers.scrapers.command import page_of
from workers.scrapers.programs import Line

KEYS = ("url", "postings", "checkpoint", "done", "total", "stage", "title", "location", "salary", "posted", "x", "")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
)
PAGES = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8)
PIECES = '{ } [ ] : , " \\ "url": "postings":[ "title": {"done":1} NaN 1e999 \\ud800 \0 null'.split(" ")


def said_of(text: str) -> str:
    try:
        page = page_of(Line("stdout", text))
    except (ValueError, TypeError) as error:
        return str(error)
    return complaint([page])


@settings(max_examples=250)
@given(PAGES.map(json.dumps) | JSON.map(json.dumps) | soup(PIECES).map(lambda line: line.decode("utf-8", "replace")))
def test_any_line_is_a_page_or_one_sentence(text: str) -> None:
    said = said_of(text)
    assert "\n" not in said
    assert len(said) < 400


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"done": 1', "should be JSON lines"),  # half a line: the program died in its middle
        ('{"done": "1"}', "done of a page should be int"),
        ('{"done": 1.5}', "done of a page should be int"),
        ('{"done": 99999999999999999999}', "done of a page should be a count"),
        ('{"done": ' + "9" * 5000 + "}", "should be JSON lines"),
        ('{"checkpoint": {"seen": "' + "x" * 1_000_000 + '"}}', "checkpoint of a page is 1,000,012 characters long"),
        ('{"url": 7}', "url of a page should be str"),
        ('{"postings": {"title": "Baker"}}', "postings of a page should be list"),
        ("\ufffd\ufffd\x00\x1b[31m", "should be JSON lines"),  # what bytes that are no UTF-8 have become
        ('{"a":' * 100_000, "should be JSON lines"),
        ("null", "should be a JSON object"),
    ],
)
def test_a_line_that_is_no_page_gets_one_sentence(line: str, said: str) -> None:
    sentence = said_of(line)
    assert said in sentence
    assert sentence.isprintable()


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ('{"done": 1, "done": 2}', 2),  # the last one counts, as everywhere in JSON
        ('{"done": null, "postings": null, "strange": {"a": [1]}}', None),
        ('{"done": 3, "checkpoint": {"nan": NaN, "big": 1e999, "half": "\\ud800", "nul": "\\u0000"}}', 3),
    ],
)
def test_an_odd_line_that_says_enough_is_a_page(line: str, done: int | None) -> None:
    assert page_of(Line("stdout", line)).done == done
    assert not said_of(line)
