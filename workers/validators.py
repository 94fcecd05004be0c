"""Which answers may be kept, and how a host is asked whether they have changed."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from workers.request import Request
from workers.response import Response

NOT_MODIFIED = 304
_OK = 200
_LONGEST = 300
# As it should be, and bare, as some hosts write it and want it back. A list, or `*`, means something else when asked.
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]+"|(?!\*$)[\x21\x23-\x2b\x2d-\x7e]+')
_WHO_ASKS = {"cookie", "authorization"}
_SETTLED_S = 2.0  # a page may change again within the second that Last-Modified names
# About the transfer or for browsers only; some are longer than the page.
_NOT_KEPT = frozenset(
    """alt-svc connection content-security-policy content-security-policy-report-only keep-alive nel permissions-policy
    proxy-connection report-to reporting-endpoints server-timing strict-transport-security trailer transfer-encoding
    upgrade""".split()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Validators:
    """What a host calls one state of a page; at least one of them is there."""

    etag: str | None = None
    last_modified: str | None = None

    def conditions(self) -> dict[str, str]:
        """Headers that ask for the page only if it is another one by now."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


def is_plain(request: Request) -> bool:
    """Whether all that makes up a request is its URL; a scraper that allows 304 deals with conditions by itself."""
    own = (request.data, request.json, request.cookies, request.headers)
    return request.method == "GET" and not any(own) and NOT_MODIFIED not in request.allow


def validators_of(response: Response) -> Validators | None:
    """By what a good answer can be asked for again; None: it is not to be kept, or there is no way to ask."""
    headers = response.headers
    if response.status != _OK or "Set-Cookie" in headers or not _end_was_told(headers):
        return None
    varies = _words(headers, "Vary")
    if "no-store" in _words(headers, "Cache-Control") or "*" in varies:
        return None
    # A page that is another one to who is logged in is named by its ETag; by a date, both may be of the same day.
    last_modified = None if varies & _WHO_ASKS else _last_modified(headers)
    found = Validators(etag=_etag(headers), last_modified=last_modified)
    return found if found.conditions() else None


def headers_to_keep(headers: Mapping[str, str]) -> dict[str, str]:
    """What a scraper may want to read of the head of a kept page."""
    return {name: value for name, value in headers.items() if name.lower() not in _NOT_KEPT}


def headers_of_unchanged(kept: Mapping[str, str], fresh: Mapping[str, str]) -> dict[str, str]:
    """The head of a kept page as it is now: what describes the body stays as it was."""
    newer = {name.lower() for name in headers_to_keep(fresh) if not name.lower().startswith("content-")}
    return {
        **{name: value for name, value in kept.items() if name.lower() not in newer},
        **{name: value for name, value in fresh.items() if name.lower() in newer},
    }


def _end_was_told(headers: Mapping[str, str]) -> bool:
    """Whether the body can be known to be whole: one that ends with its connection may have been cut, for good."""
    return "Content-Length" in headers or "chunked" in _words(headers, "Transfer-Encoding")


def _etag(headers: Mapping[str, str]) -> str | None:
    text = headers.get("ETag", "").strip()
    return text if len(text) <= _LONGEST and _ETAG.fullmatch(text) else None


def _last_modified(headers: Mapping[str, str]) -> str | None:
    text = headers.get("Last-Modified", "").strip()
    changed, answered = _moment(text), _moment(headers.get("Date", ""))
    if changed is None or answered is None or answered - changed < _SETTLED_S:
        return None
    return text if len(text) <= _LONGEST and text.isascii() and text.isprintable() else None


def _moment(text: str) -> float | None:
    try:
        moment: datetime = email.utils.parsedate_to_datetime(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _words(headers: Mapping[str, str], name: str) -> set[str]:
    return {word.strip().lower() for word in headers.get(name, "").split(",")}
