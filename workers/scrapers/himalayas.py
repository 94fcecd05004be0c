"""Himalayas, a board of remote jobs, through its public API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import count, each, first, markup, moment, pay, pick, places, text, words
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(name="limit", kind="whole", default=20, sentence="Jobs per page; the API gives at most 20."),
    Param(
        name="max_pages",
        kind="whole",
        default=100,
        sentence="At most so many pages: the board has thousands, newest first.",
    ),
    base_url("https://himalayas.app"),
)
CHECK = "param base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("himalayas", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the remote jobs of Himalayas, newest first, page by page."""
    params = read(scrape.params)
    url = address(params["base_url"], "jobs", "api")

    def ask_page(at: int, _page: int) -> Batch:
        response, data = ask(scrape, url, {"limit": params["limit"], "offset": at}, CHECK)
        jobs, total = jobs_in(response, data, "jobs", CHECK), pick(data, "totalCount")
        return Batch(url=response.url, items=jobs, total=count(total))

    yield from walk(scrape, ask_page, _posting, check=CHECK, max_pages=params["max_pages"])


def _posting(job: JsonObject) -> Posting:
    where = each(job, "locationRestrictions")
    low, high = job.get("minSalary"), job.get("maxSalary")
    return Posting(
        url=first(job.get("applicationLink"), job.get("guid")),
        external_id=first(job.get("guid"), job.get("applicationLink")),
        title=text(job.get("title")),
        company=text(job.get("companyName")),
        description=markup(job.get("description")) or text(job.get("excerpt")),
        remote=True,  # the board has no others
        job_type=words(job.get("employmentType")),
        salary=pay(low, high, first(job.get("currency"), job.get("salaryCurrency")), job.get("salaryPeriod")),
        posted=moment(job.get("pubDate")),
        valid_through=moment(job.get("expiryDate")),
        **places(*(first(place, pick(place, "name")) for place in where)),
    )
