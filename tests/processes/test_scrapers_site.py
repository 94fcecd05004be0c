"""The whole real board of 2,325 pages through `html` alone."""

from __future__ import annotations

import json
from typing import Any

from tests.fix_scrape import NewScrape
from tests.fix_site import JobSite
from workers.records import Page
from workers.scrapers import html

SITE = {
    "listings": "#categories a",
    "next": "li.next a",
    "items": "li.job-li",
    "link": "a.job-link",
    "fields": {
        "title": "a.job-link",
        "company": {"select": "p", "regex": "^Company: (.+)"},
        "location": {"select": "p", "regex": "^Location: (.+)"},
    },
}
DETAIL = {
    "detail": {
        "title": "h1",
        "company": ".job-company",
        "location": ".job-location",
        "job_type": ".job-work-type",
        "posted": {"select": ".job-date", "regex": "on (.+)"},
        "description": "//dt[.='Job description']/following-sibling::dd[1]",
        "salary": "//dt[.='Salary range']/following-sibling::dd[1]",
    }
}
STEP = 50


def found(pages: list[Page], site: JobSite) -> list[tuple[Any, ...]]:
    postings = [posting for page in pages for posting in page.postings]
    return [(post.url.removeprefix(site.url), post.title, post.company, post.location) for post in postings]


def test_the_whole_real_board_is_crawled_by_selectors_alone(job_site: JobSite, new_scrape: NewScrape) -> None:
    scrape = new_scrape({"start": f"{job_site.url}index.html", **SITE, **DETAIL})
    pages = list(html.scrape(scrape))
    wanted = [(job["path"], job["title"], job["company"], job["location"]) for job in job_site.expected]
    assert sorted(found(pages, job_site)) == sorted(wanted)
    assert len(scrape.fetched) == 2325  # each page of the board once
    assert scrape.logged == []
    by_path = {job["path"]: job for job in job_site.expected}
    for posting in (posting for page in pages for posting in page.postings):
        job = by_path[posting.url.removeprefix(job_site.url)]
        assert (posting.salary, posting.job_type, posting.description) == (
            job["salary"], job["work_type"], " ".join(job["description"].split()),
        )  # fmt: skip


def test_the_crawl_of_the_real_board_goes_on_from_any_checkpoint(job_site: JobSite, new_scrape: NewScrape) -> None:
    params = {"start": f"{job_site.url}index.html", **SITE}
    pages = list(html.scrape(new_scrape(params)))
    whole = found(pages, job_site)
    assert len(whole) == len(set(whole)) == 2000
    assert max(len(json.dumps(page.checkpoint)) for page in pages) < 4_000
    for at in range(STEP - 1, len(pages), STEP):
        saved = json.loads(json.dumps(pages[at].checkpoint))
        rest = list(html.scrape(new_scrape(params, saved)))
        assert found(pages[: at + 1], job_site) + found(rest, job_site) == whole
        assert rest[0].done == at + 2
