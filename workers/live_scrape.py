"""The Scrape that a scraper is handed in a real run."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from workers.errors import FetchError
from workers.fetch import Fetcher
from workers.line import Line
from workers.page_cache import PageCache
from workers.plain import reveal
from workers.politeness import Politeness
from workers.progress import Logbook, Progress
from workers.proxies import Proxy
from workers.records import Assignment, FetchedUrl, JsonObject
from workers.response import Response
from workers.stop import StopSwitch


class LiveScrape:
    """Implements `workers.Scrape` for one assignment."""

    def __init__(  # noqa: PLR0913 - what a run has for its scraper
        self,
        assignment: Assignment,
        params: JsonObject,
        switch: StopSwitch,
        progress: Progress,
        logbook: Logbook,
        *,
        line: Line | None = None,
        proxy: Proxy | None = None,
        kept: Iterable[list[Any]] = (),
        locations: Iterable[str] = (),
    ) -> None:
        """`params` are the assignment's with ${NAME} filled in; without a `line` no other process is consulted.

        `kept`: what the run was told of its kept pages; `locations`: and of its places, beside the assignment's.
        """
        self.params = params
        self.checkpoint = reveal(assignment.checkpoint)
        self.locations = tuple(dict.fromkeys((*assignment.locations, *locations)))
        self.limits = assignment.fetch  # for those whose own client fetches
        self.guests = assignment.scrapers
        self._time = assignment.time
        self._progress = progress
        self._logbook = logbook
        self._fetched: list[FetchedUrl] = []
        self._fetched_lock = threading.Lock()
        self._politeness = Politeness(
            assignment.fetch,
            assignment.breaker,
            line,
            tell=logbook.write,
            alive=progress.bump,
            shielded=switch.uninterruptible,
        )
        self._pages = PageCache(line, assignment, logbook, kept) if line and assignment.fetch.conditional else None
        self._fetcher = Fetcher(
            assignment.fetch,
            wait=switch.wait,
            on_fetched=self._note,
            interruptible=switch.interruptible,
            politeness=self._politeness,
            proxy=proxy,
            pages=self._pages,
        )

    @property
    def entry_host(self) -> str | None:
        """The host that was asked first, as in `circuit_breakers`."""
        return self._politeness.first_host

    @property
    def refusal(self) -> FetchError | None:
        """Why no request at all came to anything, whatever the scraper made of it; None: one did, or none was made."""
        return self._fetcher.refusal

    @property
    def now(self) -> datetime:
        """Database time, UTC: at launch plus what a monotonic clock says has passed."""
        return self._time()

    def fetch(  # noqa: PLR0913 - the signature is the public contract
        self,
        url: str,
        method: str = "GET",
        *,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        headers: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
        allow_status: Iterable[int] = (),
    ) -> Response:
        """One response within all limits; raises Blocked or FetchError after its retries."""
        return self._fetcher.fetch(
            url,
            method,
            params=params,
            data=data,
            json=json,
            headers=headers,
            cookies=cookies,
            allow_status=allow_status,
        )

    def fetch_all(self, urls: Iterable[str], at_once: int = 4) -> Iterator[Response]:
        """Responses in the order of the URLs, at most `at_once` under way."""
        return self._fetcher.fetch_all(urls, at_once)

    def log(self, event: str, **facts: Any) -> None:
        """One line of the run's log; facts `level` and `message` have their own columns."""
        level = str(facts.pop("level", "info"))
        message = facts.pop("message", None)
        known = level if level in {"debug", "info", "warning", "error"} else "info"
        self._logbook.write(known, str(event), None if message is None else str(message), facts)

    def stage(self, text: str) -> None:
        """What the scraper is at, for a person; counts as progress."""
        self._progress.bump(str(text)[:500])

    def take_fetched(self) -> list[FetchedUrl]:
        """What has been fetched since the last page."""
        with self._fetched_lock:
            fetched, self._fetched = self._fetched, []
        return fetched

    def close(self) -> None:
        """Close the connections, and keep the pages that are to be kept."""
        self._fetcher.close()
        if self._pages:
            self._pages.close()

    def _note(self, fetched: FetchedUrl) -> None:
        with self._fetched_lock:  # called from the threads of fetch_all too
            self._fetched.append(fetched)
        self._progress.bump()
