from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.boards import BOARDS
from workers.records import Posting
from workers.scrapers import (
    arbeitnow,
    ashby,
    greenhouse,
    himalayas,
    jobicy,
    lever,
    recruitee,
    remoteok,
    remotive,
    smartrecruiters,
    workable,
)
from workers.scrapers.jsonfields import address_line, markup, moment, pay, places, remote, same_place, text

NESTED: tuple[Any, ...] = (
    [],
    {},
    [None],
    [[]],
    [{}],
    {"name": []},
    {"min": {}},
    [{"location": 7}],
    [{"components": 7}],
)
ANYTHING = st.sampled_from(NESTED) | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
READERS: dict[str, Any] = {
    "greenhouse": lambda job: greenhouse._posting(job, "acme"),
    "lever": lambda job: lever._posting(job, "acme"),
    "ashby": lambda job: ashby._posting(job, "acme"),
    "workable": lambda job: workable._posting(job, "acme"),
    "smartrecruiters": lambda job: smartrecruiters._posting(job, "acme"),
    "recruitee": lambda job: recruitee._posting(job, "acme"),
    "remoteok": remoteok._posting,
    "remotive": remotive._posting,
    "arbeitnow": arbeitnow._posting,
    "himalayas": himalayas._posting,
    "jobicy": jobicy._posting,
}
NAMES = {
    "categories": ("location", "allLocations", "commitment"),
    "salaryRange": ("min", "max", "currency", "interval"),
    "compensation": ("summaryComponents", "compensationTiers"),
    "location": ("city", "region", "country", "remote", "hybrid", "fullLocation"),
    "salary": ("min", "max", "currency", "period"),
}
TOP = (
    "metadata pay_input_ranges offices lists locations secondaryLocations address jobAd telecommuting salary_min "
    "salary_max jobGeo jobType minSalary maxSalary annualSalaryMin employmentType country createdAt isRemote company"
).split()


JOBS = {board.scraper: board.job(1) for board in BOARDS}
INNER = st.fixed_dictionaries({top: st.dictionaries(st.sampled_from(keys), ANYTHING) for top, keys in NAMES.items()})
OUTER = st.dictionaries(st.sampled_from([*TOP, *NAMES]), ANYTHING, max_size=6)


@settings(max_examples=60)
@given(inner=INNER, outer=OUTER)
def test_whatever_lies_under_a_name_a_posting_comes_of_it(inner: dict[str, Any], outer: dict[str, Any]) -> None:
    for name, reader in READERS.items():
        posting = reader({**JOBS[name], **inner, **outer})
        assert isinstance(posting, Posting)
        assert posting.title.startswith("Baker")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ((True,), True),
        ((None, "Remote"), True),
        (("OnSite",), False),
        (("on_site",), False),
        (("on-site",), False),
        (("Hybrid",), False),
        (("unspecified",), None),
        ((7, None), None),
        (("", False), False),
    ],
)
def test_remote_is_what_the_first_flag_or_word_says(values: tuple[Any, ...], says: bool | None) -> None:
    assert remote(*values) is says


@pytest.mark.parametrize(
    ("interval", "period"), [("1 YEAR", "1 YEAR"), ("2 WEEK", None), ("NONE", None), ("1 TIME", None), (None, None)]
)
def test_the_pay_of_ashby_is_the_salary_alone_from_the_lowest_to_the_highest(interval: Any, period: Any) -> None:
    def part(kind: str, low: Any, high: Any, currency: str = "USD") -> dict[str, Any]:
        names = {"compensationType": kind, "interval": interval, "currencyCode": currency}
        return {**names, "minValue": low, "maxValue": high}

    parts = [part("Bonus", 1, 9), part("Salary", 50, 60), part("Salary", 40, None), part("Salary", 1, 2, "INR")]
    job = {**ashby_job(), "compensation": {"compensationTiers": [{"components": parts}], "summaryComponents": []}}
    found = READERS["ashby"](job).salary
    assert found == {"min": 40, "max": 60, "currency": "USD", "period": period}


