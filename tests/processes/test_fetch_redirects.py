"""Redirects: bounded, to http and https only, and without what was meant for another host."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.fix_hostile_server import Trial
from tests.hostile_server import HostileServer
from workers.errors import FetchError

NewFetcher = Callable[..., Trial]


def to(server: HostileServer, target: str, status: int = 302) -> str:
    """A URL that redirects."""
    return f"{server.url}/redirect-to?status={status}&url={quote(target, safe='')}"


def test_a_chain_is_followed_to_its_end(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher()
    response = trial.fetcher.fetch(f"{hostile_server.url}/redirect/10")
    assert (response.text, response.url) == ("ok", f"{hostile_server.url}/ok")
    assert [note.url for note in trial.notes] == [f"{hostile_server.url}/ok"]


@pytest.mark.parametrize("path", ["redirect-loop", "redirect/30"])
def test_redirects_are_bounded(path: str, hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    with pytest.raises(FetchError, match="redirect"):
        new_fetcher().fetcher.fetch(f"{hostile_server.url}/{path}")
    assert len(hostile_server.asked) <= 11


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)", "http://[::1", "http://127.0.0.1:99999/"],
)
def test_a_redirect_elsewhere_is_refused_at_once(
    target: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    with pytest.raises(FetchError, match="redirect"):
        new_fetcher().fetcher.fetch(to(hostile_server, target))
    assert len(hostile_server.asked) == 1


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        ("/echo/a b", "/echo/a%20b"),
        ("/echo/Zürich", "/echo/Z%C3%BCrich"),
        ("echo?x=1", "/echo?x=1"),
        ("?url=/ok", "/redirect-to?url=/ok"),
        (" /echo ", "/echo"),
    ],
)
def test_odd_targets_are_understood(
    target: str, asked: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    new_fetcher().fetcher.fetch(to(hostile_server, target))
    assert hostile_server.asked[1].path == asked


@pytest.mark.parametrize("target", ["", "   "])
def test_a_redirect_to_nowhere_is_no_content(
    target: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    with pytest.raises(FetchError, match="302"):
        new_fetcher().fetcher.fetch(to(hostile_server, target))


def test_what_was_meant_for_one_host_is_not_shown_to_another(
    hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    secrets = {"authorization": "Bearer s3cret", "cookie": "a=s3cret"}
    fetcher = new_fetcher().fetcher
    fetcher.fetch(f"{hostile_server.url}/set-cookie")
    for other in (hostile_server.other_url, hostile_server.url):
        url = to(hostile_server, f"{other}/echo")
        text = fetcher.fetch(url, headers=secrets, cookies={"b": "s3cret"}).text
        assert ("s3cret" in text) is (other == hostile_server.url)
        assert ("seen=yes" in text or "cookie: a=s3cret" in text) is (other == hostile_server.url)


def test_cookies_are_kept_for_their_host(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    fetcher = new_fetcher().fetcher
    fetcher.fetch(f"{hostile_server.url}/set-cookie")
    assert "cookie: seen=yes" in fetcher.fetch(f"{hostile_server.url}/echo").text
    assert "cookie" not in fetcher.fetch(f"{hostile_server.other_url}/echo").text


@pytest.mark.parametrize(
    ("status", "begins", "holds"),
    [(302, "GET /echo", False), (303, "GET /echo", False), (307, "POST /echo", True), (308, "POST /echo", True)],
)
def test_a_post_is_turned_as_browsers_do(
    status: int, begins: str, *, holds: bool, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    text = new_fetcher().fetcher.fetch(to(hostile_server, "/echo", status), "POST", json={"a": 1}).text
    assert text.startswith(begins)
    assert ('{"a": 1}' in text) is holds
    assert ("content-type: application/json" in text) is holds


def test_an_allowed_redirect_is_handed_over(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    response = new_fetcher().fetcher.fetch(to(hostile_server, "/ok"), allow_status={302})
    assert (response.status, response.headers["location"]) == (302, "/ok")
