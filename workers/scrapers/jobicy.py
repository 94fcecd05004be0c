"""Jobicy, a board of remote jobs, through its public API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import first, markup, moment, pay, places, text, words
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

FILTERS = ("count", "geo", "industry", "tag")
PARAMS = (
    Param(name="count", kind="whole", default=100, sentence="The newest so many jobs, at most 100."),
    Param(name="geo", kind="text", sentence="Only jobs for people in this region or country, by its slug, as usa."),
    Param(name="industry", kind="text", sentence="Only jobs of this category, by its slug, as copywriting."),
    Param(name="tag", kind="text", sentence="Only jobs with this in their title or description."),
    base_url("https://jobicy.com"),
)
CHECK = "params geo, industry and base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("jobicy", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the newest remote jobs of Jobicy: all in one answer; Jobicy wants to be named and linked to."""
    params = read(scrape.params)
    url = address(params["base_url"], "api", "v2", "remote-jobs")

    def ask_page(_at: int, _page: int) -> Batch:
        response, data = ask(scrape, url, {name: params[name] for name in FILTERS}, CHECK)
        return Batch(url=response.url, items=jobs_in(response, data, "jobs", CHECK), more=False)

    yield from walk(scrape, ask_page, _posting, check=CHECK)


def _posting(job: JsonObject) -> Posting:
    return Posting(
        url=text(job.get("url")),
        external_id=text(job.get("id")),
        title=text(job.get("jobTitle")),
        company=text(job.get("companyName")),
        description=markup(job.get("jobDescription")) or text(job.get("jobExcerpt")),
        remote=True,  # the board has no others
        job_type=words(job.get("jobType")),
        salary=_salary(job),
        posted=moment(job.get("pubDate")),
        **places(*(words(job.get("jobGeo")) or [])),
    )


def _salary(job: JsonObject) -> Any:
    """Pay under the names of today, or under the older ones, which are always of a year."""
    today = pay(*(job.get(f"salary{name}") for name in ("Min", "Max", "Currency", "Period")))
    yearly = pay(job.get("annualSalaryMin"), job.get("annualSalaryMax"), job.get("salaryCurrency"), "year")
    return today or yearly or first(job.get("salary"))
