"""Boards on Recruitee, through the public API of its career sites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import address_line, each, first, markup, moment, pay, pick, places, remote, text
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="company", kind="slug", required=True, sentence="The company's name: the first part of NAME.recruitee.com."
    ),
    Param(name="department", kind="text", sentence="Only jobs of this department."),
    base_url("https://{company}.recruitee.com"),
)
CHECK = "params company and base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("recruitee", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the jobs of a company that hires through Recruitee: all in one answer."""
    params = read(scrape.params)
    base = params["base_url"].replace("{company}", params["company"])
    url = address(base, "api", "offers") + "/"

    def ask_page(_at: int, _page: int) -> Batch:
        response, data = ask(scrape, url, {"department": params["department"]}, CHECK)
        return Batch(url=response.url, items=jobs_in(response, data, "offers", CHECK), more=False)

    yield from walk(scrape, ask_page, lambda job: _posting(job, params["company"]), check=CHECK)


def _posting(job: JsonObject, company: str) -> Posting:
    hybrid = "hybrid" if job.get("hybrid") is True else "onsite" if job.get("on_site") is True else None
    lines = [_line(place) for place in each(job, "locations")] or [_line(job)]
    salary = job.get("salary")
    told = [job, *_translations(job)]
    return Posting(
        url=first(job.get("careers_url"), job.get("careers_apply_url")),
        external_id=text(job.get("id")),
        title=first(*(pick(one, "title") for one in told)),
        company=first(job.get("company_name"), company),
        description=next((shown for one in told if (shown := _description(one))), None),
        remote=remote(job.get("remote"), hybrid),
        job_type=first(job.get("employment_type"), job.get("employment_type_code")),
        salary=pay(*(pick(salary, key) for key in ("min", "max", "currency", "period"))),
        posted=moment(job.get("published_at"), job.get("created_at")),
        valid_through=moment(job.get("close_at")),
        **places(job.get("location"), *lines),
    )


def _translations(job: JsonObject) -> list[Any]:
    """What the offer says in other languages, where in its own it says nothing."""
    said = job.get("translations")
    return list(said.values()) if isinstance(said, dict) else []


def _description(offer: Any) -> str | None:
    return markup(pick(offer, "description"), pick(offer, "requirements"))


def _line(place: Any) -> str | None:
    region = first(pick(place, "state"), pick(place, "state_name"), pick(place, "state_code"))
    country = first(pick(place, "country"), pick(place, "country_code"))
    return address_line(pick(place, "city"), region, country) or text(pick(place, "name"))
