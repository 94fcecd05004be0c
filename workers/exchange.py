"""One try: a request with all its redirects and the body, within one deadline and one body cap."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from workers.errors import FetchError
from workers.gaps import Gaps
from workers.records import FetchSettings
from workers.refusals import Again, next_step
from workers.response import Response
from workers.transport import Limit, Session, TooMuch, within

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAME_REQUEST = frozenset({307, 308})
_UNWANTED = frozenset({"br", "compress", "zstd"})
_PRIVATE = ("Authorization", "Cookie", "Proxy-Authorization")
_CHUNK = 65_536
_REFUSAL_BYTES = 262_144  # of an error page: enough to recognise a challenge
_DRAINED_BYTES = 16_384  # of a redirect: reading so little is cheaper than a new connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thread's way to the network."""

    settings: FetchSettings
    session: Session
    gaps: Gaps
    wait: Callable[[float], None]  # sleeps; raises StopScrape when the run is asked to end
    interruptible: Callable[[], AbstractContextManager[None]]  # entered around network IO


def asked(url: str, method: str = "GET", **options: Any) -> requests.Request:
    """A request; user and password move from the URL into a header. Raises FetchError if it is not http or https."""
    try:
        parts = urlsplit(url.strip())
        fetchable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except (AttributeError, ValueError):
        fetchable = False
    if not fetchable:
        raise FetchError(f"only http and https URLs can be fetched, got {str(url)[:200]!r}", url=str(url)[:200])
    user, _, address = parts.netloc.rpartition("@")
    if user:
        name, _, password = user.partition(":")
        options["auth"] = (unquote(name), unquote(password))
    return requests.Request(method, urlunsplit(parts._replace(netloc=address)), **options)


def follow(line: Line, request: requests.Request, allow: frozenset[int]) -> Response:
    """The answer at the end of all redirects, whatever its status. Raises Again or FetchError."""
    began = time.monotonic()
    # From the wire half as much again as of body: chunk marks and headers, but no endless ones.
    limit = Limit(line.settings.timeout_s, int(line.settings.max_body_mb * 1.5 * 2**20) + 2**20)
    seen: list[str] = []
    for _ in range(line.settings.max_redirects + 1):
        pause_s = line.gaps.reserve(str(request.url))
        line.wait(pause_s)
        limit.extend(pause_s)
        with line.interruptible(), _failures(line, request, limit), within(limit):
            answer, body = _exchange(line, request, allow, limit)
        if body is not None:
            return _response(answer, body, began)
        seen.append(str(request.url))
        request = _redirected(line.session, request, answer)
    how = "redirects in a circle" if request.url in seen else f"more than {line.settings.max_redirects} redirects"
    raise FetchError(f"{seen[0]}: {how}, the last to {request.url}; check the address", url=seen[0])


def _response(answer: requests.Response, body: bytes, began: float) -> Response:
    elapsed_ms = round((time.monotonic() - began) * 1000)
    return Response(
        status=answer.status_code, url=answer.url, headers=answer.headers, content=body, elapsed_ms=elapsed_ms
    )


def _exchange(
    line: Line, request: requests.Request, allow: frozenset[int], limit: Limit
) -> tuple[requests.Response, bytes | None]:
    """One request: its answer, and the body, or None where a redirect leads on."""
    prepared = line.session.prepare_request(request)
    answer = line.session.send(prepared, stream=True, allow_redirects=False, timeout=limit.left())
    with answer:
        status = answer.status_code
        if status >= 400 and status not in allow:
            return answer, _top(answer.raw)
        if status in _REDIRECTS and status not in allow and answer.headers.get("Location"):
            length = answer.raw.length_remaining
            if length is not None and length <= _DRAINED_BYTES:
                answer.raw.read(decode_content=False)
            return answer, None
        return answer, _body(answer, line.settings)


def _body(answer: requests.Response, settings: FetchSettings) -> bytes:
    """The decompressed body, up to its cap: a bomb is cut as soon as it passes it."""
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    if coding in _UNWANTED - set(HTTPResponse.CONTENT_DECODERS):
        what = f"compressed as {coding}, which was not asked for; look for another address"
        raise FetchError(f"{answer.url}: {what}", url=answer.url, status=answer.status_code)
    most = int(settings.max_body_mb * 2**20)
    body = bytearray()
    for chunk in answer.raw.stream(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > most:
            raise TooMuch
    return bytes(body)


def _top(raw: HTTPResponse) -> bytes:
    """The beginning of an error page; that the rest is long, late or broken changes nothing about the error."""
    top = bytearray()
    with contextlib.suppress(HTTPError, HTTPException, OSError):
        for chunk in raw.stream(_CHUNK, decode_content=True):
            top += chunk
            if len(top) >= _REFUSAL_BYTES:
                break
    return bytes(top)


def _redirected(session: Session, request: requests.Request, answer: requests.Response) -> requests.Request:
    """The request that a redirect asks for. Raises FetchError if that is none for us."""
    # http.client reads headers as latin-1, servers write UTF-8.
    location = answer.headers["Location"].encode("latin-1").decode("utf-8", "replace")
    try:
        onward = asked(urljoin(answer.url, location))
    except (FetchError, ValueError) as error:
        what = f"redirects to {location[:200]!r}, which cannot be fetched; check the address"
        raise FetchError(f"{answer.url}: {what}", url=answer.url, status=answer.status_code) from error
    method = request.method or "GET"
    same = answer.status_code in _SAME_REQUEST or method in {"GET", "HEAD"}
    dropped: tuple[str, ...] = ()
    if session.should_strip_auth(answer.url, onward.url):  # type: ignore[no-untyped-call]
        dropped = _PRIVATE  # what was meant for one host is no business of another
    else:
        onward.cookies, onward.auth = request.cookies, onward.auth or request.auth
    if same:
        onward.method, onward.data, onward.json = method, request.data, request.json
    else:
        dropped += ("Content-Type",)
    onward.headers = CaseInsensitiveDict(request.headers or {})
    for name in dropped:
        onward.headers.pop(name, None)
    return onward


@contextlib.contextmanager
def _failures(line: Line, request: requests.Request, limit: Limit) -> Iterator[None]:
    """Whatever the libraries raise becomes Again or FetchError; a wish to stop passes through."""
    url, settings = str(request.url), line.settings
    try:
        yield
    except TooMuch as error:
        what = f"the answer is larger than {settings.max_body_mb:g} MB; raise fetch.max_body_mb if it should be"
        raise FetchError(f"{url}: {what}", url=url) from error
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        if limit.over:
            raise Again(f"no complete answer within {settings.timeout_s:g} s", undone=not limit.sent) from error
        if isinstance(error, ValueError):  # an address or a header that cannot be sent
            raise FetchError(f"{url}: {_reason(error)}; {next_step(400)}", url=url) from error
        raise Again(_reason(error), undone=not limit.sent) from error


def _reason(error: BaseException) -> str:
    """The innermost cause, which says what happened without a stack of wrappers."""
    while (inner := getattr(error, "reason", None) or error.__cause__ or error.__context__) is not None:
        if not isinstance(inner, BaseException):
            break
        error = inner
    words = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
