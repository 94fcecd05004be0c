"""The one object a scraper is handed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from workers.records import JsonObject
    from workers.response import Response


class Scrape(Protocol):
    """What a scraper sees of the world: its params, where to go on from, and a careful way to fetch."""

    params: JsonObject  # of the node row, ${NAME} filled in
    checkpoint: JsonObject | None  # of the last committed page, or None at the beginning
    locations: tuple[str, ...]  # of the node's pool, in its order

    @property
    def now(self) -> datetime:
        """Database time, UTC: at launch plus what a monotonic clock says has passed."""
        ...

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
        """One response within all limits; raises Blocked or FetchError after its retries."""
        ...

    def fetch_all(self, urls: Iterable[str], at_once: int = 4) -> Iterator[Response]:
        """Responses in the order of the URLs, at most `at_once` under way."""
        ...

    def log(self, event: str, **facts: Any) -> None:
        """One line of the run's log."""
        ...

    def stage(self, text: str) -> None:
        """What the scraper is at, for a person; counts as progress."""
        ...
