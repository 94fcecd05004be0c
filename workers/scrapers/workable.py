"""Boards on Workable, through the API of its widget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import address_line, each, first, markup, moment, pick, places, remote, text
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(name="account", kind="slug", required=True, sentence="The company's name in apply.workable.com/ACCOUNT."),
    Param(name="details", kind="switch", default=True, sentence="Whether descriptions come too."),
    base_url("https://apply.workable.com"),
)
CHECK = "params account and base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("workable", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the jobs of a company that hires through Workable: all in one answer."""
    params = read(scrape.params)
    url = address(params["base_url"], "api", "v1", "widget", "accounts", params["account"])
    company: list[str | None] = []

    def ask_page(_at: int, _page: int) -> Batch:
        response, data = ask(scrape, url, {"details": params["details"] or None}, CHECK)
        company.append(text(pick(data, "name")))
        return Batch(url=response.url, items=jobs_in(response, data, "jobs", CHECK), more=False)

    yield from walk(scrape, ask_page, lambda job: _posting(job, company[-1] or params["account"]), check=CHECK)


def _posting(job: JsonObject, company: str) -> Posting:
    lines = [_line(job, "state"), *(_line(place, "region") for place in each(job, "locations"))]
    return Posting(
        url=first(job.get("url"), job.get("shortlink"), job.get("application_url")),
        external_id=text(job.get("shortcode")),
        title=text(job.get("title")),
        company=first(job.get("company"), company),
        description=markup(job.get("description"), job.get("requirements"), job.get("benefits")),
        remote=remote(job.get("telecommuting"), job.get("workplace_type"), job.get("workplace")),
        job_type=text(job.get("employment_type")),
        posted=moment(job.get("published_on"), job.get("created_at")),
        **places(*lines),
    )


def _line(place: Any, region: str) -> str | None:
    country = first(pick(place, "country"), pick(place, "countryCode"), pick(place, "country_code"))
    return address_line(pick(place, "city"), pick(place, region), country)
