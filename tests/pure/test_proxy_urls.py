"""Addresses of proxies: judged, shown and filled in; and addresses that are found in answers."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from workers import plain
from workers.errors import ProxyRefused
from workers.plain import plain_text
from workers.proxy_check import addresses_in
from workers.proxy_urls import Proxy, complaint, fill, holds_password, shown
from workers.request import checked

ALLOWED = ("*PROXY*", "GATE")
BOTH = "http://${PROXY_USER}:${PROXY_PASSWORD}@gate.test:3128"


@pytest.fixture(autouse=True)
def nothing_stays_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test fills in is no secret in the next."""
    monkeypatch.setattr(plain, "_hidden", {})


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        (BOTH, BOTH),
        ("http://gate.test:3128", "http://gate.test:3128"),
        ("http://user:secret@gate.test", "http://user:***@gate.test"),
        ("http://user:sec${PROXY_PASSWORD}@gate.test", "http://user:***@gate.test"),
        ("http://user:a@b:c@gate.test", "http://user:***@gate.test"),
        ("http://token@gate.test", "http://***@gate.test"),
        ("http://${PROXY_TOKEN}@gate.test", "http://${PROXY_TOKEN}@gate.test"),
        ("http://user:@gate.test", "http://user:@gate.test"),
    ],
)
def test_a_password_that_is_no_reference_is_masked(url: str, masked: str) -> None:
    assert (shown(url), holds_password(url)) == (masked, masked != url)


@pytest.mark.parametrize(
    "url", [BOTH, "https://gate.test", "http://127.0.0.1:1/", "http://[::1]:8080", "http://${GATE}:${PROXY_PORT}"]
)
def test_a_good_address_has_no_complaint(url: str) -> None:
    assert complaint(url, ALLOWED) is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gate.test:3128", "should look like http://"),
        ("socks5://gate.test", "should look like http://"),
        ("http://gate.test/path", "should look like http://"),
        ("http://gate.test:1 ", "should look like http://"),
        ("http://user:pass word@gate.test", "should look like http://"),
        ("http://:1", "is no URL of a proxy"),
        ("http://gate.test:port", "is no URL of a proxy"),
        ("http://u:${DATABASE_URL}@gate.test", "uses ${DATABASE_URL}: add the name to `[proxies] env`"),
        ("http://u:${proxy-user}@gate.test", "that is no ${NAME}"),
        ("http://u:$PROXY_PASSWORD@gate.test", "that is no ${NAME}"),
    ],
)
def test_a_bad_address_is_told_without_its_password(url: str, said: str) -> None:
    sentence = complaint(url, ALLOWED)
    assert sentence is not None
    assert said in sentence
    assert "pass word" not in sentence


@given(user=some.text(min_size=1), rest=some.text())
def test_whatever_a_login_holds_it_arrives_whole_and_is_never_written(user: str, rest: str) -> None:
    password = f"§%@:/{rest}"  # beginning with what stands nowhere else
    filled = fill(BOTH, ALLOWED, {"PROXY_USER": user, "PROXY_PASSWORD": password})
    assert checked(filled)[0] == "http://gate.test:3128"
    proxy = Proxy(id=1, shown=shown(BOTH), url=filled)
    word = base64.b64decode((proxy.login or "").removeprefix("Basic ")).decode()
    assert word == f"{user}:{password}"
    told = plain_text(f"{filled} {password} {proxy.login}")
    assert [form for form in ("§", quote("§"), (proxy.login or "")[6:]) if form in told] == []
    assert filled not in repr(proxy)


def test_a_reference_may_be_a_part_of_the_host_and_may_break_it() -> None:
    assert fill("http://${GATE}:${PROXY_PORT}", ALLOWED, {"GATE": "[::1]", "PROXY_PORT": "80"}) == "http://[::1]:80"
    for gate in ("a/b", "a b", "a?b", "[::"):
        with pytest.raises(ProxyRefused, match="no URL once it is filled in"):
            fill("http://${GATE}", ALLOWED, {"GATE": gate})


@pytest.mark.parametrize("environ", [{}, {"PROXY_USER": "u"}, {"PROXY_USER": "u", "PROXY_PASSWORD": ""}])
def test_a_missing_variable_is_named_and_none_that_is_there_is_told(environ: dict[str, str]) -> None:
    missing = "PROXY_PASSWORD" if environ else "PROXY_USER"
    with pytest.raises(ProxyRefused, match=f"uses {missing}, which no environment variable sets: export it"):
        fill(BOTH, ALLOWED, environ)


def test_only_names_that_are_allowed_are_filled_in() -> None:
    with pytest.raises(ProxyRefused, match=r"uses \$\{DATABASE_URL\}"):
        fill("http://u:${DATABASE_URL}@gate.test", ALLOWED, {"DATABASE_URL": "postgresql://"})


def test_a_short_name_or_port_cuts_no_holes_into_what_pages_say() -> None:
    url = "http://${PROXY_USER}:${PROXY_PASSWORD}@${PROXY_HOST}:${PROXY_PORT}"
    environ = {"PROXY_USER": "admin", "PROXY_PASSWORD": "word", "PROXY_HOST": "gate.test", "PROXY_PORT": "3128"}
    fill(url, ALLOWED, environ)
    told = "Database administrator, http://board.test/3128; word, gate.test"
    assert plain_text(told) == "Database administrator, http://board.test/3128; ${PROXY_PASSWORD}, ${PROXY_HOST}"


def test_the_header_that_is_made_of_a_login_is_hidden_too() -> None:
    proxy = Proxy(id=1, shown=BOTH, url=fill(BOTH, ALLOWED, {"PROXY_USER": "user", "PROXY_PASSWORD": "word"}))
    assert plain_text(f"Proxy-Authorization: {proxy.login}") == "Proxy-Authorization: Basic ${PROXY_AUTHORIZATION}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("203.0.113.7\n", ["203.0.113.7"]),
        ("2001:DB8::0007\n", ["2001:db8::7"]),
        ('{"origin": "203.0.113.7, 198.51.100.2"}', ["203.0.113.7", "198.51.100.2"]),
        ("<style>a::before{top:0.5em}</style><p>Your address is 203.0.113.7.</p><p>10:30</p>", ["203.0.113.7"]),
        ("::ffff:203.0.113.7", ["203.0.113.7"]),
        ('Forwarded: for="[2001:db8::7]:4711"', ["2001:db8::7"]),
        ("203.0.113.7:4711", ["203.0.113.7"]),
        ("<h1>Not today</h1> version 1.2.3, 1.2.3.4.5, 999.1.1.1, ::", []),
        ("", []),
    ],
)
def test_addresses_are_found_in_whatever_a_page_answers(text: str, found: list[str]) -> None:
    assert addresses_in(text) == found
