"""Boards on Lever, through its public postings API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workers.clean.places import parse_location
from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import MAX_PAGES, Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import address_line, each, first, markup, moment, pay, pick, places, remote, text
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

EUROPE = "https://api.eu.lever.co"
FILTERS = ("location", "team", "department", "commitment")
PARAMS = (
    Param(
        name="site",
        kind="slug",
        required=True,
        sentence="The company's name in its board's address: jobs.lever.co/SITE.",
    ),
    Param(name="eu", kind="switch", default=False, sentence="For boards at jobs.eu.lever.co: asks the European host."),
    *(Param(name=name, kind="text", sentence=f"Only jobs of this {name}, as the board writes it.") for name in FILTERS),
    Param(name="limit", kind="whole", default=100, sentence="Jobs per page."),
    MAX_PAGES,
    base_url("https://api.lever.co"),
)
CHECK = "params site, eu and base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("lever", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the jobs of a company that hires through Lever, page by page."""
    params = read(scrape.params)
    base = EUROPE if params["eu"] and "base_url" not in scrape.params else params["base_url"]
    url = address(base, "v0", "postings", params["site"])

    def ask_page(at: int, _page: int) -> Batch:
        query = {"mode": "json", "skip": at, "limit": params["limit"]} | {name: params[name] for name in FILTERS}
        response, data = ask(scrape, url, query, CHECK)
        jobs = jobs_in(response, data, None, CHECK)
        return Batch(url=response.url, items=jobs, more=len(jobs) >= params["limit"])

    yield from walk(
        scrape, ask_page, lambda job: _posting(job, params["site"]), check=CHECK, max_pages=params["max_pages"]
    )


def _posting(job: JsonObject, site: str) -> Posting:
    interval = text(pick(job, "salaryRange", "interval"))
    return Posting(
        url=first(job.get("hostedUrl"), job.get("applyUrl")),
        external_id=text(job.get("id")),
        title=text(job.get("text")),
        company=site,
        description=_description(job),
        remote=remote(job.get("workplaceType")),
        job_type=text(pick(job, "categories", "commitment")),
        salary=pay(
            pick(job, "salaryRange", "min"),
            pick(job, "salaryRange", "max"),
            pick(job, "salaryRange", "currency"),
            interval if interval and interval.startswith("per-") else None,  # not "one-time"
        ),
        posted=moment(job.get("createdAt")),
        **_places(job),
    )


def _places(job: JsonObject) -> JsonObject:
    lines = [pick(job, "categories", "location"), *each(job, "categories", "allLocations")]
    shown = [line for line in map(text, lines) if line]
    country = address_line(None, None, job.get("country"))
    if country and not any(place.country for line in shown for place in parse_location(line).places):
        town = shown[0] if len(set(shown)) == 1 and parse_location(shown[0]).places else None
        shown = [f"{town}, {country}"] if town else [*shown, country]
    return places(*shown)


def _description(job: JsonObject) -> str | None:
    whole = job.get("description") or markup(job.get("opening"), job.get("descriptionBody"))
    lists = [
        f"<h3>{text(pick(part, 'text')) or ''}</h3><ul>{content}</ul>"
        for part in each(job, "lists")
        if (content := markup(pick(part, "content")))
    ]
    return markup(whole or job.get("descriptionPlain"), *lists, job.get("additional"), job.get("salaryDescription"))
