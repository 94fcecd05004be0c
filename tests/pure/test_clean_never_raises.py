"""Whatever a site sends, cleaning answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.clean.blanks import blank_to_none
from workers.clean.dates import parse_posted
from workers.clean.pay import parse_salary
from workers.clean.places import parse_location
from workers.clean.postings import CleanJob, Rejected, clean_posting
from workers.clean.text import many_lines, one_line, readable
from workers.clean.urls import LONGEST, canonical_url
from workers.records import Posting

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
_WORDS = (
    "30 + 3 days ago vor Tagen 3月 $ € 50k - 1.234,50 Berlin , US CA ( ) | "
    "Remote hybrid https :// ? & utm_x=1 # .. 前 \x00 \ud800 \u200b <p> &amp; %2F [ ] @"
)
_PIECES = st.lists(st.sampled_from(_WORDS.split(" ")) | st.text(max_size=4), max_size=12)
_TEXTS = st.text(st.characters(codec=None), max_size=60) | _PIECES.map(" ".join) | _PIECES.map("".join)
_SCALARS = (
    _TEXTS
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.binary(max_size=8)
    | st.datetimes()
    | st.dates()
)
_ANYTHING: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "min", "value", "city", "country", "x"]), inner, max_size=4)
    ),
)
_FIELDS = (
    "url",
    "external_id",
    "title",
    "company",
    "description",
    "location",
    "locations",
    "remote",
    "job_type",
    "salary",
    "posted",
    "valid_through",
)


@settings(max_examples=100, deadline=None)
@given(_ANYTHING)
def test_every_parser_answers_anything_within_its_range(value: Any) -> None:
    posted = parse_posted(value, NOW)
    assert posted is None or posted.at.utcoffset() == timedelta()
    salary = parse_salary(value)
    assert salary is None or (salary.min or 0) <= (salary.max or float("inf"))
    for place in parse_location(value).places:
        assert place.country is None or (len(place.country) == 2 and place.country.isupper())
        assert place.city or place.region or place.country
    blank = blank_to_none(value)
    assert blank is value or blank is None


@settings(max_examples=80, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(_FIELDS, _ANYTHING)))
def test_any_posting_becomes_a_job_or_a_reason(fields: dict[str, Any]) -> None:
    outcome = clean_posting(Posting(**fields), base_url="https://jobs.test/", fetched_at=NOW)
    if isinstance(outcome, Rejected):
        assert outcome.reason.endswith(".")
        return
    for text in (
        outcome.title,
        outcome.company,
        outcome.description,
        outcome.location_raw,
        outcome.job_type,
        outcome.external_id,
    ):
        assert text is None or "\x00" not in text
        (text or "").encode()  # no lone surrogate is left


@settings(max_examples=100, deadline=None)
@given(_TEXTS, st.none() | st.just("https://jobs.test/a/b?c=1"))
def test_a_canonical_url_is_its_own_canonical_url(url: str, base: str | None) -> None:
    canonical = canonical_url(url, base)
    if canonical is not None:
        assert canonical_url(canonical) == canonical
        assert canonical.startswith(("http://", "https://"))
        assert canonical.isascii()
        assert len(canonical) <= LONGEST


_REPEATED = """
US-|a and |St |( |1 - |Berlin, |remote |3 days |$|<a |&lt;|(|((|[|"|'|\\|&|&#|&amp|<!--|<![CDATA[|</|<p/|1|1.|1,|12:|-|
 - |/| / |x / |;|•|, |..|a|A|é|東|月|vor |posted |100% |%|%2|?a=|&a=|../|;jsessionid=|+|+ |50k|€ 1 |1–2|per hour | to |
up to |EUR |1 000 |00:00 |2026-|1/2/|january 1 |+00|'26|via |hybrid |not remote |1234 |str. |– |\u00a0|\u200b|\0|\ud800|
"""


@pytest.mark.parametrize("piece", [*filter(None, _REPEATED.replace("\n", "").split("|")), *"| \n\r\t"])
def test_no_text_keeps_a_parser_busy(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    before = process_time()
    parse_location(text)
    parse_salary(text)
    parse_posted(text, NOW)
    blank_to_none(text)
    readable(text, 100_000)
    canonical_url(f"http://a/{text[: 2 * LONGEST - 10]}")
    whole = dict.fromkeys(_FIELDS, text) | {"url": "http://a/", "locations": [text] * 20}
    clean_posting(Posting(**whole), base_url=None, fetched_at=NOW)
    assert process_time() - before < 4  # seconds; it takes a few tenths, and a quadratic step takes minutes


@pytest.mark.parametrize("piece", ["(", "((", "( ", "()"])
def test_a_place_of_many_parentheses_is_read_in_no_time(piece: str) -> None:
    before = process_time()
    for _ in range(5):
        parse_location(piece * 4_000 + " " * 10)
    assert process_time() - before < 1.5  # seconds; it takes a tenth, and three where blanks are left in a row


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<html><body>one</body><body>two</body></html>", "onetwo"),
        ("<html><frameset><frame></frameset><noframes>none</noframes></html>", "none"),
        ("<!doctype html><frameset>", ""),
        ("<html><head></head>x", "x"),
        ("<div>" * 1_000 + "deep", "deep"),
        ("<p>&#" + "9" * 5_000 + ";</p>x", "x"),
    ],
)
def test_a_description_that_is_a_whole_document_or_half_of_one_is_read(text: str, shown: str) -> None:
    assert "".join(readable(text, 1_000).split()).endswith(shown)


def test_an_address_within_itself_is_no_place() -> None:
    ring: dict[str, Any] = {"url": "http://a/"}
    ring["address"] = ring
    deep: dict[str, Any] = {"addressLocality": "Oslo"}
    for _ in range(2_000):
        deep = {"address": deep}
    for location in (ring, deep, [ring, deep]):
        job = clean_posting(Posting(url="http://a/", title="Baker", location=location), base_url=None, fetched_at=NOW)
        assert isinstance(job, CleanJob)
        assert job.city is None


@settings(max_examples=80, deadline=None)
@given(_TEXTS)
def test_cleaning_text_twice_changes_nothing_more(text: str) -> None:
    assert one_line(one_line(text, 40), 40) == one_line(text, 40)
    assert many_lines(many_lines(text, 40), 40) == many_lines(text, 40)
    assert len(readable(text, 40)) <= 40


_HUGE = "<b>x y</b> 1 , " * 6_000_000  # 100 MB


@pytest.mark.parametrize("field", ["description", "title", "location", "salary", "posted", "company"])
def test_a_hundred_megabytes_in_one_field_cost_only_that_field(field: str) -> None:
    fields: dict[str, Any] = {"url": "https://jobs.test/1", "title": "Baker", field: _HUGE}
    job = clean_posting(Posting(**fields), base_url=None, fetched_at=NOW)
    assert isinstance(job, CleanJob)
    assert len(job.description or "") <= 100_000
    assert len(job.title) <= 500
    assert len(job.location_raw or "") <= 1_000
