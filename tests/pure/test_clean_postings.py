"""A posting becomes a job, one wrong field at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workers.clean.blanks import blank_to_none
from workers.clean.postings import CleanJob, Rejected, clean_posting
from workers.clean.text import readable
from workers.clean.urls import canonical_url
from workers.records import Posting

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
BAKER = Posting(
    url="/jobs/1?utm_source=x",
    title="Baker",
    company="ACME",
    description="<p>Bread &amp; cake</p><ul><li>early</li></ul><script>no()</script>",
    location="Berlin, Germany",
    salary="€30k - €40k per year",
    posted="3 days ago",
    job_type=["Full-time", "Part-time"],
)


def _job(fetched_at: datetime = NOW, **changes: Any) -> CleanJob:
    outcome = clean_posting(replace(BAKER, **changes), base_url="https://Jobs.test:443/list", fetched_at=fetched_at)
    assert isinstance(outcome, CleanJob), outcome
    return outcome


def test_a_whole_posting_becomes_a_whole_job() -> None:
    job = _job()
    assert (job.url, job.title, job.company) == ("https://jobs.test/jobs/1", "Baker", "ACME")
    assert job.description == "Bread & cake\n\n- early"
    assert (job.city, job.region, job.country, job.countries) == ("Berlin", None, "DE", ["DE"])
    assert job.locations == [{"city": "Berlin", "region": None, "country": "DE"}]
    assert (job.salary_min, job.salary_max, job.salary_currency, job.salary_period) == (30_000, 40_000, "EUR", "year")
    assert (job.posted_at, job.posted_precision) == (NOW - timedelta(days=3), "day")
    assert job.job_type == "Full-time, Part-time"
    assert job.remote is None


@pytest.mark.parametrize("title", [None, "", " \u200b ", "N/A", float("nan"), [], {}, True])
def test_a_posting_without_a_title_is_rejected(title: object) -> None:
    outcome = clean_posting(replace(BAKER, title=title), base_url="https://jobs.test", fetched_at=NOW)
    assert isinstance(outcome, Rejected)
    assert "title" in outcome.reason


@pytest.mark.parametrize(
    "url", [None, "", "mailto:a@b.test", "javascript:void(0)", "https://" + "a" * 3000, "http://[::1", 7.5e300]
)
def test_a_posting_without_a_usable_url_is_rejected(url: object) -> None:
    outcome = clean_posting(replace(BAKER, url=url), base_url=None, fetched_at=NOW)
    assert isinstance(outcome, Rejected)
    assert "URL" in outcome.reason


def test_a_lone_surrogate_costs_only_itself() -> None:
    assert _job(title="Ba\ud800k\x00er\u200b").title == "Baker"


@pytest.mark.parametrize(("title", "shown"), [(7, "7"), (["Baker", "Cook"], "Baker"), ({"name": "Baker"}, "Baker")])
def test_a_title_of_another_type_is_still_a_title(title: object, shown: str) -> None:
    assert _job(title=title).title == shown


def test_relative_dates_leave_the_content_hash_alone() -> None:
    later = NOW + timedelta(days=1)
    assert _job().content_hash == _job(later, posted="4 days ago").content_hash


@pytest.mark.parametrize(
    ("location", "at"),
    [
        ("Rouen, FR", "2025-12-11"),
        ("Leeds, UK", "2025-12-11"),
        ("Austin, TX", "2025-11-12"),
        ("Toronto, Canada", "2025-11-12"),
        (None, "2025-11-12"),
        ("Remote", "2025-11-12"),
    ],
)
def test_the_country_of_a_job_decides_which_number_is_the_day(location: str | None, at: str) -> None:
    job = _job(posted="11/12/2025 10:41", location=location)
    assert f"{job.posted_at:%Y-%m-%d}" == at
    assert job.content_hash != _job(posted="12/12/2025 10:41", location=location).content_hash


def test_a_date_that_has_passed_goes_before_the_custom_of_the_country() -> None:
    assert f"{_job(posted='08/10/2026', location='Rouen, FR').posted_at:%Y-%m-%d}" == "2026-08-10"


def test_what_a_posting_is_valid_until_lies_ahead_and_leaves_the_hash_alone_where_it_moves() -> None:
    assert _job(valid_through="5 May").valid_through == datetime(2027, 5, 5, tzinfo=UTC)
    assert _job(valid_through="14 days").content_hash == _job(valid_through="13 days").content_hash


def test_what_the_site_states_changes_the_content_hash() -> None:
    hashes = {
        _job().content_hash,
        _job(title="Cook").content_hash,
        _job(salary=None).content_hash,
        _job(description="Other").content_hash,
        _job(posted="2026-08-01").content_hash,
        _job(posted="2026-08-02").content_hash,
        _job(valid_through="2026-09-01").content_hash,
        _job(posted=1755000000).content_hash,
    }
    assert len(hashes) == 8


def test_the_same_job_from_two_sources_has_one_fingerprint() -> None:
    twin = _job(
        url="https://other.test/77", title="BAKER", company=" Acme ", description="other words", location="Berlin, DE"
    )
    assert twin.fingerprint == _job().fingerprint
    assert twin.content_hash != _job().content_hash
    assert _job(company="Other").fingerprint != _job().fingerprint


def test_several_and_structured_locations_are_kept_in_order() -> None:
    job = _job(
        location={"address": {"addressLocality": "Toronto", "addressCountry": "CA"}},
        locations=["Paris, France", "Remote - Spain"],
    )
    assert [place["city"] for place in job.locations] == ["Toronto", "Paris", None]
    assert job.countries == ["CA", "FR", "ES"]
    assert job.remote is True


@pytest.mark.parametrize(
    ("said", "remote"),
    [(True, True), (False, False), ("TELECOMMUTE", True), ("hybrid", False), ("maybe", None), (None, None)],
)
def test_the_remote_field_of_the_site_counts_first(said: object, remote: bool | None) -> None:
    assert _job(remote=said).remote is remote


@pytest.mark.parametrize("value", ["", " ", "\u200b", "\x00", "NaN", "N/A", "null", "None", "-", float("nan")])
def test_blank_values_are_none(value: object) -> None:
    assert blank_to_none(value) is None


@pytest.mark.parametrize("value", ["0", 0, False, "Nantes", [], {}, ["N/A"], 1.5, " x "])
def test_everything_else_is_left_alone(value: object) -> None:
    assert blank_to_none(value) is value


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://Example.COM:80", "http://example.com/"),
        ("https://example.com/a/../b/./c#top", "https://example.com/b/c"),
        ("https://example.com/j?b=2&a=1&utm_medium=x&gclid=1", "https://example.com/j?a=1&b=2"),
        ("https://example.com/j?ref=home&id=7", "https://example.com/j?id=7"),
        ("https://example.com/j?ref=4711", "https://example.com/j?ref=4711"),
        ("https://example.com/%7Ejo%c3%a9 x", "https://example.com/~jo%C3%A9%20x"),
        ("https://example.com/a%2fb?q=a%26b", "https://example.com/a%2Fb?q=a%26b"),
        ("https://münchen.example/ü", "https://xn--mnchen-3ya.example/%C3%BC"),
        ("https://u:p@example.com:8443/", "https://example.com:8443/"),
        ("//example.com/x", "https://example.com/x"),
        ("next?page=2", "https://jobs.test/list/next?page=2"),
        ("ftp://example.com/x", None),
        ("https://example.com:99999/x", None),
        ("https:///x", None),
        (None, None),
    ],
)
def test_one_spelling_for_each_address(url: object, canonical: str | None) -> None:
    assert (
        canonical_url(url, "https://jobs.test/list/" if url and not str(url).startswith("https:///") else None)
        == canonical
    )


def test_escaped_html_and_plain_text_become_readable_text() -> None:
    assert readable("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;", 100) == "One\n\nTwo"
    assert readable("a < b and c > d\n\n\n\nnext", 100) == "a < b and c > d\n\nnext"
    assert readable("<p>unclosed <b>tags", 100) == "unclosed tags"
