"""A real, minimal Scrape: it fetches with the engine's own Fetcher and keeps what it is told in lists."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from workers.records import FetchedUrl, FetchSettings, JsonObject

if TYPE_CHECKING:
    from workers.response import Response

NewScrape = Callable[..., "PlainScrape"]


class PlainScrape:
    """Implements `workers.Scrape` for one call of a scraper."""

    def __init__(self, params: JsonObject, checkpoint: JsonObject | None = None) -> None:
        """Quick retries, so that a test of a broken page does not wait."""
        from workers.fetch import Fetcher  # not by every test that loads this plugin

        self.params = params
        self.checkpoint = checkpoint
        self.locations: tuple[str, ...] = ()
        self.logged: list[tuple[str, dict[str, Any]]] = []
        self.fetched: list[FetchedUrl] = []
        self._settings = FetchSettings(attempts=2, base_s=0.01, cap_s=0.02)
        self.fetcher = Fetcher(
            self._settings, wait=time.sleep, on_fetched=self.fetched.append, interruptible=nullcontext
        )

    def obey_robots(self) -> None:
        """From now on, which no other test of a scraper needs."""
        from workers.politeness import Politeness

        self.fetcher._politeness = Politeness(self._settings)  # nothing else of it is to be another

    @property
    def now(self) -> datetime:
        """The time of this machine."""
        return datetime.now(UTC)

    def fetch(
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
        """One response."""
        return self.fetcher.fetch(
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
        """Responses in order."""
        return self.fetcher.fetch_all(urls, at_once)

    def log(self, event: str, **facts: Any) -> None:
        """Kept in `logged`."""
        self.logged.append((event, facts))

    def stage(self, text: str) -> None:
        """Kept in `logged` too."""
        self.logged.append(("stage", {"text": text}))

    def events(self) -> list[str]:
        """The names of what was logged."""
        return [event for event, _ in self.logged]


@pytest.fixture
def new_scrape() -> Iterator[NewScrape]:
    """Makes Scrapes and closes their connections afterwards."""
    made: list[PlainScrape] = []

    def new(params: JsonObject, checkpoint: JsonObject | None = None) -> PlainScrape:
        made.append(PlainScrape(params, checkpoint))
        return made[-1]

    yield new
    for scrape in made:
        scrape.fetcher.close()
