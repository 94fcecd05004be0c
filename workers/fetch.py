"""Fetches one URL or many within limits: a deadline for the whole request, a body cap, retries, a gap per host."""

from __future__ import annotations

import email.utils
import ipaddress
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from workers.deadline import Cutter, CutState, adapter
from workers.errors import Blocked, FetchError
from workers.records import FetchedUrl, FetchSettings
from workers.response import Response

_BLOCKED = frozenset({401, 403, 407, 429, 451})
_AGAIN = frozenset({429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_CHUNK = 65_536
_CONNECTIONS = 16
_POLL_S = 0.1
_CHALLENGE = (b"cf-chl", b"challenge-platform", b"cf_chl_opt")
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8"


class _Again(Exception):
    """One try failed in a way that a further one may mend."""

    def __init__(self, message: str, *, status: int | None = None, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.wait_s = wait_s


@dataclass(frozen=True, kw_only=True, slots=True)
class _Request:
    method: str
    url: str
    options: dict[str, Any]
    allow: frozenset[int]


class Fetcher:
    """One session per process; keep-alive connections are reused, proxies and netrc of the environment are not."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        wait: Callable[[float], None],
        on_fetched: Callable[[FetchedUrl], None],
        interruptible: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`wait(s)` sleeps and raises StopScrape; inside `interruptible()` a signal may raise it at any point."""
        self._settings = settings
        self._wait = wait
        self._on_fetched = on_fetched
        self._interruptible = interruptible
        self._cutter = Cutter()
        self._gaps: dict[str, float] = {}
        self._lock = threading.Lock()
        self._session = self._new_session()

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
        """One response. Raises Blocked or FetchError after its retries, StopScrape when the run is asked to end."""
        options = {"params": params, "data": data, "json": json, "headers": headers, "cookies": cookies}
        request = _Request(method=method.upper(), url=_checked(url), options=options, allow=frozenset(allow_status))
        return self._fetch(request, self._wait, self._interruptible)

    def fetch_all(self, urls: Iterable[str], at_once: int = 4) -> Iterator[Response]:
        """Responses in the order of the URLs; a URL that fails raises at its turn."""
        source = iter(urls)
        waiting: list[queue.SimpleQueue[Response | BaseException]] = []
        stopping = threading.Event()
        try:
            for url in islice(source, max(1, at_once)):
                waiting.append(self._begin(url, stopping))
            while waiting:
                answer = self._await(waiting.pop(0))
                for url in islice(source, 1):
                    waiting.append(self._begin(url, stopping))
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            stopping.set()  # the threads are daemons: nobody waits for what is no longer wanted

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _begin(self, url: str, stopping: threading.Event) -> queue.SimpleQueue[Response | BaseException]:
        answer: queue.SimpleQueue[Response | BaseException] = queue.SimpleQueue()

        def wait(seconds: float) -> None:
            if stopping.wait(seconds):
                raise FetchError("given up: the run goes on without it", url=url)

        def work() -> None:
            try:
                request = _Request(method="GET", url=_checked(url), options={}, allow=frozenset())
                answer.put(self._fetch(request, wait, nullcontext))
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
                answer.put(error)

        threading.Thread(target=work, name="fetch", daemon=True).start()
        return answer

    def _await(self, answer: queue.SimpleQueue[Response | BaseException]) -> Response | BaseException:
        while True:
            self._wait(0)
            try:
                return answer.get(timeout=_POLL_S)
            except queue.Empty:
                continue

    def _fetch(
        self,
        request: _Request,
        wait: Callable[[float], None],
        interruptible: Callable[[], AbstractContextManager[None]],
    ) -> Response:
        began = time.monotonic()
        try:
            response = self._with_retries(request, wait, interruptible)
        except FetchError as error:
            status = "blocked" if isinstance(error, Blocked) else "error"
            self._note(request.url, status, error.status, began, 0, str(error))
            raise
        self._note(response.url, "ok", response.status, began, len(response.content), None)
        return response

    def _note(  # noqa: PLR0913, PLR0917 - one column each
        self, url: str, status: str, code: int | None, began: float, size: int, error: str | None
    ) -> None:
        elapsed_ms = round((time.monotonic() - began) * 1000)
        self._on_fetched(
            FetchedUrl(url=url, status=status, http_status=code, elapsed_ms=elapsed_ms, bytes=size, error=error)
        )

    def _with_retries(
        self,
        request: _Request,
        wait: Callable[[float], None],
        interruptible: Callable[[], AbstractContextManager[None]],
    ) -> Response:
        settings = self._settings
        for attempt in range(1, settings.attempts + 1):
            wait(self._gap(request.url))
            try:
                with interruptible():
                    response = self._follow(request)
                return self._judged(response, request)
            except _Again as failure:
                if attempt == settings.attempts or not _may_repeat(request, failure):
                    raise self._final(request, failure, attempt) from failure
                back_off_s = min(settings.cap_s, settings.base_s * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1)
                wait(back_off_s if failure.wait_s is None else failure.wait_s)
            except FetchError:
                raise
            except BaseException:
                # Asked to stop in the middle of an exchange: its connection must not be used again.
                self._session.close()
                self._session = self._new_session()
                raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    @staticmethod
    def _final(request: _Request, failure: _Again, attempt: int) -> FetchError:
        tries = "1 try" if attempt == 1 else f"{attempt} tries"
        kind = Blocked if failure.status in _BLOCKED else FetchError
        return kind(f"{request.url}: {failure} ({tries})", url=request.url, status=failure.status)

    def _follow(self, request: _Request) -> Response:
        """One try: the request and its redirects, all within one deadline."""
        deadline = time.monotonic() + self._settings.timeout_s
        began = time.monotonic()
        method, url, options = request.method, request.url, dict(request.options)
        for _ in range(self._settings.max_redirects + 1):
            raw, body = self._exchange(method, url, options, deadline)
            target = raw.headers.get("Location")
            if raw.status_code not in _REDIRECTS or not target or raw.status_code in request.allow:
                elapsed_ms = round((time.monotonic() - began) * 1000)
                return Response(
                    status=raw.status_code, url=raw.url, headers=raw.headers, content=body, elapsed_ms=elapsed_ms
                )
            method, url, options = _redirected(raw, method, target, options)
        message = f"{request.url}: more than {self._settings.max_redirects} redirects, the last to {url}"
        raise FetchError(message, url=request.url, status=raw.status_code)

    def _exchange(
        self, method: str, url: str, options: dict[str, Any], deadline: float
    ) -> tuple[requests.Response, bytes]:
        left = deadline - time.monotonic()
        timed_out = f"no complete answer within {self._settings.timeout_s:g} s"
        if left <= 0:
            raise _Again(timed_out)
        with self._cutter.within(left) as cut:
            try:
                raw = self._session.request(
                    method, url, stream=True, allow_redirects=False, timeout=(left, left), **options
                )
                with raw:
                    return raw, self._read(raw, url, cut, timed_out)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                raise _Again(timed_out if cut.happened else _reason(error)) from error

    def _read(self, raw: requests.Response, url: str, cut: CutState, timed_out: str) -> bytes:
        """The decompressed body, up to its cap: a bomb is cut as soon as it passes it."""
        most = int(self._settings.max_body_mb * 2**20)
        chunks: list[bytes] = []
        size = 0
        for chunk in raw.iter_content(_CHUNK):
            size += len(chunk)
            if size > most:
                message = f"{url}: the body is larger than {self._settings.max_body_mb:g} MB (fetch.max_body_mb)"
                raise FetchError(message, url=url, status=raw.status_code)
            chunks.append(chunk)
        if cut.happened:
            raise _Again(timed_out)
        return b"".join(chunks)

    def _judged(self, response: Response, request: _Request) -> Response:
        """The response, unless its status or its content is a refusal."""
        status = response.status
        if status in request.allow:
            return response
        if _is_challenge(response):
            raise Blocked(f"{response.url}: a challenge page instead of content", url=response.url, status=status)
        if status in _AGAIN:
            raise _Again(f"HTTP {status}", status=status, wait_s=self._retry_after(response))
        if status >= 400:
            kind = Blocked if status in _BLOCKED else FetchError
            raise kind(f"{response.url}: HTTP {status}", url=response.url, status=status)
        return response

    def _retry_after(self, response: Response) -> float | None:
        seconds = _seconds(response.headers.get("Retry-After", ""))
        if seconds is None:
            return None
        if seconds > self._settings.cap_s:
            message = f"{response.url}: HTTP {response.status}, to be asked again only after {seconds:.0f} s"
            raise Blocked(message, url=response.url, status=response.status)
        return seconds

    def _gap(self, url: str) -> float:
        """Reserve the next free moment of the host; returns the seconds until then."""
        host = urlsplit(url).hostname or ""
        settings = self._settings
        gap_s = settings.gap_loopback_s if _is_loopback(host) else settings.gap_s
        if gap_s <= 0:
            return 0.0
        now = time.monotonic()
        with self._lock:
            start = max(now, self._gaps.get(host, 0.0))
            self._gaps[host] = start + gap_s + random.uniform(0, settings.gap_jitter_s)
        return start - now

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # a stray proxy variable or netrc must not leak into a scrape
        plain = adapter(self._cutter, _CONNECTIONS)
        session.mount("http://", plain)
        session.mount("https://", plain)
        contact = f" (+{self._settings.contact})" if self._settings.contact else ""
        session.headers.update({"User-Agent": self._settings.user_agent + contact, "Accept": _ACCEPT})
        return session


def _checked(url: str) -> str:
    if not isinstance(url, str) or urlsplit(url.strip()).scheme not in ("http", "https"):
        raise FetchError(f"only http and https URLs can be fetched, got {str(url)[:200]!r}", url=str(url)[:200])
    return url.strip()


def _redirected(
    raw: requests.Response, method: str, target: str, options: dict[str, Any]
) -> tuple[str, str, dict[str, Any]]:
    url = _checked(urljoin(raw.url, target))
    options = {**options, "params": None}
    if raw.status_code in (301, 302, 303) and method != "HEAD":
        method = "GET"
        options = {**options, "data": None, "json": None}
    if urlsplit(url).netloc != urlsplit(raw.url).netloc:
        # What was meant for one host is no business of another.
        headers = CaseInsensitiveDict(options.get("headers") or {})
        headers.pop("Authorization", None)
        headers.pop("Cookie", None)
        options = {**options, "headers": dict(headers), "cookies": None}
    return method, url, options


def _may_repeat(request: _Request, failure: _Again) -> bool:
    return request.method in _REPEATABLE or failure.status in (429, 503)


def _is_challenge(response: Response) -> bool:
    if response.status not in (200, 403, 503) or not any(mark in response.content for mark in _CHALLENGE):
        return False
    return response.status != 200 or b"<title>Just a moment" in response.content


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _seconds(text: str) -> float | None:
    """Retry-After: seconds or an HTTP date."""
    if text.strip().isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, moment.timestamp() - time.time())


def _reason(error: BaseException) -> str:
    """The innermost cause, which says what happened without a stack of wrappers."""
    while error.__context__ is not None or getattr(error, "reason", None) is not None:
        inner = getattr(error, "reason", None)
        error = inner if isinstance(inner, BaseException) else error.__context__  # type: ignore[assignment]
        if error is None:
            return "connection failed"
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
