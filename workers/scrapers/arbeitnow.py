"""Arbeitnow, a board of jobs in Germany and remote ones, through its public API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workers.errors import FetchError
from workers.records import JsonObject, Page, Posting
from workers.scrapers.crawl import GONE
from workers.scrapers.jsonapi import MAX_PAGES, Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import markup, moment, pick, places, remote, text, words
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="visa_sponsorship", kind="switch", sentence="Only jobs with (true) or without (false) a sponsored visa."
    ),
    MAX_PAGES,
    base_url("https://www.arbeitnow.com"),
)
CHECK = "param base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("arbeitnow", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the jobs of Arbeitnow, newest first, page by page."""
    params = read(scrape.params)
    url = address(params["base_url"], "api", "job-board-api")

    def ask_page(_at: int, page: int) -> Batch:
        query = {"page": page + 1, "visa_sponsorship": params["visa_sponsorship"]}
        try:
            response, data = ask(scrape, url, query, CHECK)
        except FetchError as error:
            if page and error.status in GONE:  # a copy that has no page behind its last
                return Batch(url=url, items=[], more=False)
            raise
        jobs = jobs_in(response, data, "data", CHECK)
        links = pick(data, "links")
        return Batch(url=response.url, items=jobs, more=bool(links.get("next")) if isinstance(links, dict) else None)

    yield from walk(scrape, ask_page, _posting, check=CHECK, max_pages=params["max_pages"])


def _posting(job: JsonObject) -> Posting:
    return Posting(
        url=text(job.get("url")),
        external_id=text(job.get("slug")),
        title=text(job.get("title")),
        company=text(job.get("company_name")),
        description=markup(job.get("description")),
        remote=remote(job.get("remote")),
        job_type=words(job.get("job_types")),
        posted=moment(job.get("created_at")),
        **places(job.get("location")),
    )
