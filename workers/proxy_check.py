"""Whether a proxy hides our own address: what the world sees through it, against what it sees without."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import time
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from requests.structures import CaseInsensitiveDict

from workers.errors import FetchError, ProxyRefused
from workers.plain import plain_text
from workers.proxy_urls import Proxy
from workers.records import FetchSettings, ProxySettings
from workers.request import Request, checked, shown
from workers.response import Response
from workers.tries import Tries
from workers.verdict import Failed

_LONGEST_S = 10.0  # a proxy that takes longer for one line of text is of no use
_MOST_MB = 0.25
_PAGE_RESTS_S = 60.0
# Not in the middle of a word or of a longer number: pages are full of "a::before" and "10:30".
_LIKE_AN_ADDRESS = re.compile(r"(?<![\w:.])[0-9A-Fa-f:.]{2,45}(?![\w:])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a good check has shown."""

    exit_address: str
    latency_ms: int


class CheckFailed(Exception):
    """The proxy gives no usable answer; its text is a sentence without a login."""


class Leaks(Exception):
    """The proxy shows our own address to the world."""


def own_addresses(proxies: ProxySettings, fetch: FetchSettings) -> list[str]:
    """What the world sees of this machine without a proxy, in both families. Raises ProxyRefused if nobody says."""
    if proxies.own_address:
        return [_plain(proxies.own_address)]
    seen: list[str] = []
    reasons: list[str] = []
    # Both: a check that goes out by IPv6 would not know the address that a leak shows by IPv4.
    for family in (socket.AF_INET, socket.AF_INET6):
        with closing(Tries(_settings(fetch), family=family)) as tries:
            try:
                seen += addresses_in(_asked(tries, proxies).text)[:1]
            except Failed as failure:
                reasons.append(str(failure))
    if not seen:
        why = plain_text(reasons[0] if len(reasons) > 1 else "no address in the answer")
        raise ProxyRefused(
            f"our own address cannot be learned from {shown(proxies.check_url)} ({why}), and without it no proxy can "
            "be verified: correct proxies.check_url, or set proxies.own_address"
        )
    return list(dict.fromkeys(seen))


def check(proxy: Proxy, proxies: ProxySettings, fetch: FetchSettings, own: Collection[str]) -> Checked:
    """Ask through the proxy what the world sees. Raises CheckFailed and Leaks, which says the address that was seen."""
    began = time.monotonic()
    with closing(Tries(_settings(fetch), proxy)) as tries:
        try:
            response = _asked(tries, proxies)
        except Failed as failure:
            if failure.status is not None and failure.of_host and proxies.check_url.startswith("https:"):
                # It came through a tunnel, so it is the page's own word: no proxy is worse for that.
                raise ProxyRefused(
                    f"no proxy can be verified now: {shown(proxies.check_url)} itself fails ({failure}); try again "
                    "later, or name another page in proxies.check_url",
                    wait_s=_PAGE_RESTS_S,
                ) from failure
            told = (
                str(failure) if proxy.shown in str(failure) else f"the proxy {proxy.shown} gives no answer ({failure})"
            )
            raise CheckFailed(plain_text(told)) from failure
    latency_ms = round((time.monotonic() - began) * 1000)
    seen = addresses_in(response.text)
    ours = {_plain(address) for address in own}
    # Anywhere in the answer: pages that show what a proxy adds (X-Forwarded-For, Forwarded) see more than one address.
    if leaked := next((address for address in seen if address in ours), None):
        raise Leaks(leaked)
    if not seen:
        raise CheckFailed(f"the proxy {proxy.shown} gives an answer without an address: look at proxies.check_url")
    return Checked(exit_address=seen[0], latency_ms=latency_ms)


def addresses_in(text: str) -> list[str]:
    """The IP addresses in plain text, JSON or HTML, in one way of writing each."""
    return list(dict.fromkeys(_found(text)))


def _found(text: str) -> Iterator[str]:
    for word in _LIKE_AN_ADDRESS.findall(text):
        bare, colons, _ = word.partition(":")
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address((bare if colons and "." in bare else word).rstrip("."))
            if not address.is_unspecified:
                yield _plain(str(address))


def _plain(text: str) -> str:
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _settings(fetch: FetchSettings) -> FetchSettings:
    return replace(fetch, timeout_s=min(fetch.timeout_s, _LONGEST_S), max_body_mb=_MOST_MB, max_redirects=3, attempts=1)


def _asked(tries: Tries, proxies: ProxySettings) -> Response:
    try:
        url, login = checked(proxies.check_url)
    except FetchError as error:
        raise ProxyRefused(f"proxies.check_url: {error}") from error
    headers = CaseInsensitiveDict({"Authorization": login} if login else {})
    return tries.once(Request(url=url, headers=headers), lambda _url: None)
