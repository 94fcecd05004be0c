from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from workers.errors import ScraperRefused
from workers.records import Posting
from workers.scrapers import BUILT_IN, fill_env, judge_params
from workers.scrapers import feed as feed_scraper
from workers.scrapers import html as html_scraper
from workers.scrapers.params import FIELDS

START = "http://board.test/"


def test_the_fields_that_params_may_name_are_those_of_a_posting() -> None:
    assert {field.name for field in fields(Posting)} == set(FIELDS)


def test_all_complaints_come_in_one_sentence() -> None:
    params = {"start": "board.test", "max_pages": 0, "nxt": "a", "detail": {"titel": "h1"}, "fields": {"title": "li["}}
    with pytest.raises(ScraperRefused) as refused:
        html_scraper.read(params)
    sentence = str(refused.value)
    for part in (
        "start should be",
        "max_pages should be",
        "did you mean next?",
        "items is missing",
        "'titel'",
        "'li['",
    ):
        assert part in sentence
    assert "\n" not in sentence
    assert "supervisor scrapers show html" in sentence


def test_defaults_are_filled_in_and_null_means_the_default() -> None:
    params = html_scraper.read({"start": START, "items": "li", "at_once": None})
    assert (params["at_once"], params["next"], params["fields"]) == (4, None, {})


@pytest.mark.parametrize(
    ("scraper", "params", "good"),
    [
        ("html", {"start": [START, START], "items": "li"}, True),
        ("html", {"start": [], "items": "li"}, False),
        ("html", {"start": START, "items": "li", "at_once": True}, False),
        ("html", {"start": START, "items": "li", "detail": {"title": "h1"}}, False),  # detail without link
        ("jobposting", {"start": START, "match": "/job/"}, True),
        ("jobposting", {"start": START, "match": "("}, False),
        ("feed", {"url": START, "title_regex": r"(?P<company>.+): (?P<title>.+)"}, True),
        ("feed", {"url": START, "title_regex": r"(?P<firm>.+)"}, False),
        ("feed", {"start": START}, False),
        ("command", {"argv": ["true"], "anything": {"else": 1}}, True),
        ("command", {"argv": "true"}, False),
        ("command", {"argv": ["true"], "env": {"A": 1}}, False),
        ("a.guest:scrape", {"anything": 1}, True),
    ],
)
def test_params_are_judged_before_anything_runs(scraper: str, params: dict[str, Any], *, good: bool) -> None:
    complaint = judge_params(scraper, params)
    assert (complaint is None) is good, complaint


def test_every_built_in_documents_every_param_with_a_sentence() -> None:
    for name in BUILT_IN:
        module = __import__(f"workers.scrapers.{name}", fromlist=["PARAMS"])
        assert module.PARAMS
        assert all(param.sentence.endswith(".") for param in module.PARAMS)


def test_names_of_the_environment_are_filled_in_deep() -> None:
    params = {"url": "${HOST}/x", "list": ["${KEY}", 1, {"a": "${KEY}${KEY}"}], "${KEY}": None, "cost": "$5 ${ }"}
    filled = fill_env(params, ("HOST", "KEY"), {"HOST": "h", "KEY": "k", "OTHER": "o"})
    assert filled == {"url": "h/x", "list": ["k", 1, {"a": "kk"}], "${KEY}": None, "cost": "$5 ${ }"}
    assert params["url"] == "${HOST}/x"  # the params of the row stay as they are


def test_what_was_filled_in_is_not_filled_again() -> None:
    assert fill_env({"a": "${A}"}, ("A", "B"), {"A": "${B}", "B": "secret"}) == {"a": "${B}"}


def test_a_name_that_is_not_listed_is_refused_without_its_value() -> None:
    with pytest.raises(ScraperRefused, match=r"\$\{SECRET\}.*\[scrapers\] env") as refused:
        fill_env({"a": ["${SECRET}"]}, ("HOST",), {"SECRET": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_listed_name_that_is_unset_is_refused() -> None:
    with pytest.raises(ScraperRefused, match="HOST"):
        fill_env({"a": "${HOST}"}, ("HOST",), {})


def test_title_regex_may_be_left_out() -> None:
    assert feed_scraper.read({"url": START})["title_regex"] is None
