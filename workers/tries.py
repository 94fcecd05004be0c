"""One try: a request and the redirects it leads to, within one time limit and one cap on the body."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sys
import time
from collections.abc import Callable, Iterator

import requests
import urllib3

from workers.connections import PlainSession
from workers.deadline import Cutter, Limit
from workers.errors import FetchError
from workers.proxy_blame import Blame
from workers.proxy_urls import Proxy
from workers.records import FetchSettings
from workers.request import Request, shown
from workers.response import Response
from workers.unpack import OFFERED, Unreadable, unpacked
from workers.verdict import Failed, hopeless, is_local, is_our_own, is_timeout, judge, may_repeat, reason

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

    def __init__(self, settings: FetchSettings, proxy: Proxy | None = None, *, family: int = socket.AF_UNSPEC) -> None:
        """Nothing is connected yet. All goes through the `proxy`, else straight, by addresses of the `family`."""
        self._settings = settings
        self._cutter = Cutter()
        self._blame = Blame(proxy) if proxy else None
        # One session for all threads. A connection goes back into its pool only when its answer was read to the end,
        # so whatever interrupts an exchange, a signal too, throws the connection away.
        self._session = _new_session(settings, proxy, family)

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
                conditions = hop.conditions
                response, target = self._answer(hop, conditions, limit)
                if self._blame:
                    self._blame.answered(response.status, limit)
                if target is None:
                    if response.status not in request.allow:
                        judge(
                            response,
                            request.method,
                            first=not hops,
                            longest_wait_s=settings.cap_s,
                            asked=bool(conditions),
                        )
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
        before = sys.exception()  # a scraper may ask another host because the first one has failed
        with self._cutter.within(seconds) as limit:
            try:
                yield limit
            except _TRANSPORT as error:
                _forget(before, error)
                raise self._judged(request, error, limit) from error

    def _judged(self, request: Request, error: Exception, limit: Limit) -> Failed:
        """What went wrong on the way, told, and who is to blame."""
        given_up = limit.is_cut and time.monotonic() < limit.at  # nobody waits for it any more
        again = not self._cutter.closed and may_repeat(request.method, sent=limit.sent)
        late = limit.is_cut or is_timeout(error)
        if self._blame and limit.proxy_failure and not given_up and not is_local(error):
            return self._blame.proxy_failed(limit.proxy_failure, again=again, late=late)
        what = f"no complete answer within {self._settings.timeout_s:g} s" if late else reason(error)
        wrong_request = isinstance(error, ValueError) and not limit.sent
        ours = wrong_request or given_up or self._cutter.closed or is_our_own(error)
        # Through a proxy nobody can tell who broke a connection; a certificate is the host's own.
        of_host = not ours and (self._blame is None or hopeless(error))
        return Failed(what, again=again and not wrong_request and not hopeless(error), of_host=of_host)

    def _answer(self, hop: Request, conditions: dict[str, str], limit: Limit) -> tuple[Response, str | None]:
        """The answer to one request, and where it redirects to."""
        began = time.monotonic()
        raw = self._session.request(
            hop.method,
            hop.url,
            params=hop.params,
            data=hop.data,
            json=hop.json,
            headers={**hop.headers, **conditions},
            cookies=hop.cookies,
            stream=True,
            allow_redirects=False,
            timeout=limit.left(),
        )
        with raw:
            status = raw.status_code
            target = raw.headers.get("Location") if status in _REDIRECTS - hop.allow else None
            is_wanted = status < 300 or status in hop.allow
            if is_wanted and hop.most_bytes is not None:
                content, is_enough = _beginning(raw, hop.most_bytes, limit), time.monotonic() >= limit.at
            else:
                content, is_enough = self._content(raw, is_wanted=is_wanted, is_passed=bool(target)), False
            if limit.is_cut and not is_enough and (status < 400 or status in hop.allow):
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


def _new_session(settings: FetchSettings, proxy: Proxy | None, family: int) -> PlainSession:
    address, login = (proxy.address, proxy.login) if proxy else (None, None)
    session = PlainSession(proxy=address, login=login, family=family)
    agent = f"{settings.user_agent} (+{settings.contact})" if settings.contact else settings.user_agent
    session.headers.update({"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": OFFERED})
    return session


def _forget(before: BaseException | None, error: BaseException) -> None:
    """Take what had gone wrong before this try out of the causes of its error, where it would be told as the reason."""
    cause: BaseException | None = error
    while before is not None and cause is not None:
        if cause.__context__ is before:
            cause.__context__ = None
        cause = cause.__cause__ or cause.__context__


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


def _beginning(raw: requests.Response, most: int, limit: Limit) -> bytes:
    """The body up to a size, as far as it came within the time, and as far as its compression can be undone."""
    body = bytearray()
    chunks = raw.raw.stream(_CHUNK, decode_content=False)
    try:
        for piece in unpacked(chunks, raw.headers.get("Content-Encoding", "")):
            body += piece
            if len(body) >= most:
                break
    except Unreadable:
        pass
    except _TRANSPORT:
        if time.monotonic() < limit.at:
            raise
    return bytes(body[:most])


def _declared_length(raw: requests.Response) -> int | None:
    text = raw.headers.get("Content-Length", "")
    return int(text[:18]) if text.isascii() and text.isdecimal() else None
