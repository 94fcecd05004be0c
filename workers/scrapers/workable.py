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
PUBLIC = "https://apply.workable.com"


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
        # The API behind the company's own page calls its list another name.
        key = "results" if each(data, "results") and pick(data, "jobs") is None else "jobs"
        return Batch(url=response.url, items=_whole(jobs_in(response, data, key, CHECK)), more=False)

    yield from walk(scrape, ask_page, lambda job: _posting(job, company[-1], params["account"]), check=CHECK)


def _whole(jobs: list[Any]) -> list[Any]:
    """Jobs with all their places: one of several places is listed again for each of them, at the same address."""
    found: dict[str, Any] = {}
    keys = [f"{text(pick(job, 'shortcode')) or at} {text(pick(job, 'url'))}" for at, job in enumerate(jobs)]
    for key, job in zip(keys, jobs, strict=True):
        if key in found:
            found[key] = found[key] | {"locations": [*_places(found[key]), *_places(job)]}
        else:
            found[key] = job
    return [found[key] for key in keys]


def _places(job: JsonObject) -> list[Any]:
    where = job.get("location")
    named = each(job, "locations") or ([where] if isinstance(where, dict) else [])
    return named or [{**job, "region": job.get("state")}]


def _posting(job: JsonObject, company: str | None, account: str | None = None) -> Posting:
    code, where = text(job.get("shortcode")), job.get("location")
    lines = [_line(job, "state"), *(_line(place, "region") for place in [where, *each(job, "locations")])]
    built = address(PUBLIC, account, "j", code) + "/" if code and account else None
    words = (job.get("telecommuting"), job.get("remote"), pick(where, "telecommuting"))
    return Posting(
        url=first(job.get("url"), job.get("shortlink"), job.get("application_url"), built),
        external_id=text(job.get("shortcode")),
        title=text(job.get("title")),
        company=first(job.get("company"), company, account),
        description=markup(job.get("description"), job.get("requirements"), job.get("benefits")),
        remote=remote(*words, job.get("workplace_type"), job.get("workplace"), pick(where, "workplace")),
        job_type=first(job.get("employment_type"), job.get("type")),
        posted=moment(job.get("published_on"), job.get("published"), job.get("created_at")),
        **places(*lines),
    )


def _line(place: Any, region: str) -> str | None:
    country = first(pick(place, "country"), pick(place, "countryCode"), pick(place, "country_code"))
    return address_line(pick(place, "city"), pick(place, region), country)
