"""Boards on SmartRecruiters, through its public postings API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workers.errors import FetchError
from workers.records import JsonObject, Page, Posting
from workers.scrapers.crawl import fetch_details
from workers.scrapers.jsonapi import MAX_PAGES, Batch, address, ask, base_url, jobs_in, walk
from workers.scrapers.jsonfields import (
    address_line,
    count,
    first,
    markup,
    moment,
    pick,
    places,
    remote,
    same_place,
    text,
)
from workers.scrapers.params import Param, read_params

if TYPE_CHECKING:
    from workers.scrape import Scrape

FILTERS = ("q", "country", "region", "city", "department", "language")
PARAMS = (
    Param(
        name="company",
        kind="slug",
        required=True,
        sentence="The company's identifier: jobs.smartrecruiters.com/COMPANY.",
    ),
    Param(name="q", kind="text", sentence="Only jobs in which these words are found."),
    Param(name="country", kind="text", sentence="Only jobs in this country: its code of two letters."),
    *(Param(name=name, kind="text", sentence=f"Only jobs of this {name}.") for name in FILTERS[2:]),
    Param(
        name="details", kind="switch", default=True, sentence="Whether each job is fetched too, for its description."
    ),
    Param(name="at_once", kind="whole", default=4, sentence="Jobs fetched at the same time."),
    Param(name="limit", kind="whole", default=20, sentence="Jobs per page, at most 100: what a kill may cost."),
    MAX_PAGES,
    base_url("https://api.smartrecruiters.com"),
)
CHECK = "params company and base_url"
PUBLIC = "https://jobs.smartrecruiters.com"
SECTIONS = ("companyDescription", "jobDescription", "qualifications", "additionalInformation")


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("smartrecruiters", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the jobs of a company that hires through SmartRecruiters, page by page, and each job's description."""
    params = read(scrape.params)
    url = address(params["base_url"], "v1", "companies", params["company"], "postings")

    def ask_page(at: int, _page: int) -> Batch:
        query = {"limit": params["limit"], "offset": at} | {name: params[name] for name in FILTERS}
        response, data = ask(scrape, url, query, CHECK)
        jobs, total = jobs_in(response, data, "content", CHECK), pick(data, "totalFound")
        if params["details"]:
            jobs = _detailed(scrape, url, jobs, params["at_once"])
        return Batch(url=response.url, items=jobs, total=count(total))

    yield from walk(
        scrape, ask_page, lambda job: _posting(job, params["company"]), check=CHECK, max_pages=params["max_pages"]
    )


def _detailed(scrape: Scrape, url: str, jobs: list[Any], at_once: int) -> list[Any]:
    """The jobs with what their own pages add; one whose page fails stays without a description."""
    addresses = {text(pick(job, "id")): address(url, ident) for job in jobs if (ident := text(pick(job, "id")))}
    found: dict[str, Any] = {}
    for wanted, response in fetch_details(scrape, list(addresses.values()), at_once):
        try:
            found[wanted] = response.json() if response is not None else None
        except FetchError as error:
            scrape.log("detail_failed", level="warning", url=wanted, error=str(error))
    details = [found.get(addresses.get(text(pick(job, "id")), "")) for job in jobs]
    return [
        {"jobAd": pick(more, "jobAd"), **job} if isinstance(job, dict) else job
        for job, more in zip(jobs, details, strict=True)
    ]


def _posting(job: JsonObject, company: str) -> Posting:
    where = job.get("location")
    ident = text(job.get("id"))
    hybrid = "hybrid" if pick(where, "hybrid") is True else None
    line = address_line(*(pick(where, key) for key in ("city", "region", "country")))
    sections = [pick(job, "jobAd", "sections", name) for name in SECTIONS]
    return Posting(
        # Built, since only the detail names an address: a job keeps its own whether or not that could be fetched.
        url=address(PUBLIC, text(pick(job, "company", "identifier")) or company, ident) if ident else None,
        external_id=ident,
        title=text(job.get("name")),
        company=first(pick(job, "company", "name"), company),
        description=markup(*(part for section in sections for part in _section(section))),
        remote=remote(pick(where, "remote"), hybrid, pick(where, "locationType")),
        job_type=first(pick(job, "typeOfEmployment", "label"), pick(job, "typeOfEmployment", "id")),
        posted=moment(job.get("releasedDate")),
        **places(*same_place(pick(where, "fullLocation"), line)),
    )


def _section(section: Any) -> list[str | None]:
    title, body = text(pick(section, "title")), markup(pick(section, "text"))
    return [f"<h3>{title}</h3>" if title else None, body] if body else []
