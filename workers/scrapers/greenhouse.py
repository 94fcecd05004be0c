"""Boards on Greenhouse, through its public Job Board API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.clean.places import parse_location
from workers.records import JsonObject, Page, Posting
from workers.scrapers.jsonapi import Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import count, each, first, markup, moment, pay, pick, places, remote, text
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="board",
        kind="slug",
        required=True,
        sentence="The board's name: the last part of job-boards.greenhouse.io/NAME.",
    ),
    Param(
        name="content", kind="switch", default=True, sentence="Whether descriptions, departments and offices come too."
    ),
    base_url("https://boards-api.greenhouse.io"),
)
CHECK = "params board and base_url"
WORKPLACE = ("location type", "workplace type", "work type", "remote status", "workplace")
PAY_RANGE = re.compile(r'<div class="pay-range">(.{1,500}?)</div>', re.DOTALL)
TAG = re.compile(r"<[^<>]*>")
CONTRACT = ("employment type", "time type", "job type", "contract type")


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("greenhouse", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the jobs of a company that hires through Greenhouse: all in one answer."""
    params = read(scrape.params)
    url = address(params["base_url"], "v1", "boards", params["board"], "jobs")

    def ask_page(_at: int, _page: int) -> Batch:
        response, data = ask(scrape, url, {"content": params["content"] or None}, CHECK)
        total = pick(data, "meta", "total")
        jobs = jobs_in(response, data, "jobs", CHECK)
        return Batch(url=response.url, items=jobs, total=count(total), more=False)

    yield from walk(scrape, ask_page, lambda job: _posting(job, params["board"]), check=CHECK)


def _posting(job: JsonObject, board: str) -> Posting:
    where = first(pick(job, "location", "name"), job.get("location"))
    offices = each(job, "offices")
    return Posting(
        url=text(job.get("absolute_url")),
        external_id=text(job.get("id")),
        title=text(job.get("title")),
        company=first(job.get("company_name"), board),
        description=markup(job.get("content")),
        # Where "Remote" stands among the places it is offered, whatever the extra field says of the others.
        remote=None if where and parse_location(where).remote else remote(*_extras(job, WORKPLACE)),
        job_type=first(*_extras(job, CONTRACT)),
        salary=_salary(job),
        posted=moment(job.get("first_published"), job.get("updated_at")),
        valid_through=moment(job.get("application_deadline")),
        **places(where, unless_known=[first(pick(o, "location"), pick(o, "name")) for o in offices]),
    )


def _extras(job: JsonObject, names: tuple[str, ...]) -> list[Any]:
    """Fields that the company has added to its form, by their usual names."""
    extras = [extra for extra in each(job, "metadata") if (text(pick(extra, "name")) or "").casefold() in names]
    return [value for extra in extras for value in [pick(extra, "value")] if text(value)]


def _salary(job: JsonObject) -> JsonObject | str | None:
    for stated in each(job, "pay_input_ranges"):
        low, high = (_of_cents(pick(stated, key)) for key in ("min_cents", "max_cents"))
        if found := pay(low, high, pick(stated, "currency_type")):
            return found
    ranges = [pick(extra, "value") for extra in each(job, "metadata") if pick(extra, "value_type") == "currency_range"]
    stated = (pay(pick(r, "min_value"), pick(r, "max_value"), pick(r, "unit")) for r in ranges)
    return next((found for found in stated if found), None) or _shown_pay(job.get("content"))


def _shown_pay(content: Any) -> str | None:
    """The range that the board itself puts into the description, which is in no field of its own."""
    found = PAY_RANGE.search(markup(content) or "")
    return text(TAG.sub(" ", found[1])) if found else None


def _of_cents(value: Any) -> float | None:
    return value / 100 if isinstance(value, (int, float)) and not isinstance(value, bool) else None
