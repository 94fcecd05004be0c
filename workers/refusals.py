"""What an answer means: content, a refusal, or a failure that another try may mend. Pure."""

from __future__ import annotations

import email.utils
from collections.abc import Collection
from datetime import UTC, datetime

from workers.errors import Blocked, FetchError
from workers.records import FetchSettings
from workers.response import Response

BLOCKED = frozenset({401, 403, 407, 429, 451})
_SCANNED = 131_072  # a challenge page is small, and its marks stand near its top
_MARKS = (b"cf-chl", b"cf_chl_opt", b"/cdn-cgi/challenge-platform/")
_TITLE = b"<title>just a moment"


class Again(Exception):
    """One try failed in a way that a further one may mend; the text is what happened, without the URL."""

    def __init__(self, message: str, *, status: int | None = None, wait_s: float | None = None, undone: bool) -> None:
        """`wait_s`: what the host asks for. `undone`: the failed try cannot have taken effect."""
        super().__init__(message)
        self.status = status
        self.wait_s = wait_s
        self.undone = undone


def judged(response: Response, allow: Collection[int], settings: FetchSettings) -> Response:
    """The response itself, if it is content. Raises Again, Blocked or FetchError."""
    status = response.status
    if status in allow:
        return response
    if is_challenge(response):
        what = "a challenge page instead of content; this site wants a browser, look for an API or a feed of it"
        raise Blocked(f"{response.url}: {what}", url=response.url, status=status)
    if status == 429 or status >= 500:
        # 429 and 503 say that nothing was done; after any other of these it may have been.
        wait_s = _asked_wait(response, settings.cap_s)
        raise Again(f"HTTP {status}", status=status, wait_s=wait_s, undone=status in {429, 503})
    if status >= 400:
        raise refusal(status)(f"{response.url}: HTTP {status}; {next_step(status)}", url=response.url, status=status)
    return response


def refusal(status: int | None) -> type[FetchError]:
    """Blocked for a status with which a host refuses us, else FetchError."""
    return Blocked if status in BLOCKED else FetchError


def next_step(status: int | None) -> str:
    """What a person can do about it."""
    if status is None:
        return "open it in a browser to see whether the site is up"
    if status == 429:
        return "ask less often: raise gap_s of the node"
    if status in BLOCKED:
        return "the host refuses us: ask for access or leave it alone"
    if status >= 500:
        return "the site is in trouble: look at it later"
    return "check the address, or pass allow_status where this is to be expected"


def is_challenge(response: Response) -> bool:
    """Whether a gatekeeper answers in place of the site. Conservative: a page that only speaks of one is content."""
    if response.headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    if response.status not in {200, 403, 503}:
        return False
    top = response.content[:_SCANNED].lower()
    return any(mark in top for mark in _MARKS) and (response.status != 200 or _TITLE in top)


def _asked_wait(response: Response, cap_s: float) -> float | None:
    seconds = retry_after(response)
    if seconds is None or seconds <= cap_s:
        return seconds
    what = f"HTTP {response.status}, not to be asked again for {seconds:.0f} s; leave the host alone until then"
    raise Blocked(f"{response.url}: {what}", url=response.url, status=response.status)


def retry_after(response: Response) -> float | None:
    """Seconds that the host asks us to wait, from a number or an HTTP date; None without a readable wish."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until = _moment(text)
    if until is None:
        return None
    # Measured on the host's own clock where it shows one: ours may be an hour off.
    now = _moment(response.headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
