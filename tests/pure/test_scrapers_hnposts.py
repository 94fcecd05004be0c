"""What is made of one comment of a "Who is hiring?" thread."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.records import Posting
from workers.scrapers.hnposts import posting_of


def read(text: Any) -> Posting:
    return posting_of(7, text, 1_772_600_767)


@pytest.mark.parametrize(
    ("text", "company", "title", "location"),
    [
        ("Acme | Baker and Engineer | Oslo, Norway | Full-time", "Acme", "Baker and Engineer", "Oslo, Norway"),
        ("Acme (YC S19) | Data Scientist | REMOTE (US)", "Acme", "Data Scientist", "REMOTE (US)"),
        ('Acme | <a href="https:&#x2F;&#x2F;a.test">https:&#x2F;&#x2F;a.test</a> | SRE', "Acme", "SRE", None),
        ("Acme — Senior Designer — Paris, France", "Acme", "Senior Designer", "Paris, France"),
        ("Platform Engineer | Oslo, Norway | Onsite", None, "Platform Engineer", "Oslo, Norway | Onsite"),
        ("Acme | Remote | Full-time<p>Acme is hiring a senior Go developer.", "Acme", "senior Go developer", "Remote"),
        ("Acme | NYC\n- Backend Engineer\n- Designer", "Acme", "Backend Engineer", "NYC"),
        ("Company: Acme\nRole: Lead Baker\nLocation: Oslo", "Acme", "Lead Baker", "Oslo"),
        ("We like bread.<p>Come and see us.", None, "We like bread.", None),
    ],
)  # fmt: skip
def test_a_comment_is_taken_apart(text: str, company: str | None, title: str, location: str | None) -> None:
    posting = read(text)
    assert (posting.company, posting.title, posting.location) == (company, title, location)
    assert posting.url == "https://news.ycombinator.com/item?id=7"
    assert posting.description


def test_pay_kind_and_remote_come_from_the_first_line_alone() -> None:
    posting = read("Acme | Engineer | Remote | Part-time | $90k-$120k<p>We have raised $20M and are on-site people.")
    assert (posting.salary, posting.job_type, posting.remote) == ("$90k-$120k", "part-time", True)
    assert read("Acme | Engineer | Oslo<p>We have raised $20M.").salary is None


@given(
    st.one_of(
        st.text(max_size=300), st.none(), st.integers(), st.lists(st.text(max_size=20), max_size=8).map(" | ".join)
    )
)
def test_nothing_in_a_comment_makes_it_raise(text: Any) -> None:
    posting = read(text)
    assert posting.title is None or 0 < len(posting.title) <= 120
    assert posting.company is None or 0 < len(posting.company) <= 60
