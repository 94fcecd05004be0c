"""One posting, one address: what may differ and what may not."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.clean.urls import canonical_url

_NAMES = st.sampled_from(["id", "jobId", "gh_jid", "lang", "q", "page", "token", "for", "jk", "category"])
_VALUES = st.text("abcXYZ0189 -_~", max_size=8)
_QUERY = st.lists(st.tuples(_NAMES, _VALUES), max_size=5)
_TRACKED = st.sampled_from(
    ["utm_source=x", "UTM_Campaign=7", "gclid=EAIa", "gh_src=abc1", "lever-source=mail", "lever-source%5B%5D=LinkedIn",
     "trk=public_jobs", "refId=x%3D%3D", "ref=home", "source=board", "_hsenc=p2A", "fbclid=1", "mc_eid=9", "trid=5",
     "PHPSESSID=4f", "_gl=1*2", "s_kwcid=AL!1", "ashby_src=z", "at_medium=custom", "searchId=8"]
)  # fmt: skip


def _url(query: list[tuple[str, str]]) -> str:
    from urllib.parse import urlencode

    return "https://jobs.example.org/a/B/" + ("?" + urlencode(query) if query else "")


@given(_QUERY, st.lists(_TRACKED, max_size=4), st.randoms())
def test_tracking_and_order_never_make_another_posting(
    query: list[tuple[str, str]], tracked: list[str], dice: st.DataObject
) -> None:
    pairs = _url(query).partition("?")[2].split("&") + tracked
    dice.shuffle(pairs)  # type: ignore[attr-defined]
    told = f"HTTPS://Jobs.Example.ORG:443/a/./B/?{'&'.join(pairs)}#apply"
    assert canonical_url(told) == canonical_url(_url(query))


@given(_QUERY, _QUERY)
def test_what_names_a_posting_is_never_lost(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    first, second = canonical_url(_url(one)), canonical_url(_url(other))
    assert first is not None
    kept = parse_qsl(urlsplit(first).query, keep_blank_values=True)
    assert sorted(kept) == sorted(one)
    assert (first == second) == (sorted(one) == sorted(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/1", "https://example.org/1"),
        ("https://example.org/1", "https://www.example.org/1"),
        ("https://example.org/1", "https://m.example.org/1"),
        ("https://example.org/1", "https://example.org/1/"),
        ("https://example.org/Job", "https://example.org/job"),
        ("https://example.org/1?ref=7", "https://example.org/1?ref=8"),
        ("https://example.org/#/jobs/1", "https://example.org/#/jobs/2"),
        ("https://example.org/#!job=1", "https://example.org/#!job=2"),
        ("https://example.org/1?position=2", "https://example.org/1?position=3"),
    ],
)
def test_addresses_that_may_be_two_postings_stay_two(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("told", "canonical"),
    [
        ("https://de.linkedin.com/jobs/view/cook-at-acme-42?position=2&pageNum=0&refId=a%3D&trk=x",
         "https://de.linkedin.com/jobs/view/cook-at-acme-42"),
        ("https://uk.indeed.com/viewjob?jk=ab12&tk=1c&from=serp&vjs=3&advn=77", "https://uk.indeed.com/viewjob?jk=ab12"),
        ("https://boards.greenhouse.io/acme/jobs/42?t=9f3&gh_src=1", "https://boards.greenhouse.io/acme/jobs/42"),
        ("https://acme.example/careers?gh_jid=42&t=9f3", "https://acme.example/careers?gh_jid=42&t=9f3"),
        ("https://careers-acme.icims.com/jobs/42/cook/job?mobile=false&width=940&in_iframe=1",
         "https://careers-acme.icims.com/jobs/42/cook/job"),
        ("https://jobs.lever.co/acme/4f?lever-origin=applied&lever-source%5B%5D=mail", "https://jobs.lever.co/acme/4f"),
        ("https://acme.example/#/jobs/42?utm_source=x", "https://acme.example/#/jobs/42"),
        ("https://acme.example/jobs#/", "https://acme.example/jobs"),
        ("https://acme.example/jobs#top", "https://acme.example/jobs"),
    ],
)  # fmt: skip
def test_boards_parameters_go_and_routes_stay(told: str, canonical: str) -> None:
    assert canonical_url(told) == canonical
    assert canonical_url(canonical) == canonical
