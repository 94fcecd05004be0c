"""Walking a board: start pages, the listing pages they link to, and the pages after each; resumable at every page."""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workers.errors import Blocked, Disallowed, FetchError
from workers.scrapers.selectors import Selector, base_of

if TYPE_CHECKING:
    from workers.records import JsonObject
    from workers.response import Response
    from workers.scrape import Scrape

SEEN_LIMIT = 4096  # 8 characters each: a checkpoint stays under 33 kB however long the crawl
GONE = frozenset({404, 410})
ALL_FAILED = 3  # so many detail pages of one listing failing together say something about the site


class Seen:
    """The last few thousand visited addresses as fingerprints of 48 bits, so that they fit into a checkpoint."""

    def __init__(self, text: str = "") -> None:
        """Read what `text()` wrote."""
        marks = [text[at : at + 8] for at in range(0, len(text) - 7, 8)]
        self._order = deque(marks[-SEEN_LIMIT:])
        self._marks = set(self._order)

    def __contains__(self, url: str) -> bool:
        """Whether the address was visited (wrong once in 10^10 pages)."""
        return fingerprint(url) in self._marks

    def add(self, url: str) -> None:
        """Remember an address, forgetting the oldest beyond the limit."""
        if url in self:
            return
        self._order.append(fingerprint(url))
        self._marks.add(self._order[-1])
        if len(self._order) > SEEN_LIMIT:
            self._marks.discard(self._order.popleft())

    def text(self) -> str:
        """For the checkpoint."""
        return "".join(self._order)


def fingerprint(text: str) -> str:
    """Eight characters that stand for a text."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


@dataclass(frozen=True, slots=True)
class Visit:
    """A listing page that has just been fetched."""

    response: Response
    before: JsonObject  # the checkpoint that would fetch it again


class Walk:
    """Yields listing pages one by one; `state()` at any of them is the checkpoint that goes on behind it."""

    def __init__(
        self,
        scrape: Scrape,
        *,
        start: str | list[str],
        listings: Selector | None = None,
        onward: Selector | None = None,
        max_pages: int | None = None,
        linkless: Callable[[Response], bool] = lambda _: False,
    ) -> None:
        """Go on from the scrape's checkpoint; without `listings` the start pages are listing pages themselves.

        `onward` finds the next page, `linkless` says that a response is no page and has no links.
        """
        saved: JsonObject = scrape.checkpoint or {}
        self.scrape = scrape
        self.starts = [start] if isinstance(start, str) else start
        self.listings = listings
        self.onward = onward
        self.max_pages = max_pages
        self.linkless = linkless
        self.start: int = saved.get("start", 0)
        self.index: str | None = saved.get("index")  # the page whose listings are being walked
        self.at: int = saved.get("at", 0)  # which of them
        self.page: str | None = saved.get("page")  # the next page to fetch within it
        self.pages: int = saved.get("pages", 0)
        self.seen = Seen(saved.get("seen", ""))
        self._of = 0

    @property
    def full(self) -> bool:
        """Whether `max_pages` is reached."""
        return self.max_pages is not None and self.pages >= self.max_pages

    def state(self) -> JsonObject:
        """The checkpoint behind the page last yielded: small, and JSON."""
        ended = self.page is None
        flat = self.listings is None
        state = {
            "start": self.start + (ended and flat),
            "index": self.index,
            "at": 0 if flat else self.at + ended,
            "page": self.page,
            "pages": self.pages,
            "seen": self.seen.text(),
        }
        return {key: value for key, value in state.items() if value}

    def stage(self) -> str:
        """Where the walk is, for a person."""
        where = [f"start {self.start + 1} of {len(self.starts)}"] if len(self.starts) > 1 else []
        where += [f"listing {self.at + 1} of {self._of}"] if self._of else []
        return ", ".join([*where, f"page {self.pages}"])

    def end_chain(self) -> None:
        """Do not follow the next page of this listing."""
        self.page = None

    def visits(self) -> Iterator[Visit]:
        """Every listing page once; raises what the fetch of one raises."""
        while self.start < len(self.starts) and not self.full:
            if self.listings is None:
                yield from self._chain(self.page or self.starts[self.start])
            else:
                yield from self._indexes(self.listings)
            self.start, self.index, self.at, self.page = self.start + 1, None, 0, None

    def _indexes(self, listings: Selector) -> Iterator[Visit]:
        if self.page:
            yield from self._chain(self.page)
            self.at += 1
        known: set[str] = set()
        index = self.index or self.starts[self.start]
        while index not in known and not self.full:
            known.add(index)
            response = self._fetched(index)
            self.index = index
            yield from self._listings(self._links(response, listings))
            index = next(iter(self._links(response, self.onward)), index)
            self.at = 0

    def _listings(self, links: list[str]) -> Iterator[Visit]:
        self._of = len(links)
        # The page may have changed since the checkpoint: positions count only while the last visited one is in place.
        first = self.at if 0 < self.at <= len(links) and links[self.at - 1] in self.seen else 0
        for at in range(first, len(links)):
            if self.full:
                return
            self.at = at
            yield from self._chain(links[at])

    def _chain(self, url: str | None) -> Iterator[Visit]:
        while url and url not in self.seen and not self.full:
            self.page = url
            before = self.state()
            response = self._fetched(url)
            self.pages += 1
            self.seen.add(url)
            unseen = (link for link in self._links(response, self.onward) if link not in self.seen)
            self.page = next(unseen, None)
            yield Visit(response, before)
            url = self.page
        self.page = None

    def _fetched(self, url: str) -> Response:
        response = self.scrape.fetch(url)
        # Boards that load more as one scrolls say with an empty answer that there is no more.
        is_end = self.pages and not response.text.strip()
        if not is_end and not self.linkless(response):
            check_page(response)
        return response

    def _links(self, response: Response, selector: Selector | None) -> list[str]:
        if selector is None or self.linkless(response):
            return []
        return selector.links(response.html, base_of(response.html, response.url))


def check_page(response: Response) -> None:
    """Raises FetchError for what is no page, or could not be read to its end: neither is a board without jobs."""
    if "<" not in response.text:
        what = f"is no HTML but {response.kind}, {len(response.content)} bytes"
    elif not response.html_is_whole:
        what = "nests its elements deeper than can be read"
    else:
        return
    raise FetchError(f"{response.url} {what}; look at it in a browser", url=response.url, status=response.status)


def fetch_details(scrape: Scrape, urls: list[str], at_once: int) -> Iterator[tuple[str, Response | None]]:
    """Each address with its response, or None for one that failed (logged); raises Blocked.

    One that robots.txt does not allow is like one that failed. Raises the last FetchError, too, when all of several
    failed without being gone, or none is allowed: then the site is down, or not for us.
    """
    responses, broken = scrape.fetch_all(urls, at_once), 0
    for url in urls:
        response = None
        try:
            response = next(responses)
        except FetchError as error:
            disallowed = isinstance(error, Disallowed)
            broken += error.status not in GONE
            all_failed = broken == len(urls) and (disallowed or broken >= ALL_FAILED)
            if all_failed or (isinstance(error, Blocked) and not disallowed):
                raise
            scrape.log("detail_failed", level="warning", url=url, error=str(error))
        yield url, response
