"""Which host a URL means, and whether it is to blame for what went wrong there."""

from __future__ import annotations

import errno
import socket

import pytest

from workers.request import address_of, host_key, origin_of
from workers.response import Response
from workers.verdict import Failed, is_our_own, judge


@pytest.mark.parametrize(
    ("url", "key", "address"),
    [
        ("http://Example.ORG/x", "example.org", "http://example.org"),
        ("http://example.org:80/", "example.org", "http://example.org"),
        ("https://example.org:443/", "example.org", "https://example.org"),
        ("https://example.org:80/", "example.org:80", "https://example.org:80"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]/", "[::1]", "http://[::1]"),
        ("http://[::1]:81/", "[::1]:81", "http://[::1]:81"),
        ("http://b\u00fccher.example/", "xn--bcher-kva.example", "http://xn--bcher-kva.example"),
        ("http://a_b.example/", "a_b.example", "http://a_b.example"),
    ],
)
def test_a_host_is_named_as_in_a_host_header(url: str, key: str, address: str) -> None:
    assert host_key(origin_of(url)) == key
    assert address_of(origin_of(url)) == address


@pytest.mark.parametrize("url", ["http://a b/", "http://\u2603..example/", f"http://{'a' * 300}/", "http://a\0b/"])
def test_what_can_be_no_host_has_no_name(url: str) -> None:
    assert host_key(origin_of(url)) is None


@pytest.mark.parametrize(
    ("status", "blamed"),
    [
        (None, True),
        (403, True),
        (429, True),
        (500, True),
        (503, True),
        (521, True),
        (200, False),  # too large
        (302, False),  # round in circles
        (400, False),
        (401, False),
        (404, False),
        (407, False),  # the proxy's
        (410, False),
        (451, False),
    ],
)
def test_only_what_speaks_against_the_host_counts(status: int | None, *, blamed: bool) -> None:
    assert Failed("x", status=status).of_host is blamed
    assert Failed("x", status=status, of_host=False).of_host is False


@pytest.mark.parametrize(
    ("error", "blamed"),
    [
        (OSError(errno.EMFILE, "too many open files"), False),
        (OSError(errno.ENETUNREACH, "network is unreachable"), False),
        (socket.gaierror(socket.EAI_AGAIN, "temporary failure in name resolution"), False),
        (socket.gaierror(socket.EAI_NONAME, "name or service not known"), True),
        (ConnectionRefusedError(errno.ECONNREFUSED, "connection refused"), True),
        (OSError(errno.EHOSTUNREACH, "no route to host"), True),
    ],
    ids=["descriptors", "network", "resolver", "name", "refused", "route"],
)
def test_what_this_machine_lacks_speaks_against_no_host(error: OSError, *, blamed: bool) -> None:
    outer = ConnectionError("no connection to h")
    outer.__cause__ = error
    assert is_our_own(outer) is not blamed


def test_a_challenge_counts_whatever_its_status() -> None:
    page = b"<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>"
    response = Response(status=200, url="http://h/", headers={}, content=page, elapsed_ms=1)
    with pytest.raises(Failed) as caught:
        judge(response, "GET", first=True, longest_wait_s=1)
    assert caught.value.of_host


def test_a_long_retry_after_is_told_to_who_may_wait_for_it() -> None:
    response = Response(status=429, url="http://h/", headers={"Retry-After": "900"}, content=b"", elapsed_ms=1)
    with pytest.raises(Failed) as caught:
        judge(response, "GET", first=True, longest_wait_s=10)
    assert (caught.value.wait_s, caught.value.blocked, caught.value.again) == (900, True, False)
