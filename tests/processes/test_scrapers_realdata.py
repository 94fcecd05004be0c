"""Real pages and feeds through the built-ins give what expected.json says; exceptions are named with their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.fix_scrape import NewScrape, PlainScrape
from workers.records import JsonObject, Page, Posting
from workers.scrapers import feed, html, jobposting

LINKEDIN_JOB = {
    "items": "section.topcard",
    "fields": {
        "title": ".topcard__title",
        "company": ".topcard__org-name-link",
        "location": ".topcard__flavor--bullet",
        "posted": ".posted-time-ago__text",
        "job_type": "//h3[contains(., 'Employment type')]/following-sibling::span[1]",
    },
}
JOBSCZ_LISTING = {
    "items": "article.SearchResultCard",
    "link": "h2 a",
    "next": "a.Pagination__button--next",
    "fields": {"title": "h2", "company": "span[translate=no]", "location": "[data-test=serp-locality]"},
}
JOBSCZ_JOB = {
    "items": "main, body",
    "fields": {
        "title": "h1",
        "locations": "a[data-test=jd-info-location]",
        "job_type": {"select": "[data-test=jd-info-item]", "regex": "(?i)(práce na .*úvazek)"},
    },
}
STACKOVERFLOW_JOB = {
    "items": "body",
    "fields": {
        "title": "h1",
        "company": "header .fc-black-700 a",
        "location": {"select": "header .fc-black-700 .fc-black-500", "regex": "–? ?(.+)"},
        "job_type": {"select": "#overview-items", "regex": r"Job type: (\S+)"},
        "posted": {"select": "#overview-items", "regex": r"Posted \S+ \S+ ago"},
    },
}
THREAD = {
    "items": "//tr[contains(@class, 'athing')][.//img[@width='0']]",
    "fields": {"title": ".default", "posted": "span.age"},
}
HTML: dict[str, JsonObject] = {
    "html/stackoverflow-listing.html": {
        "items": ".-job",
        "link": "h2 a",
        "next": "link[rel=next]",
        "fields": {"title": "h2", "company": "h3 span", "location": "h3 .fc-black-500"},
    },
    "html/stackoverflow-job.html": STACKOVERFLOW_JOB,
    "html/stackoverflow-job-via.html": STACKOVERFLOW_JOB,
    "html/wwr-job.html": {
        "items": "body",
        "fields": {"title": "h1", "company": ".company-card h2", "posted": "time@datetime"},
    },
    "html/wwr-job-broken-jsonld.html": {"items": "body", "fields": {"title": "h1"}},
    "html/remoteok-job.html": {
        "items": "tr.job",
        "link": "a.preventLink",
        "fields": {"title": "h2", "company": "h3", "posted": "time@datetime"},
    },
    "html/linkedin-listing-fragment.html": {
        "items": "li.job-result-card",
        "link": "a.result-card__full-card-link",
        "fields": {"title": "h3", "company": "h4", "location": ".job-result-card__location", "posted": "time@datetime"},
    },
    "html/linkedin-job.html": LINKEDIN_JOB,
    "html/linkedin-job-applicants.html": LINKEDIN_JOB,
    "html/jobscz-listing.html": JOBSCZ_LISTING,
    "html/jobscz-listing-first.html": JOBSCZ_LISTING,
    "html/jobscz-job.html": JOBSCZ_JOB,
    "html/jobscz-job-locations.html": JOBSCZ_JOB,
    "html/hn-whoishiring-2016-10.html": THREAD,
    "html/hn-whoishiring-2015-03.html": THREAD,
}
FEEDS = (
    "feeds/wwr-programming-2020.rss",
    "feeds/startupjobs.xml",
    "feeds/startupjobs-cities.xml",
    "feeds/neogov-michigan.rss",
    "feeds/usajobs-hrxml-recruiting.xml",
    "feeds/usajobs-hrxml-mixed.xml",
    "feeds/apec-fr.xml",
    "feeds/kelio-fr.xml",
    "feeds/hellowork-fr.xml",
    "feeds/generic.rss",
    "feeds/open-jobs-2026-08-15.rss",
)
# (file, what expected.json says about it) → why a built-in gives something else.
EXCEPTIONS = {
    ("html/stackoverflow-listing.html", "pagination_links"): "the built-in follows the one link to the next page",
    ("html/wwr-job.html", "company_url"): "a posting has no field for the employer's home page",
    ("html/wwr-job.html", "remote"): "said by the JSON-LD alone, so the test of jobposting looks at it",
    ("html/remoteok-job.html", "remote"): "said by the JSON-LD alone, so the test of jobposting looks at it",
    ("html/linkedin-job.html", "remote"): "the page does not mention it; unknown is not false",
    ("html/linkedin-job.html", "seniority"): "a posting has no field for it",
    ("html/hn-whoishiring-2016-10.html", "comments"): "replies are no postings, only top-level comments are items",
    ("html/hn-whoishiring-2015-03.html", "comments"): "replies are no postings, only top-level comments are items",
    ("html/hn-whoishiring-2016-10.html", "top_level_comments"): "counts a spacer image of the footer too: 142 there",
    ("html/hn-whoishiring-2015-03.html", "top_level_comments"): "counts a spacer image of the footer too: 519 there",
    ("html/wwr-job-broken-jsonld.html", "jsonld_job_postings"): "the invalid escape is mended, so there is 1 and not 0",
    ("html/stackoverflow-job.html", "addressLocality"): "the address is the employer's; the JSON-LD has no jobLocation",
    ("html/stackoverflow-job.html", "addressCountry"): "the address is the employer's; the JSON-LD has no jobLocation",
    ("html/stackoverflow-job.html", "postalCode"): "places are cities, regions and countries",
    ("feeds/neogov-michigan.rss", "state"): "the feed writes the state in full; abbreviating is cleaning",
    ("feeds/apec-fr.xml", "created"): "the feed writes local time day first; turning it into UTC is cleaning",
}
WITHOUT_LINK = {
    "feeds/usajobs-hrxml-recruiting.xml": "HR-XML openings name no address, so they are rejected and counted",
    "feeds/usajobs-hrxml-mixed.xml": "HR-XML openings name no address, so they are rejected and counted",
}
NOT_OF_A_POSTING = {"kind", "note", "jsonld", "jsonld_job_postings"}


def one_page(module: Any, scrape: PlainScrape) -> Page:
    pages: Iterator[Page] = module.scrape(scrape)
    return next(pages)


@pytest.mark.parametrize("file", HTML)
def test_html_reads_the_real_page(
    file: str, open_pages: str, open_expected: dict[str, Any], new_scrape: NewScrape
) -> None:
    page = one_page(html, new_scrape({"start": open_pages + file, **HTML[file]}))
    assert page.postings
    assert all(posting.title for posting in page.postings)
    for key in open_expected[file].keys() - NOT_OF_A_POSTING:
        wanted = open_expected[file][key]
        if (file, key) not in EXCEPTIONS:
            assert _html_says(key, page) == (wanted.casefold() if key == "employment_type" else wanted), key


def _html_says(key: str, page: Page) -> Any:
    posting = page.postings[0]
    follows = (page.checkpoint or {}).get("page", "")
    answers = {
        "jobs": len(page.postings),
        "top_level_comments": len(page.postings),
        "title": posting.title,
        "company": posting.company,
        "location_text": posting.location,
        "employment_type": str(posting.job_type).casefold(),
        "employment_types": str(posting.job_type).casefold().split(", "),
        "locations": sorted(posting.locations or []),
        "posted_text": posting.posted,
        "posted": posting.posted,
        "has_next": bool(follows),
    }
    if key == "next_page":
        return int(follows.rpartition("page=")[2])
    if key == "second_job":
        second = page.postings[1]
        return {"title": second.title, "company": second.company, "location": second.location}
    return answers[key]


@pytest.mark.parametrize(("month", "comments"), [("2016-10", 142), ("2015-03", 519)])
def test_top_level_comments_of_a_real_thread_are_items(
    month: str, comments: int, open_pages: str, new_scrape: NewScrape
) -> None:
    scrape = new_scrape({"start": f"{open_pages}html/hn-whoishiring-{month}.html", **THREAD})
    assert len(one_page(html, scrape).postings) == comments


@pytest.mark.parametrize(
    "file", ["html/stackoverflow-listing.html", "html/linkedin-listing-fragment.html", "html/jobscz-listing.html"]
)
def test_every_posting_of_a_real_listing_has_address_title_company_and_place(
    file: str, open_pages: str, new_scrape: NewScrape
) -> None:
    page = one_page(html, new_scrape({"start": open_pages + file, **HTML[file]}))
    assert all(posting.url and posting.title and posting.company and posting.location for posting in page.postings)
    assert len({posting.url for posting in page.postings}) == len(page.postings)


JSONLD = [
    file for file in HTML if "job" in file.rpartition("/")[2] and "listing" not in file and "jobscz-job" not in file
]


@pytest.mark.parametrize("file", JSONLD)
def test_jobposting_reads_the_real_page(
    file: str, open_pages: str, open_expected: dict[str, Any], new_scrape: NewScrape
) -> None:
    pages = list(jobposting.scrape(new_scrape({"start": open_pages + file})))
    postings = [posting for page in pages for posting in page.postings]
    wanted = open_expected[file]
    if (file, "jsonld_job_postings") in EXCEPTIONS:
        assert [posting.title for posting in postings] == ["Solidity Engineer"]
        return
    assert len(postings) == wanted["jsonld_job_postings"]
    for posting in postings:
        assert posting.url == open_pages + file
        assert (posting.title, posting.company) == (wanted["title"], wanted["company"])
        assert posting.remote is wanted.get("remote")
        for key, value in wanted["jsonld"].items():
            assert (file, key) in EXCEPTIONS or _jsonld_says(key, posting, value), key


def _jsonld_says(key: str, posting: Posting, wanted: Any) -> bool:
    if key == "salary":
        low, high = (wanted.get(name, wanted.get("value")) for name in ("min", "max"))
        period = {"YEAR": "year", "ANN": "year"}[wanted.get("unit") or wanted["unitCode"]]
        return bool(posting.salary == {"min": low, "max": high, "currency": wanted["currency"], "period": period})
    answers = {
        "datePosted": posting.posted == wanted,
        "validThrough": posting.valid_through == wanted,
        "addressLocality": str(posting.location).startswith(str(wanted)),
        "addressCountry": str(posting.location).endswith(str(wanted)),
        "jobLocationType": posting.remote is True,
    }
    return bool(answers[key])


@pytest.mark.parametrize("file", FEEDS)
def test_feed_reads_the_real_feed(
    file: str, open_pages: str, open_expected: dict[str, Any], new_scrape: NewScrape
) -> None:
    postings = one_page(feed, new_scrape({"url": open_pages + file})).postings
    wanted = open_expected[file]
    assert len(postings) == wanted["items"]
    assert all(posting.title for posting in postings)
    assert all((posting.url is None) is (file in WITHOUT_LINK) for posting in postings)
    records = wanted.get("records") or ([wanted["first"]] if "first" in wanted else [])
    for posting, record in zip(postings, records, strict=False):
        for key, value in record.items():
            assert (file, key) in EXCEPTIONS or _feed_says(key, posting, value), (key, posting)
    if "locations" in wanted:
        assert postings[0].locations == wanted["locations"]


def _feed_says(key: str, posting: Posting, wanted: Any) -> bool:
    salary = posting.salary if isinstance(posting.salary, dict) else {}
    if key in {"min", "max"}:
        return bool(salary.get(key) == (f"{wanted:.0f}" if wanted else None))
    answers = {
        "title": posting.title == wanted,
        "company": posting.company == wanted,
        "region": posting.location == wanted,
        "location": posting.location == wanted,
        "city": str(posting.location).split(",")[0] == wanted,
        "published": _day(str(posting.posted)) == str(wanted)[:10],
        "created_text": posting.posted == wanted,
        "employment_types": str(posting.job_type).split(", ") == wanted,
        "external_id": posting.external_id == str(wanted),
        "id": posting.external_id == wanted,
        "interval": str(salary.get("period", wanted)).casefold() == wanted,  # without an amount there is no pay at all
    }
    return bool(answers[key])


def _day(text: str) -> str:
    return parsedate_to_datetime(text).date().isoformat() if text[:3].isalpha() else text[:10]


def test_titles_of_a_real_feed_are_taken_apart(open_pages: str, new_scrape: NewScrape) -> None:
    params = {
        "url": f"{open_pages}feeds/open-jobs-2026-08-15.rss",
        "title_regex": "^(?P<title>.+?) +— (?P<company>.+)$",
    }
    postings = one_page(feed, new_scrape(params)).postings
    assert (postings[0].title, postings[0].company) == ("Account Executive, Crypto/Stablecoins", "Stripe")
    assert all(posting.company for posting in postings)


def test_every_real_page_and_feed_that_is_expected_is_tested(open_expected: dict[str, Any]) -> None:
    real = {file for file in open_expected if file.startswith(("html/", "feeds/"))}
    assert real == {*HTML, *FEEDS}
    assert {file for file, _ in EXCEPTIONS} <= real
