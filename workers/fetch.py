"""Fetches one URL or many within limits: a deadline for the whole request, a body cap, retries, a gap per host."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

from requests.structures import CaseInsensitiveDict

from workers.errors import Blocked, FetchError
from workers.fan_out import in_order
from workers.gaps import Gaps
from workers.records import FetchedUrl, FetchSettings
from workers.request import Origin, Request, checked, shown
from workers.response import Response
from workers.tries import Tries
from workers.verdict import Failed

_MOST_AT_ONCE = 16
Wait = Callable[[float], None]
Interruptible = Callable[[], AbstractContextManager[None]]


class Fetcher:
    """One per process; keep-alive connections and cookies are kept, proxies and netrc of the environment are not."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        wait: Wait,
        on_fetched: Callable[[FetchedUrl], None],
        interruptible: Interruptible = nullcontext,
    ) -> None:
        """`wait(s)` sleeps and raises StopScrape; inside `interruptible()` a signal may raise it at any point.

        `on_fetched` is told of every URL, by `fetch_all` from threads.
        """
        self._settings = settings
        self._wait = wait
        self._on_fetched = on_fetched
        self._interruptible = interruptible
        self._tries = Tries(settings)
        self._gaps = Gaps(settings)
        self._logins: dict[Origin, str] = {}  # from URLs that held one, for further URLs of the same host

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
        """One response. Raises Blocked or FetchError after its retries, StopScrape when the run is asked to end."""

        def request() -> Request:
            wanted = self._request(url, method, headers, allow_status)
            return replace(wanted, params=params, data=_whole(data), json=json, cookies=cookies)

        return self._noted(url, request, self._wait, self._interruptible)

    def fetch_all(self, urls: Iterable[str], at_once: int = 4) -> Iterator[Response]:
        """Responses in the order of the URLs; one that fails raises at its turn, the next turn goes on behind it."""
        return _Turns(self.outcomes(urls, at_once))

    def outcomes(self, urls: Iterable[str], at_once: int = 4) -> Generator[Response | FetchError, None, None]:
        """What became of each URL, in their order; at most `at_once` (16) under way or waiting to be taken."""

        def outcome(url: str, wait: Wait) -> Response | FetchError:
            try:
                return self._noted(url, partial(self._request, url), wait, nullcontext)
            except FetchError as error:
                return error

        return in_order(
            urls, outcome, min(at_once, _MOST_AT_ONCE), pause=partial(self._wait, 0), give_up=self._tries.cut
        )

    def close(self) -> None:
        """Close the connections, also those in use."""
        self._tries.close()

    def _request(
        self, url: str, method: str = "GET", headers: dict[str, str] | None = None, allow: Iterable[int] = ()
    ) -> Request:
        clean, login = checked(url)
        request = Request(
            url=clean, method=method.upper(), headers=CaseInsensitiveDict(headers or {}), allow=frozenset(allow)
        )
        if login:
            self._logins[request.origin] = login
        if login := self._logins.get(request.origin):
            request.headers.setdefault("Authorization", login)
        return request

    def _noted(self, url: Any, make: Callable[[], Request], wait: Wait, interruptible: Interruptible) -> Response:
        """The response to a request, noted like its failure. What ends by StopScrape is neither."""
        began = time.monotonic()
        request: Request | None = None
        try:
            request = make()
            response = self._with_retries(request, wait, interruptible)
        except FetchError as error:
            self._on_fetched(
                FetchedUrl(
                    url=request.url if request else shown(str(url)),
                    status="blocked" if isinstance(error, Blocked) else "error",
                    http_status=error.status,
                    elapsed_ms=_ms_since(began),
                    error=str(error),
                )
            )
            raise
        size = len(response.content)
        self._on_fetched(
            FetchedUrl(
                url=response.url, status="ok", http_status=response.status, elapsed_ms=_ms_since(began), bytes=size
            )
        )
        return response

    def _with_retries(self, request: Request, wait: Wait, interruptible: Interruptible) -> Response:
        def wait_for_turn(url: str) -> None:
            wait(self._gaps.reserve(url))

        tries = 0
        while True:
            wait_for_turn(request.url)
            tries += 1
            try:
                with interruptible():
                    return self._tries.once(request, wait_for_turn)
            except Failed as failure:
                if not failure.again or tries >= self._settings.attempts:
                    raise _error(request, failure, tries) from failure
                pause_s = max(failure.wait_s, self._back_off_s(tries))
            wait(pause_s)

    def _back_off_s(self, tries: int) -> float:
        return min(self._settings.cap_s, self._settings.base_s * 2.0 ** min(tries - 1, 60)) * random.uniform(0.5, 1)


class _Turns(Iterator[Response]):
    """Unlike a generator it goes on after it has raised: what was under way behind a failed URL is not lost."""

    def __init__(self, outcomes: Generator[Response | FetchError, None, None]) -> None:
        self._outcomes = outcomes

    def __next__(self) -> Response:
        outcome = next(self._outcomes)
        if isinstance(outcome, FetchError):
            raise outcome
        return outcome

    def close(self) -> None:
        """Give up what is under way."""
        self._outcomes.close()


def _error(request: Request, failure: Failed, tries: int) -> FetchError:
    kind = Blocked if failure.blocked else FetchError
    counted = "1 try" if tries == 1 else f"{tries} tries"
    return kind(f"{shown(request.url)}: {failure} ({counted})", url=request.url, status=failure.status)


def _whole(data: Any) -> Any:
    """A body that can be sent more than once: a file or an iterator would be empty at the second try."""
    if hasattr(data, "read"):
        return data.read()
    return b"".join(data) if isinstance(data, Iterator) else data


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