def test_the_pay_of_lever_and_greenhouse_has_only_periods_that_are_stated() -> None:
    lever_job = {"salaryRange": {"min": 9, "max": 9, "currency": "EUR", "interval": "one-time"}}
    assert READERS["lever"](lever_job).salary["period"] is None
    in_cents = {"pay_input_ranges": [{"min_cents": 1550, "max_cents": 2000, "currency_type": "USD"}]}
    assert READERS["greenhouse"](in_cents).salary == {"min": 15.5, "max": 20.0, "currency": "USD", "period": None}
    value = {"min_value": "5", "max_value": "6", "unit": "USD"}
    field = {"name": "Pay", "value_type": "currency_range", "value": value}
    assert READERS["greenhouse"]({"metadata": [field]}).salary["max"] == "6"


def test_the_fields_that_companies_add_to_greenhouse_are_read_by_their_usual_names() -> None:
    fields = [{"name": "Workplace Type", "value": "Hybrid"}, {"name": "Employment Type", "value": "Part-time"}]
    posting = READERS["greenhouse"]({"metadata": fields, "location": {"name": "Oslo, Norway"}})
    assert (posting.remote, posting.job_type) == (False, "Part-time")
    posting = READERS["greenhouse"]({"metadata": fields, "location": {"name": "Oslo or remote"}})
    assert posting.remote is None  # the text decides: it is offered


def ashby_job() -> dict[str, Any]:
    return next(board for board in BOARDS if board.scraper == "ashby").job(1)


def test_zero_and_texts_without_a_digit_are_no_pay() -> None:
    assert pay(0, 0, "USD") is None
    assert pay("", "0", "USD") is None
    assert pay(*[True, None]) is None
    assert pay(float("inf"), float("nan")) is None
    assert pay(0, "50000", "EUR", 3) == {"min": None, "max": "50000", "currency": "EUR", "period": "3"}


def test_text_reads_references_and_knows_what_says_nothing() -> None:
    assert text(" R&amp;D ") == "R&D"
    assert text(17) == "17"
    nothing: tuple[Any, ...] = (True, None, "N/A", " ", [], {"name": "x"})
    assert [text(value) for value in nothing] == [None] * 6


def test_a_moment_is_the_first_value_that_may_be_one() -> None:
    assert moment(*[None, "", 0, True, "2026-01-02"]) == "2026-01-02"
    assert moment(1772600767000, "2026-01-02") == 1772600767000
    assert moment([], {}) is None


def test_what_was_escaped_twice_has_its_tags_back() -> None:
    assert markup("&lt;p&gt;a &amp;amp; b&lt;/p&gt;") == "<p>a &amp; b</p>"
    assert markup("<p>1 &lt; 2</p>", None, "", 7, "c") == "<p>1 &lt; 2</p>\nc"


def test_the_country_of_an_address_is_written_out() -> None:
    assert address_line("Toronto", "ON", "CA") == "Toronto, ON, Canada"
    assert address_line(None, "", "us") == "United States"
    assert address_line("Oslo", None, "Noreg og meir") == "Oslo, Noreg og meir"
    assert address_line(None, [], {}) is None


def test_all_places_arrive_and_further_ones_only_once() -> None:
    found = places(
        "Oslo, Norway", "Bergen, Norway", "Oslo, Norway", unless_known=["Norway", "Sweden", "Everywhere", None]
    )
    assert found == {"location": "Oslo, Norway", "locations": ["Bergen, Norway", "Sweden"]}
    assert places(None) == {"location": None, "locations": None}


@pytest.mark.parametrize(
    ("shown", "exact", "lines"),
    [
        ("New York, NY (HQ)", "New York City, NY, USA", ["New York, NY (HQ)"]),
        ("North America", "United States", ["North America", "United States"]),
        ("United States", "Denver, Colorado, United States", ["Denver, Colorado, United States", "United States"]),
        ("Remote", "Denver, Colorado, United States", ["Remote", "Denver, Colorado, United States"]),
        (None, "Denver, Colorado, United States", ["Denver, Colorado, United States"]),
        ("Headquarters", None, ["Headquarters"]),
    ],
)
def test_an_address_is_added_where_it_says_more_than_the_text(shown: Any, exact: Any, lines: list[str]) -> None:
    assert same_place(shown, exact) == lines
