"""Fetches one URL or many within limits: a deadline for the whole request, a body cap, retries, a gap per host."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any

import requests

from workers.errors import Blocked, FetchError, StopScrape
from workers.exchange import Line, asked, follow
from workers.gaps import Gaps
from workers.records import FetchedUrl, FetchSettings
from workers.refusals import Again, judged, next_step, refusal
from workers.response import Response
from workers.transport import Adapter, Session

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # doing it twice does no more than once
_POLL_S = 0.05  # how late a wish to stop may be seen while threads fetch
_MOST_AT_ONCE = 16  # threads and bodies in memory, whatever a scraper asks for


@dataclass(frozen=True, kw_only=True, slots=True)
class _Result:
    record: FetchedUrl
    outcome: Response | FetchError


_Answer = queue.SimpleQueue[_Result | BaseException]


class Fetcher:
    """What a scraper fetches with. `fetch` is for the scraper's own thread; `fetch_all` brings its threads along."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        wait: Callable[[float], None],
        on_fetched: Callable[[FetchedUrl], None],
        interruptible: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`wait(s)` sleeps and raises StopScrape; inside `interruptible()` a signal may raise it at any point.

        Both, and `on_fetched`, are called only in the thread that calls `fetch` or goes through `fetch_all`.
        """
        self._settings = settings
        self._wait = wait
        self._on_fetched = on_fetched
        self._interruptible = interruptible
        self._gaps = Gaps(settings)
        self._connect()

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
        options = {"params": params, "data": data, "json": json, "headers": headers, "cookies": cookies}
        line = self._line(self._session, self._wait, self._interruptible)
        try:
            result = _fetched(line, url, method.upper(), options, frozenset(allow_status))
        except BaseException:
            # Asked to stop in the middle of an exchange: no connection of that time is used again.
            self.close()
            self._connect()
            raise
        return self._handed_over(result)

    def fetch_all(self, urls: Iterable[str], at_once: int = 4) -> Iterator[Response]:
        """Responses in the order of the URLs; one that fails raises at its turn. Cookies set here are not kept."""
        source = iter(urls)
        under_way: deque[_Answer] = deque()
        abandoned = threading.Event()
        at_once = min(max(1, at_once), _MOST_AT_ONCE)
        try:
            while True:
                for url in islice(source, at_once - len(under_way)):
                    under_way.append(self._begin(url, abandoned))
                if not under_way:
                    return
                yield self._handed_over(self._awaited(under_way.popleft()))
        finally:
            abandoned.set()  # the threads are daemons and end by their deadlines: nobody waits for them

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _connect(self) -> None:
        self._adapter = Adapter()
        self._session = Session(self._settings, self._adapter)

    def _line(
        self,
        session: Session,
        wait: Callable[[float], None],
        interruptible: Callable[[], AbstractContextManager[None]],
    ) -> Line:
        return Line(settings=self._settings, session=session, gaps=self._gaps, wait=wait, interruptible=interruptible)

    def _begin(self, url: str, abandoned: threading.Event) -> _Answer:
        """Fetch in a thread of its own; connections are shared, cookies are a copy."""

        def wait(seconds: float) -> None:
            if abandoned.wait(seconds):
                raise StopScrape("nobody waits for this any more")

        answer: _Answer = queue.SimpleQueue()
        line = self._line(Session(self._settings, self._adapter, self._session.cookies), wait, nullcontext)

        def work() -> None:
            try:
                answer.put(_fetched(line, url, "GET", {}, frozenset()))
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
                answer.put(error)

        threading.Thread(target=work, name="fetch", daemon=True).start()
        return answer

    def _awaited(self, answer: _Answer) -> _Result:
        while True:
            self._wait(0)
            try:
                result = answer.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(result, BaseException):
                raise result
            return result

    def _handed_over(self, result: _Result) -> Response:
        self._on_fetched(result.record)
        if isinstance(result.outcome, FetchError):
            raise result.outcome
        return result.outcome


def _fetched(line: Line, url: str, method: str, options: dict[str, Any], allow: frozenset[int]) -> _Result:
    """What became of one URL in the end."""
    began = time.monotonic()
    try:
        response = _with_retries(line, asked(url, method, **options), allow)
    except FetchError as error:
        record = FetchedUrl(
            url=error.url or url,
            status="blocked" if isinstance(error, Blocked) else "error",
            http_status=error.status,
            elapsed_ms=round((time.monotonic() - began) * 1000),
            error=str(error),
        )
        return _Result(record=record, outcome=error)
    record = FetchedUrl(
        url=response.url,
        status="ok",
        http_status=response.status,
        elapsed_ms=response.elapsed_ms,
        bytes=len(response.content),
    )
    return _Result(record=record, outcome=response)


def _with_retries(line: Line, request: requests.Request, allow: frozenset[int]) -> Response:
    settings = line.settings
    number = 1
    while True:
        try:
            return judged(follow(line, request, allow), allow, settings)
        except Again as failure:
            if number >= settings.attempts or not (failure.undone or request.method in _REPEATABLE):
                raise _final(request, failure, number) from failure
            line.wait(_back_off(settings, number, failure.wait_s))
        number += 1


def _back_off(settings: FetchSettings, number: int, asked_s: float | None) -> float:
    """Seconds before the try after this one: what the host asks for, never less than our own habit."""
    own = min(settings.cap_s, settings.base_s * 2.0 ** (number - 1)) * random.uniform(0.5, 1)
    return max(own, asked_s or 0.0)


def _final(request: requests.Request, failure: Again, tries: int) -> FetchError:
    url, status = str(request.url), failure.status
    counted = "1 try" if tries == 1 else f"{tries} tries"
    return refusal(status)(f"{url}: {failure} ({counted}); {next_step(status)}", url=url, status=status)
