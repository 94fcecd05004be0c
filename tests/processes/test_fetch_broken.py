"""Answers that break the protocol or their own promises: an error with a sentence, tried again, never half a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fix_hostile_server import Trial
from tests.hostile_pages import PAGE
from tests.hostile_server import HostileServer
from workers.errors import FetchError

NewFetcher = Callable[..., Trial]


@pytest.mark.parametrize(
    "path",
    [
        "truncated",
        "chunked-broken",
        "chunked-cut",
        "head-cut",
        "reset",
        "rubbish",
        "big-header",
        "many-headers",
        "gzip/rubbish",
        "gzip/damaged",
        "gzip/short",
        "gzip/brotli",
    ],
)
def test_a_broken_answer_is_an_error_and_tried_again(
    path: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher(attempts=2)
    with pytest.raises(FetchError, match=f"/{path}") as caught:
        trial.fetcher.fetch(f"{hostile_server.url}/{path}")
    assert caught.value.status is None or path == "gzip/brotli"
    assert "\n" not in str(caught.value)
    assert len(hostile_server.asked) == 2 or path == "gzip/brotli"


@pytest.mark.parametrize("way", ["right", "twice", "members", "padded", "deflate", "raw-deflate", "unknown"])
def test_compression_is_taken_off(way: str, hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    assert new_fetcher().fetcher.fetch(f"{hostile_server.url}/gzip/{way}").content == PAGE


def test_only_what_can_be_undone_is_offered(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    assert "accept-encoding: gzip, deflate\n" in new_fetcher().fetcher.fetch(f"{hostile_server.url}/echo").text


def test_odd_headers_do_no_harm(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    response = new_fetcher().fetcher.fetch(f"{hostile_server.url}/raw-header")
    assert (response.text, response.headers["X-Odd"]) == ("ok", "\xff\xfe\x80")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("utf8", "<p>Grüße, 東京</p>"),
        ("none", "<p>Grüße, 東京</p>"),
        ("latin1", "<p>Grüße</p>"),
        ("unknown", "<p>Grüße</p>"),
        ("wrong", "<p>Grüße</p>"),
    ],
)
def test_the_charset_is_done_right(
    name: str, text: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    response = new_fetcher().fetcher.fetch(f"{hostile_server.url}/charset/{name}")
    assert response.text == text
    assert response.html.xpath("string(//p)") == text[3:-4]


def test_nul_and_a_lying_type_cost_nothing(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    fetcher = new_fetcher().fetcher
    assert "\0" not in fetcher.fetch(f"{hostile_server.url}/nul").text
    lying = fetcher.fetch(f"{hostile_server.url}/lying-type")
    assert lying.html.tag == "html"
    with pytest.raises(FetchError, match="did not answer JSON but application/json"):
        lying.json()


def test_a_request_made_because_another_has_failed_is_told_by_its_own_failure(
    hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    fetcher = new_fetcher(attempts=1).fetcher
    with pytest.raises(FetchError, match="connection refused") as first:
        fetcher.fetch("http://127.0.0.1:9/")
    try:
        raise first.value
    except FetchError:
        with pytest.raises(FetchError, match="the answer ended early"):
            fetcher.fetch(f"{hostile_server.url}/truncated")
