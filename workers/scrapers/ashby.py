"""Boards on Ashby, through its public job posting API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import (
    address_line,
    each,
    first,
    markup,
    moment,
    pay,
    pick,
    places,
    remote,
    same_place,
    text,
)
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="board", kind="slug", required=True, sentence="The board's name: the last part of jobs.ashbyhq.com/NAME."
    ),
    Param(
        name="compensation", kind="switch", default=True, sentence="Whether pay comes too, where a company shows it."
    ),
    base_url("https://api.ashbyhq.com"),
)
CHECK = "params board and base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("ashby", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the jobs of a company that hires through Ashby: all in one answer, with pay where it is shown."""
    params = read(scrape.params)
    url = address(params["base_url"], "posting-api", "job-board", params["board"])

    def ask_page(_at: int, _page: int) -> Batch:
        response, data = ask(scrape, url, {"includeCompensation": params["compensation"] or None}, CHECK)
        return Batch(url=response.url, items=jobs_in(response, data, "jobs", CHECK), more=False)

    yield from walk(scrape, ask_page, lambda job: _posting(job, params["board"]), check=CHECK)


def _posting(job: JsonObject, board: str) -> Posting:
    return Posting(
        url=first(job.get("jobUrl"), job.get("applyUrl")),
        external_id=text(job.get("id")),
        title=text(job.get("title")),
        company=board,
        description=markup(job.get("descriptionHtml")) or text(job.get("descriptionPlain")),
        remote=remote(job.get("isRemote"), job.get("workplaceType")),
        job_type=text(job.get("employmentType")),
        salary=_salary(job.get("compensation")),
        posted=moment(job.get("publishedAt")),
        **places(*(line for place in [job, *each(job, "secondaryLocations")] for line in _place(place))),
    )


def _place(place: Any) -> list[str]:
    postal = pick(place, "address", "postalAddress")
    parts = (pick(postal, key) for key in ("addressLocality", "addressRegion", "addressCountry"))
    return same_place(first(place, pick(place, "location")), address_line(*parts))


def _salary(compensation: Any) -> JsonObject | str | None:
    tiers = [part for tier in each(compensation, "compensationTiers") for part in each(tier, "components")]
    for parts in (each(compensation, "summaryComponents"), tiers):
        if found := _range([part for part in parts if pick(part, "compensationType") == "Salary"]):
            return found
    # The other summary also tells of equity and bonuses: amounts of those are no pay.
    return text(pick(compensation, "scrapeableCompensationSalarySummary"))


def _range(parts: list[Any]) -> JsonObject | None:
    """From the lowest to the highest of the ranges that are like the first."""
    stated = [part for part in parts if pay(pick(part, "minValue"), pick(part, "maxValue"))]
    if not stated:
        return None
    kind = [pick(stated[0], key) for key in ("currencyCode", "interval")]
    alike = [part for part in stated if [pick(part, key) for key in ("currencyCode", "interval")] == kind]
    lows, highs = ([v for part in alike if _is_amount(v := pick(part, key))] for key in ("minValue", "maxValue"))
    return pay(min(lows, default=None), max(highs, default=None), kind[0], _period(kind[1]))


def _period(interval: Any) -> str | None:
    """`1 YEAR`; what is paid each "2 WEEK" or once is for none of the periods that we know."""
    shown = text(interval)
    return shown if shown and shown.startswith("1 ") and "TIME" not in shown else None


def _is_amount(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
