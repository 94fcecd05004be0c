"""Any board that marks its postings up for search engines: schema.org JobPosting as JSON-LD, else in the HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workers.records import JsonObject, Page, Posting
from workers.scrapers.crawl import Visit, Walk, fetch_details
from workers.scrapers.jsonld import job_postings
from workers.scrapers.locations import TERM, check_term, over_locations
from workers.scrapers.microdata import marked_up
from workers.scrapers.params import Param, read_params
from workers.scrapers.refusals import check_refusal
from workers.scrapers.schemaorg import to_posting
from workers.scrapers.selectors import Selector, base_of, parse_selector
from workers.scrapers.sitemaps import is_sitemap, read_sitemap
from workers.scrapers.zones import TIMEZONE, in_zone

if TYPE_CHECKING:
    from workers.response import Response
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="start",
        kind="urls",
        required=True,
        sentence="Listing pages, postings, sitemaps (.xml, .xml.gz) or sitemap indexes: one address or several; "
        "{term} and {location} are filled in.",
    ),
    TERM,
    Param(name="follow", kind="selector", sentence="Links from a listing page to its postings."),
    Param(name="match", kind="regex", sentence="Follow only addresses in which this finds something."),
    Param(name="next", kind="selector", sentence="The link to the next listing page."),
    Param(
        name="max_pages",
        kind="whole",
        sentence="At most so many listing pages, or groups of 20 postings of a sitemap; without it all of them.",
    ),
    Param(name="at_once", kind="whole", default=4, sentence="Postings fetched at the same time."),
    TIMEZONE,
)
GROUP = 20  # postings of a sitemap per page: what a kill may cost
MAX_DEPTH = 3  # indexes that name indexes deeper than this name themselves


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    values = read_params("jobposting", PARAMS, params)
    check_term("jobposting", values["start"], values["term"])
    return values


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads schema.org JobPosting from listing pages, from the postings they link to, and from sitemaps."""
    yield from over_locations(scrape, read(scrape.params), "start", _pages)


def _pages(scrape: Scrape, params: JsonObject) -> Iterator[Page]:
    yield from _Board(scrape, params).pages()


class _Board:
    """One crawl: what was asked for, and whether anything was found."""

    def __init__(self, scrape: Scrape, params: JsonObject) -> None:
        self.scrape = scrape
        self.params = params
        self.follow: Selector | None = parse_selector(params["follow"]) if params["follow"] else None
        self.match = re.compile(params["match"] or "")
        saved = scrape.checkpoint or {}
        self.resume_at: list[int] | None = saved.get("sitemap")
        self.found = bool(saved.get("found"))
        self.walk = Walk(
            scrape,
            start=params["start"],
            onward=parse_selector(params["next"]) if params["next"] else None,
            max_pages=params["max_pages"],
            linkless=is_sitemap,
        )

    def pages(self) -> Iterator[Page]:
        for visit in self.walk.visits():
            if is_sitemap(visit.response):
                yield from self._sitemap(visit)
            else:
                yield self._page(visit.response)
            self.resume_at = None
        if not self.found:
            self.scrape.log("no_job_postings", level="warning", pages=self.walk.pages)

    def _page(self, response: Response) -> Page:
        postings = self._read(response)
        links = self.follow.links(response.html, base_of(response.html, response.url)) if self.follow else []
        if not postings and not links and response.text.strip():
            check_refusal(response, found=self.found)
        postings += self._fetched(self._matching(links))
        self.found = self.found or bool(postings)
        return Page(
            url=response.url,
            postings=postings,
            checkpoint={**self.walk.state(), "found": self.found},
            done=self.walk.pages,
            total=self.walk.max_pages,
            stage=self.walk.stage(),
        )

    def _sitemap(self, visit: Visit) -> Iterator[Page]:
        """The postings of a sitemap in groups; position = which of its sitemaps, and how far within that."""
        first, skip = self.resume_at or [0, 0]
        self.walk.pages = visit.before.get("pages", 0)  # groups are counted instead of the sitemap itself
        for at, (url, links) in enumerate(self._sitemaps(visit.response, first)):
            for done in range(skip, len(links), GROUP):
                if self.walk.full:
                    return
                self.walk.pages += 1
                end = min(done + GROUP, len(links))
                yield self._group(visit, url, links[done:end], [first + at, end], len(links))
            skip = 0

    def _group(self, visit: Visit, url: str, links: list[str], position: list[int], total: int) -> Page:
        postings = self._fetched(links)
        self.found = self.found or bool(postings)
        return Page(
            url=url,
            postings=postings,
            checkpoint={**visit.before, "pages": self.walk.pages, "found": self.found, "sitemap": position},
            done=position[1],
            total=total,
            stage=f"sitemap {position[0] + 1}, {position[1]} of {total}",
        )

    def _sitemaps(self, response: Response, first: int) -> Iterator[tuple[str, list[str]]]:
        """The sitemaps that a response names, or itself, with their matching addresses; without the first few."""
        sitemaps, pages = read_sitemap(response.content)
        if not sitemaps:
            yield response.url, self._matching(pages)
        for url in sitemaps[first:]:
            yield url, self._matching(self._leaves(url, depth=1))

    def _leaves(self, url: str, depth: int) -> list[str]:
        sitemaps, pages = read_sitemap(self.scrape.fetch(url).content)
        inner = sitemaps if depth < MAX_DEPTH else []
        return pages + [link for sitemap in inner for link in self._leaves(sitemap, depth + 1)]

    def _matching(self, links: list[str]) -> list[str]:
        return [link for link in links if self.match.search(link)]

    def _fetched(self, links: list[str]) -> list[Posting]:
        postings: list[Posting] = []
        last: Response | None = None
        for _, response in fetch_details(self.scrape, links, self.params["at_once"]):
            postings += self._read(response) if response else []
            last = response or last
        if last is not None and not postings:
            check_refusal(last)
        return postings

    def _read(self, response: Response) -> list[Posting]:
        jobs, unread = job_postings(response.html)
        if unread:
            self.scrape.log("jsonld_unreadable", level="warning", url=response.url, scripts=unread)
        jobs = jobs or marked_up(response.html)
        postings = (to_posting(job, response.url, alone=len(jobs) == 1) for job in jobs)
        return [in_zone(posting, self.params["timezone"], self.scrape.now) for posting in postings]
