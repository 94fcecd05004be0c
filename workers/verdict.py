"""Judging one try: a good answer, a refusal, or a failure that a further try may mend."""

from __future__ import annotations

import email.utils
import errno
import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import UTC
from http import HTTPStatus

import requests
import urllib3

from workers.response import Response
from workers.unpack import Unreadable

BLOCKED = frozenset({401, 403, 407, 429, 451})
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_UNWELL = frozenset({403, 429})  # of those below 500: the host has had enough of us, whatever we ask for
_NOT_TAKEN = frozenset({429, 503})  # the host says that it has done nothing: even a POST may be repeated
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_CHALLENGE = (b"cf-chl", b"challenge-platform", b"cf_chl_opt")
_CHALLENGE_WITHIN = 262_144
_MOST_CAUSES = 20
# Of this machine or this process: out of descriptors, memory or ports, or without a network.
_LOCAL = frozenset(
    {
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ENOBUFS,
        errno.EADDRNOTAVAIL,
        errno.EAFNOSUPPORT,
        errno.ENETDOWN,
        errno.ENETUNREACH,
    }
)
_PLAIN: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "the host's name could not be looked up"),
    (http.client.RemoteDisconnected, "the host closed the connection without an answer"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionError, "the connection broke"),
    (http.client.IncompleteRead, "the answer ended early"),
    (ssl.SSLError, "no TLS connection came about"),
    (urllib3.exceptions.SSLError, "no TLS connection came about"),  # one that broke later has lost its cause
)


class Failed(Exception):
    """One try failed; its text is the middle of a sentence."""

    def __init__(
        self,
        what: str,
        *,
        status: int | None = None,
        again: bool = False,
        blocked: bool = False,
        wait_s: float = 0.0,
        of_host: bool | None = None,
    ) -> None:
        """`again`: a further try may mend it, not before `wait_s` seconds. `blocked`: the host refuses us.

        `of_host`: whether it says something against the host, so that its circuit breaker counts it; unless told, no
        answer at all does, and so do the statuses 403, 429 and 5xx.
        """
        super().__init__(what)
        self.status = status
        self.again = again
        self.blocked = blocked
        self.wait_s = wait_s
        self.of_host = (status is None or status in _UNWELL or status >= 500) if of_host is None else of_host


def may_repeat(method: str, *, sent: bool) -> bool:
    """Whether a request may be made again: a POST that the host may have got is not."""
    return method in _REPEATABLE or not sent


def judge(response: Response, method: str, *, first: bool, longest_wait_s: float, asked: bool = False) -> None:
    """Raise Failed unless the answer is what was asked for; `first`: no redirect led to it.

    `asked`: whether it has changed, so that "not modified" is an answer too.
    """
    status = response.status
    name = status_name(status)
    if _is_challenge(response):
        raise Failed("a challenge page instead of content", status=status, blocked=True, of_host=True)
    if status == HTTPStatus.NOT_MODIFIED and asked:
        return
    if status in _AGAIN:
        wait_s = _retry_after(response.headers)
        if wait_s > longest_wait_s:
            what = f"{name}, to be asked again only after {wait_s:.0f} s"
            raise Failed(what, status=status, blocked=True, wait_s=wait_s)
        again = method in _REPEATABLE or (first and status in _NOT_TAKEN)
        raise Failed(name, status=status, again=again, blocked=status in BLOCKED, wait_s=wait_s)
    if not 200 <= status < 300:
        raise Failed(name, status=status, blocked=status in BLOCKED)


def status_name(status: int) -> str:
    """`HTTP 404 Not Found`."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def reason(error: BaseException) -> str:
    """What went wrong on the way, from the innermost exception that says so."""
    told = (_told(cause) for cause in _causes(error))
    return next((text for text in told if text), None) or _line(error)


def _told(cause: BaseException) -> str | None:
    match cause:
        case Unreadable():
            return str(cause)
        case ssl.SSLCertVerificationError():
            return f"the host's certificate is not valid ({cause.verify_message})"
        case requests.exceptions.InvalidURL() | UnicodeError() if getattr(cause, "encoding", "idna") == "idna":
            return f"there can be no such address ({_line(cause)})"
    if plain := next((text for kind, text in _PLAIN if isinstance(cause, kind)), None):
        return plain
    if isinstance(cause, http.client.HTTPException):
        return f"the answer is not HTTP ({_line(cause)})"
    return cause.strerror.lower() if isinstance(cause, OSError) and cause.strerror else None


def is_timeout(error: BaseException) -> bool:
    """Whether waiting for the host came to its end."""
    kinds = (TimeoutError, urllib3.exceptions.TimeoutError)
    return any(isinstance(cause, kinds) for cause in _causes(error))


def hopeless(error: BaseException) -> bool:
    """Whether a further try would fail in the same way."""
    kinds = (ssl.SSLCertVerificationError, requests.exceptions.InvalidURL, UnicodeError)
    return any(isinstance(cause, kinds) for cause in _causes(error))


def is_our_own(error: BaseException) -> bool:
    """Whether the host is not to blame: no such address can be, what it sent cannot be read, or see `is_local`."""
    kinds = (Unreadable, requests.exceptions.InvalidURL, UnicodeError)
    # "Try again" says a resolver that gets no answer itself: a name that does not exist is told in another way.
    return is_local(error) or any(
        isinstance(cause, kinds) or (isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN)
        for cause in _causes(error)
    )


def is_local(error: BaseException) -> bool:
    """Whether this machine or this process could not even try: nobody else's breaker is to open for that."""
    return any(isinstance(cause, OSError) and cause.errno in _LOCAL for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    chain: list[BaseException] = []
    while cause is not None and len(chain) < _MOST_CAUSES:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return reversed(chain)


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())[:200]
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return f"{type(error).__name__}: {printable}" if printable else type(error).__name__


def _is_challenge(response: Response) -> bool:
    if response.headers.get("cf-mitigated") == "challenge":
        return True
    if response.status not in (200, 403, 503):
        return False
    begins = response.content[:_CHALLENGE_WITHIN]
    # Good pages of a protected site carry the same scripts: they need the interstitial's title too.
    return any(mark in begins for mark in _CHALLENGE) and (response.status != 200 or b"<title>Just a moment" in begins)


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the host asks us to wait; 0 when it does not say, or not in a way that makes sense."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    moment = _moment(text)
    # By the host's own clock where it shows one: ours may be wrong.
    now = _moment(headers.get("Date", "")) or time.time()
    return max(0.0, moment - now) if moment is not None else 0.0


def _moment(text: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
