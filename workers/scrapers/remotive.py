"""Remotive, a board of remote jobs, through its public API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import count, markup, moment, pick, places, text
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

FILTERS = ("category", "company_name", "search", "limit")
PARAMS = (
    Param(name="category", kind="text", sentence="Only jobs of this category: its name or its slug, as software-dev."),
    Param(name="company_name", kind="text", sentence="Only jobs of companies with this in their name."),
    Param(name="search", kind="text", sentence="Only jobs with this in their title or description."),
    Param(name="limit", kind="whole", sentence="At most so many jobs; without it all of them."),
    base_url("https://remotive.com"),
)
CHECK = "param base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("remotive", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the remote jobs of Remotive: all in one answer; Remotive wants to be named and linked to."""
    params = read(scrape.params)
    url = address(params["base_url"], "api", "remote-jobs")

    def ask_page(_at: int, _page: int) -> Batch:
        response, data = ask(scrape, url, {name: params[name] for name in FILTERS}, CHECK)
        total = pick(data, "job-count")
        jobs = jobs_in(response, data, "jobs", CHECK)
        return Batch(url=response.url, items=jobs, total=count(total), more=False)

    yield from walk(scrape, ask_page, _posting, check=CHECK)


def _posting(job: JsonObject) -> Posting:
    return Posting(
        url=text(job.get("url")),
        external_id=text(job.get("id")),
        title=text(job.get("title")),
        company=text(job.get("company_name")),
        description=markup(job.get("description")),
        remote=True,  # the board has no others
        job_type=text(job.get("job_type")),
        salary=text(job.get("salary")),
        posted=moment(job.get("publication_date")),
        **places(job.get("candidate_required_location")),
    )
