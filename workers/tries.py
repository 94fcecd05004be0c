"""One try: a request and the redirects it leads to, within one time limit and one cap on the body."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Callable, Iterator

import requests
import urllib3

from workers.connections import PlainSession
from workers.deadline import Cutter, Limit
from workers.errors import FetchError
from workers.records import FetchSettings
from workers.request import Request, shown
from workers.response import Response
from workers.unpack import OFFERED, unpacked
from workers.verdict import Failed, hopeless, is_timeout, judge, may_repeat, reason

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 65_536
_MOST_IN_PASSING = 262_144  # of a body that only explains a refusal
_WORTH_KEEPING_ALIVE = 65_536  # a redirect's body is read for the sake of its connection only
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8"
_TRANSPORT = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,  # headers and addresses that cannot be sent, compression that cannot be undone
)


class Tries:
    """The session of one fetcher: keep-alive connections and cookies; for any number of threads."""

    def __init__(self, settings: FetchSettings) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._cutter = Cutter()
        # One session for all threads. A connection goes back into its pool only when its answer was read to the end,
        # so whatever interrupts an exchange, a signal too, throws the connection away.
        self._session = _new_session(settings)

    def once(self, request: Request, before_hop: Callable[[str], None]) -> Response:
        """The judged answer to one try. Raises Failed, and whatever a signal handler or `before_hop` raises.

        `before_hop(url)` waits until the host of a redirect may be asked; that counts towards no limit.
        """
        settings = self._settings
        hop, left_s = request, settings.timeout_s
        for hops in range(settings.max_redirects + 1):
            if hops:
                before_hop(hop.url)
            with self._failures(request, left_s) as limit:
                limit.sent = hops > 0  # whatever becomes of this hop: the host has seen the request
                response, target = self._answer(hop, limit)
                if target is None:
                    if response.status not in request.allow:
                        judge(response, request.method, first=not hops, longest_wait_s=settings.cap_s)
                    return response
                hop = _followed(hop, response.status, target)
            left_s = limit.at - time.monotonic()
        what = f"more than {settings.max_redirects} redirects, the last one to {shown(hop.url)}"
        raise Failed(what, status=response.status)

    def cut(self, threads: list[int]) -> None:
        """End at once what these threads are fetching."""
        self._cutter.cut(threads)

    def close(self) -> None:
        """Close the connections, also those in use."""
        self._cutter.close()
        self._session.close()

    @contextlib.contextmanager
    def _failures(self, request: Request, seconds: float) -> Iterator[Limit]:
        """Inside, one hop of a request; what goes wrong on the way is raised as Failed."""
        with self._cutter.within(seconds) as limit:
            try:
                yield limit
            except _TRANSPORT as error:
                late = limit.is_cut or is_timeout(error)
                what = f"no complete answer within {self._settings.timeout_s:g} s" if late else reason(error)
                wrong_request = isinstance(error, ValueError) and not limit.sent
                in_vain = wrong_request or self._cutter.closed or hopeless(error)
                raise Failed(what, again=not in_vain and may_repeat(request.method, sent=limit.sent)) from error

    def _answer(self, hop: Request, limit: Limit) -> tuple[Response, str | None]:
        """The answer to one request, and where it redirects to."""
        began = time.monotonic()
        raw = self._session.request(
            hop.method,
            hop.url,
            params=hop.params,
            data=hop.data,
            json=hop.json,
            headers=hop.headers,
            cookies=hop.cookies,
            stream=True,
            allow_redirects=False,
            timeout=limit.left(),
        )
        with raw:
            status = raw.status_code
            target = raw.headers.get("Location") if status in _REDIRECTS - hop.allow else None
            content = self._content(raw, is_wanted=status < 300 or status in hop.allow, is_passed=bool(target))
            if limit.is_cut and (status < 400 or status in hop.allow):
                raise TimeoutError  # an answer without a length just ends when its connection is cut
        elapsed_ms = round((time.monotonic() - began) * 1000)
        answer = Response(status=status, url=raw.url, headers=raw.headers, content=content, elapsed_ms=elapsed_ms)
        return answer, target or None

    def _content(self, raw: requests.Response, *, is_wanted: bool, is_passed: bool) -> bytes:
        """The decompressed body; of what is not wanted only as much as helps, and without complaints."""
        declared = _declared_length(raw)
        if is_wanted:
            return _body(raw, self._settings.max_body_mb)
        if not is_passed or (declared is not None and declared <= _WORTH_KEEPING_ALIVE):
            with contextlib.suppress(Failed, *_TRANSPORT):
                return _body(raw, _MOST_IN_PASSING / 2**20)
        return b""


def _new_session(settings: FetchSettings) -> PlainSession:
    session = PlainSession()
    agent = f"{settings.user_agent} (+{settings.contact})" if settings.contact else settings.user_agent
    session.headers.update({"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": OFFERED})
    return session


def _followed(hop: Request, status: int, target: str) -> Request:
    try:
        return hop.redirected(status, target)
    except FetchError as error:
        raise Failed(f"redirected to what cannot be fetched: {error}", status=status) from error


def _body(raw: requests.Response, most_mb: float) -> bytes:
    most = int(most_mb * 2**20)
    too_large = Failed(f"the body is larger than {most_mb:g} MB (fetch.max_body_mb)", status=raw.status_code)
    declared = _declared_length(raw)
    if declared is not None and declared > most and raw.request.method != "HEAD":
        raise too_large
    body = bytearray()
    chunks = raw.raw.stream(_CHUNK, decode_content=False)
    for piece in unpacked(chunks, raw.headers.get("Content-Encoding", "")):
        body += piece
        if len(body) > most:
            raise too_large
    return bytes(body)


def _declared_length(raw: requests.Response) -> int | None:
    text = raw.headers.get("Content-Length", "")
    return int(text[:18]) if text.isascii() and text.isdecimal() else None
