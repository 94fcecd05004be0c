"""What is to be fetched: a checked URL, where its login goes, and what becomes of a request when it is redirected."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from requests import PreparedRequest, RequestException
from requests.structures import CaseInsensitiveDict

from workers.errors import FetchError

_PORTS = {"http": 80, "https": 443}
_FOR_ONE_HOST = ("Authorization", "Cookie", "Proxy-Authorization")
_OF_THE_BODY = ("Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding")
_MOST_SHOWN = 200
_LOGIN = re.compile(r"(?<=//)[^/?#]*@")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NAME = re.compile(r"[\w.:-]{1,253}", re.ASCII)

Origin = tuple[str, str, int]  # scheme, host, port


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request; its URL holds no login."""

    url: str
    method: str = "GET"
    headers: CaseInsensitiveDict[str]
    params: Any = None
    data: Any = None
    json: Any = None
    cookies: dict[str, str] | None = None
    allow: frozenset[int] = frozenset()  # statuses that are no failure
    most_bytes: int | None = None  # of the body no more is read, and what is cut off there is no failure
    conditions_of: Callable[[str], dict[str, str]] | None = None  # a URL as it is sent → see `conditions`

    @property
    def origin(self) -> Origin:
        """Whom the request speaks to."""
        return origin_of(self.url)

    @property
    def sent_url(self) -> str:
        """The URL with its params, as the host gets to see it."""
        prepared = PreparedRequest()
        try:
            prepared.prepare_url(self.url, self.params)
        except (RequestException, ValueError):  # the try will say so
            return self.url
        return prepared.url or self.url

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for this very URL only if it has changed; none where nothing of it is kept."""
        return self.conditions_of(self.sent_url) if self.conditions_of else {}

    def redirected(self, status: int, location: str) -> Request:
        """The request that a redirect asks for; what was meant for one host is not shown to another.

        Raises FetchError for a target that is no http or https URL.
        """
        url, _ = checked(_joined(self.url, _as_sent(location)))  # a login that a site hands out is not taken
        turned = replace(self, url=url, params=None, headers=self.headers.copy())
        if (status == 303 and self.method != "HEAD") or (status in (301, 302) and self.method == "POST"):
            turned = replace(turned, method="GET", data=None, json=None)
            _drop(turned.headers, _OF_THE_BODY)
        if turned.origin != self.origin and not _only_made_secure(self.origin, turned.origin):
            turned = replace(turned, cookies=None)
            _drop(turned.headers, _FOR_ONE_HOST)
        return turned


def checked(url: Any) -> tuple[str, str | None]:
    """A URL that can be fetched, without its login; and that login as an Authorization header.

    Raises FetchError for anything but an http or https URL with a host.
    """
    if not isinstance(url, str):
        raise FetchError(f"only http and https URLs can be fetched, got {type(url).__name__}: check the scraper")
    text = url.strip()
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises when it is none
    except ValueError as error:
        raise FetchError(f"{shown(text)} is not a URL: check its host and port", url=shown(text)) from error
    if parts.scheme not in _PORTS:
        raise FetchError(f"only http and https URLs can be fetched, got {shown(text)!r}", url=shown(text))
    if not parts.hostname:
        raise FetchError(f"{shown(text)!r} names no host: check the URL", url=shown(text))
    login, at, place = parts.netloc.rpartition("@")
    return (parts._replace(netloc=place).geturl(), _basic(login)) if at else (text, None)


def shown(url: str) -> str:
    """A URL as it may stand in a message: without its login, printable, not too long."""
    text = _UNPRINTABLE.sub(" ", _LOGIN.sub("***@", url)).strip()
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


def origin_of(url: str) -> Origin:
    """Whom a checked URL speaks to."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def host_key(origin: Origin) -> str | None:
    """The host as a Host header names it: lower case, with ":port" unless it is the scheme's own; None: none such."""
    scheme, name, port = origin
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if not _NAME.fullmatch(name):
        return None
    name = f"[{name}]" if ":" in name else name.lower()
    return name if port == _PORTS.get(scheme) else f"{name}:{port}"


def address_of(origin: Origin) -> str:
    """`https://example.org`, without a slash at the end."""
    return f"{origin[0]}://{host_key(origin) or origin[1]}"


def _only_made_secure(before: Origin, after: Origin) -> bool:
    return before[1] == after[1] and before[::2] == ("http", 80) and after[::2] == ("https", 443)


def _basic(login: str) -> str | None:
    user, _, password = login.partition(":")
    word = f"{unquote(user)}:{unquote(password)}".encode("utf-8", "replace")
    return f"Basic {base64.b64encode(word).decode('ascii')}" if login else None


def _as_sent(location: str) -> str:
    """Header bytes arrive read as Latin-1; addresses in them are UTF-8 today."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target.strip())
    except ValueError:  # brackets that hold no address
        return target


def _drop(headers: CaseInsensitiveDict[str], names: tuple[str, ...]) -> None:
    for name in names:
        headers.pop(name, None)
