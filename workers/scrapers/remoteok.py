"""Remote OK, a board of remote jobs, through its public API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import first, markup, moment, pay, places, text
from workers.scrapers.params import Param, read_params
from workers.scrapers.selectors import absolute

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(name="tag", kind="text", sentence="Only jobs with this tag, as golang."),
    base_url("https://remoteok.com"),
)
CHECK = "param base_url"


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("remoteok", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the newest jobs of Remote OK: all in one answer; Remote OK wants to be named and linked to."""
    params = read(scrape.params)
    url = address(params["base_url"], "api")

    def ask_page(_at: int, _page: int) -> Batch:
        response, data = ask(scrape, url, {"tag": params["tag"]}, CHECK)
        jobs = [job for job in jobs_in(response, data, None, CHECK) if not _is_notice(job)]
        return Batch(url=response.url, items=jobs, more=False)

    yield from walk(scrape, ask_page, lambda job: _posting(job, url), check=CHECK)


def _is_notice(item: Any) -> bool:
    """Whether an element is the terms of use, which stand where the first job should."""
    return isinstance(item, dict) and "legal" in item and not item.keys() & {"position", "id", "url"}


def _posting(job: JsonObject, base: str = "https://remoteok.com") -> Posting:
    shown = first(job.get("url"), job.get("apply_url"))
    low, high = job.get("salary_min"), job.get("salary_max")
    return Posting(
        url=absolute(shown, base) if shown else None,
        external_id=text(job.get("id")),
        title=first(job.get("position"), job.get("title")),
        company=text(job.get("company")),
        description=markup(job.get("description")),
        remote=True,  # the board has no others
        salary=pay(low, high, "USD", "year"),  # what the board's form asks employers for
        posted=moment(job.get("date"), job.get("epoch")),
        **places(job.get("location")),
    )
