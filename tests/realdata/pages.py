"""Real pages through the built-in html, field by field as expected.json says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.realdata.judging import Category, Verdict
from tests.realdata.running import first_page, on_loopback
from workers.records import JsonObject, Page
from workers.scrapers import html

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
# What expected.json says of a page and a posting has no field for, or what another scraper answers.
NOT_OF_A_POSTING = {
    *("kind", "note", "jsonld", "jsonld_job_postings", "company_url", "seniority", "pagination_links", "comments"),
    "remote",  # said by the JSON-LD alone; a page that does not mention it is no page that denies it
}


def _judge(folder: Path) -> Iterator[Verdict]:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    with on_loopback(folder) as address:
        for file, params in HTML.items():
            page = first_page(html.scrape, {"start": address + file, **params})
            for field in sorted(expected[file].keys() - NOT_OF_A_POSTING):
                wanted = expected[file][field]
                wanted = wanted.casefold() if field == "employment_type" else wanted
                got = says(field, page)
                yield Verdict(asked=f"{file} {field}", got=got, expected=wanted, hit=got == wanted)


def says(key: str, page: Page) -> Any:
    """What a page read by html answers to a field of expected.json."""
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


CATEGORIES = (Category(name="html", floor=0.94, judge=_judge),)
