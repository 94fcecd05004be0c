"""Which address of the demo's board gets which answer; pure, but for what the answer is told about the board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from workers.demo import machine, pages
from workers.demo.catalogue import Listing, NoSuchPage, listing, parse_query, select
from workers.demo.site import Job

HTML = "text/html; charset=utf-8"
JSON = "application/json"
ROBOTS = "User-agent: *\nDisallow: /private/\nSitemap: {base}/sitemap.xml\n"
REFUSAL = "This part of the board is not for programs; write to the board's owner to be let in."
OUT_OF_ORDER = "The database is being repaired; come back in an hour."


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What goes back over the wire."""

    body: bytes
    content_type: str = HTML
    status: HTTPStatus = HTTPStatus.OK


class Desk:
    """Answers requests for one board; holds nothing that changes, so that threads may share it."""

    def __init__(self, jobs: list[Job], base_url: str, opened: datetime) -> None:
        """Serve `jobs` as of `opened` (aware), with absolute addresses under `base_url`."""
        self._jobs = jobs
        self._by_number = {str(job.number): job for job in jobs}
        self._base = base_url
        self._opened = opened
        self._routes: dict[str, Callable[[dict[str, str]], Answer]] = {
            "/": lambda _query: html(pages.front(jobs)),
            "/jobs": lambda query: self._listing("/jobs", query),
            "/slow/jobs": lambda query: self._listing("/slow/jobs", query),
            "/api/jobs": self._api,
            "/sitemap.xml": lambda query: self._xml("application/xml", machine.sitemap(self._dated(query))),
            "/feed.rss": lambda query: self._xml("application/rss+xml", machine.rss(self._dated(query), base_url)),
            "/feed.atom": lambda query: self._xml(
                "application/atom+xml", machine.atom(self._dated(query), base_url, opened)
            ),
            "/robots.txt": lambda _query: Answer(
                body=ROBOTS.format(base=base_url).encode(), content_type="text/plain; charset=utf-8"
            ),
            "/lies": lambda _query: self._lie_about_type(),
            "/lies/charset": self._lie_about_charset,
            "/lies/empty": lambda _query: self._lie_about_count(),
        }

    def answer(self, path: str, query: str) -> Answer:
        """The answer to GET `path`?`query`; an unknown address is a 404 that says so."""
        if path == "/refused" or path.startswith("/refused/"):
            return html(pages.message_page("Not for you", REFUSAL), HTTPStatus.FORBIDDEN)
        try:
            if path.startswith("/jobs/"):
                return html(pages.detail_page(self._date(self._job(path.removeprefix("/jobs/")))))
            if path not in self._routes:
                return missing("There is nothing at this address; begin at the front page.")
            return self._routes[path](parse_query(query))
        except NoSuchPage as reason:
            return missing(str(reason))

    def _job(self, number: str) -> Job:
        if number not in self._by_number:
            raise NoSuchPage("This posting is gone, or never was; look through /jobs.")
        return self._by_number[number]

    def _date(self, job: Job) -> machine.Dated:
        return machine.Dated(job=job, base_url=self._base, opened=self._opened)

    def _dated(self, query: dict[str, str]) -> list[machine.Dated]:
        return [self._date(job) for job in select(self._jobs, query)]

    def _listing(self, path: str, query: dict[str, str]) -> Answer:
        return html(pages.listing_page(listing(self._jobs, query), path))

    def _api(self, query: dict[str, str]) -> Answer:
        page = listing(self._jobs, query)
        text = machine.api_page(page, [self._date(job) for job in page.jobs], f"{self._base}/api/jobs")
        return Answer(body=text.encode(), content_type=JSON)

    def _xml(self, kind: str, text: str) -> Answer:
        return Answer(body=text.encode(), content_type=f"{kind}; charset=utf-8")

    def _lie_about_type(self) -> Answer:
        return Answer(body=pages.message_page("Out of order", OUT_OF_ORDER).encode(), content_type=JSON)

    def _lie_about_charset(self, query: dict[str, str]) -> Answer:
        text = pages.listing_page(listing(self._jobs, query), "/lies/charset")
        # Header and meta element say UTF-8; whoever believes them meets bytes that are none.
        return Answer(body=text.encode("cp1252", errors="xmlcharrefreplace"))

    def _lie_about_count(self) -> Answer:
        nothing = Listing(jobs=[], found=len(self._jobs), number=1, last=1, field="", size=1)
        return html(pages.listing_page(nothing, "/lies/empty"))


def html(text: str, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """A page for people."""
    return Answer(body=text.encode(), status=status)


def missing(sentence: str) -> Answer:
    """A 404 with a sentence on it."""
    return html(pages.message_page("Not here", sentence), HTTPStatus.NOT_FOUND)
