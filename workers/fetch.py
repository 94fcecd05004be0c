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
from workers.page_cache import PageCache
from workers.politeness import LONGEST_HOLD_S, Politeness
from workers.proxies import Proxy
from workers.records import FetchedUrl, FetchSettings
from workers.request import Origin, Request, checked, shown
from workers.response import Response
from workers.robots import MOST_BYTES
from workers.tries import Tries
from workers.validators import NOT_MODIFIED
from workers.verdict import Failed
from workers.way import Way

_MOST_AT_ONCE = 16
_BROKEN = 500
_HELD_BACK = frozenset({429, 503})  # whose Retry-After is meant for all of us
# Of a robots.txt. 407 is the proxy's word, and a host that has had enough of us is left alone there as elsewhere.
_NO_RULES = frozenset(range(400, 500)) - {407, 429}
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
        politeness: Politeness | None = None,
        proxy: Proxy | None = None,
        pages: PageCache | None = None,
    ) -> None:
        """`wait(s)` sleeps and raises StopScrape; inside `interruptible()` a signal may raise it at any point.

        `on_fetched` is told of every URL, by `fetch_all` from threads. Without `politeness` only the gaps are kept, and
        no robots.txt is read; without `pages` nothing is kept, and all is asked for whole.
        """
        self._settings = settings
        self._wait = wait
        self._on_fetched = on_fetched
        self._interruptible = interruptible
        self._tries = Tries(settings, proxy)
        self._politeness = politeness or Politeness(replace(settings, robots=False))
        self._pages = pages
        self._logins: dict[Origin, str] = {}  # from URLs that held one, for further URLs of the same host
        self._answered = False
        self._last_failure: FetchError | None = None

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

    @property
    def refusal(self) -> FetchError | None:
        """Why no request at all came to anything: refused, cut off, or broken. A page that is not there is none."""
        failure = self._last_failure
        if self._answered or failure is None:
            return None
        told = isinstance(failure, Blocked) or failure.status is None or failure.status >= _BROKEN
        return failure if told else None

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
            ask = partial(self._with_retries, wait=wait, interruptible=interruptible)
            response = self._pages.fetch(request, ask) if self._pages else ask(request)
        except FetchError as error:
            self._last_failure = error
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
        self._answered = True
        self._on_fetched(
            FetchedUrl(
                url=response.url,
                status="unchanged" if response.unchanged else "ok",
                http_status=NOT_MODIFIED if response.unchanged else response.status,
                elapsed_ms=_ms_since(began),
                bytes=0 if response.unchanged else len(response.content),
            )
        )
        return response

    def _with_retries(
        self, request: Request, wait: Wait, interruptible: Interruptible, *, is_robots: bool = False
    ) -> Response:
        reads = None if is_robots else partial(self._robots, wait=wait, interruptible=interruptible)
        way = Way(self._politeness, partial(self._politeness.turn, wait=wait, reads=reads))
        tries = 0
        while True:
            way.begin(request.sent_url)
            tries += 1
            try:
                with interruptible():
                    response = self._tries.once(request, way.go_on)
            except Failed as failure:
                wait_s = failure.wait_s
                if wait_s and failure.status in _HELD_BACK:
                    way.hold(wait_s)  # from now on it is part of waiting for one's turn
                    wait_s = 0.0
                # A host on trial is asked once: a good word was hoped for, not its patience tried.
                if not failure.again or tries >= self._settings.attempts or (way.on_trial and failure.of_host):
                    error = _error(request, failure, tries)
                    way.fail(failure, error)
                    raise error from failure
                pause_s = max(wait_s, self._back_off_s(tries) - (failure.wait_s - wait_s))
            else:
                way.arrive()
                return response
            wait(max(0.0, pause_s))

    def _robots(self, url: str, *, wait: Wait, interruptible: Interruptible) -> Response:
        """A robots.txt: as much of it as counts, by the same tries as everything else."""
        request = Request(url=url, headers=CaseInsensitiveDict(), allow=_NO_RULES, most_bytes=MOST_BYTES)
        return self._with_retries(request, wait, interruptible, is_robots=True)

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
    wait_s = min(failure.wait_s, LONGEST_HOLD_S)
    return kind(f"{shown(request.url)}: {failure} ({counted})", url=request.url, status=failure.status, wait_s=wait_s)


def _whole(data: Any) -> Any:
    """A body that can be sent more than once: a file or an iterator would be empty at the second try."""
    if hasattr(data, "read"):
        return data.read()
    return b"".join(data) if isinstance(data, Iterator) else data


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
