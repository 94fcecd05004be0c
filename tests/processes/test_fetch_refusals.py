"""Statuses, refusals, retries, and the sentences about them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import quote

import pytest

from tests.fix_hostile_server import Trial
from tests.hostile_server import HostileServer
from workers.errors import Blocked, FetchError

NewFetcher = Callable[..., Trial]


@pytest.mark.parametrize("status", [401, 403, 407, 429, 451])
def test_a_refusal_is_blocked(status: int, hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher(attempts=2)
    with pytest.raises(Blocked, match=f"/status/{status}.*HTTP {status}") as caught:
        trial.fetcher.fetch(f"{hostile_server.url}/status/{status}")
    assert caught.value.status == status
    assert [(note.status, note.http_status) for note in trial.notes] == [("blocked", status)]
    assert len(hostile_server.asked) == (2 if status == 429 else 1)


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (410, 1), (500, 3), (502, 3), (503, 3), (418, 1), (305, 1)])
def test_other_failures_are_no_refusals(
    status: int, tries: int, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher()
    with pytest.raises(FetchError, match=f"HTTP {status}") as caught:
        trial.fetcher.fetch(f"{hostile_server.url}/status/{status}")
    assert not isinstance(caught.value, Blocked)
    assert caught.value.status == status
    assert len(hostile_server.asked) == tries
    assert [note.status for note in trial.notes] == ["error"]


def test_an_allowed_status_is_an_answer(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    response = new_fetcher().fetcher.fetch(f"{hostile_server.url}/status/404", allow_status=[404])
    assert (response.status, response.text) == (404, "as ordered")


def test_304_without_a_condition_is_a_failure(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    with pytest.raises(FetchError, match="HTTP 304"):
        new_fetcher().fetcher.fetch(f"{hostile_server.url}/status/304")


def test_204_and_head_have_no_body(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    fetcher = new_fetcher().fetcher
    empty = fetcher.fetch(f"{hostile_server.url}/gzip/empty")
    assert (empty.content, empty.text, empty.html.tag) == (b"", "", "html")
    assert fetcher.fetch(f"{hostile_server.url}/html", "HEAD").content == b""
    assert fetcher.fetch(f"{hostile_server.url}/gzip/right", "HEAD").content == b""


def test_a_challenge_page_is_blocked(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    with pytest.raises(Blocked, match="challenge"):
        new_fetcher().fetcher.fetch(f"{hostile_server.url}/challenge")


@pytest.mark.parametrize("how", ["503", "500", "429", "hang-up"])
def test_what_fails_twice_comes_the_third_time(
    how: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher()
    assert trial.fetcher.fetch(f"{hostile_server.url}/flaky/2/{how}").text == "ok"
    assert [wait for wait in trial.waits if wait] == [
        pytest.approx(0.375, abs=0.125),
        pytest.approx(0.75, abs=0.25),
    ]
    assert [note.status for note in trial.notes] == ["ok"]


@pytest.mark.parametrize(("how", "asked"), [("503", 3), ("429", 3), ("500", 1), ("hang-up", 1)])
def test_a_post_is_repeated_only_if_nothing_was_done(
    how: str, asked: int, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    fetcher = new_fetcher().fetcher
    if asked == 3:
        assert fetcher.fetch(f"{hostile_server.url}/flaky/2/{how}", "POST", data=iter([b"a", b"b"])).text == "ok"
        assert [asked.body for asked in hostile_server.asked] == [b"ab"] * 3
    else:
        with pytest.raises(FetchError, match="1 try"):
            fetcher.fetch(f"{hostile_server.url}/flaky/2/{how}", "post", data={"a": 1})
    assert len(hostile_server.asked) == asked


def test_a_post_is_not_made_again_because_the_page_behind_it_is_busy(
    hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    target = quote("/status/503", safe="")
    with pytest.raises(FetchError, match="503"):
        new_fetcher().fetcher.fetch(f"{hostile_server.url}/redirect-to?status=303&url={target}", "POST", data=b"x")
    assert hostile_server.hits("/redirect-to") == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_is_tried_again(method: str, new_fetcher: NewFetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    trial = new_fetcher()
    with pytest.raises(FetchError, match=rf"http://127\.0\.0\.1:{port}/x.*efused.*3 tries"):
        trial.fetcher.fetch(f"http://127.0.0.1:{port}/x", method)
    assert len([wait for wait in trial.waits if wait]) == 2


@pytest.mark.parametrize(
    ("value", "date", "least", "most"),
    [
        ("4", "", 4, 4),
        ("0", "", 0.25, 0.5),
        ("-5", "", 0.25, 0.5),
        ("soon", "", 0.25, 0.5),
        ("²", "", 0.25, 0.5),
        ("", "", 0.25, 0.5),
        ("Mon, 99 Foo 2026", "", 0.25, 0.5),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "", 0.25, 0.5),
        ("Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 31 Dec 9999 23:59:56 -2359", 0, 3),
        (formatdate(2_000_000_007, usegmt=True), formatdate(2_000_000_000, usegmt=True), 7, 7),
    ],
)
def test_retry_after_is_honoured_where_it_makes_sense(
    value: str, date: str, least: float, most: float, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher()
    url = f"{hostile_server.url}/retry-after?status=503&value={quote(value)}" + (f"&date={quote(date)}" if date else "")
    assert trial.fetcher.fetch(url).text == "ok"
    assert least - 0.1 <= sum(trial.waits) <= most  # less what passes between a wait and the next look


@pytest.mark.parametrize("value", ["86400", "9" * 500, formatdate(2_000_000_000, usegmt=True)])
@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_a_long_pause_is_left_alone(
    value: str, status: int, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher()
    date = formatdate(1_900_000_000, usegmt=True)
    with pytest.raises(Blocked, match=f"HTTP {status}"):
        trial.fetcher.fetch(f"{hostile_server.url}/retry-after?status={status}&value={quote(value)}&date={quote(date)}")
    assert sum(trial.waits) == 0
    assert len(hostile_server.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        None,
        b"http://127.0.0.1/",
        7,
        "",
        "/relative",
        "mailto:a@example.org",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:abc/",
        "http://a b/",
        "http://\ud800/",
        "http://" + "a" * 300 + "/",
        "http://xn--\u00fc.\u2603..example/",
    ],
)
def test_what_is_no_url_gets_one_sentence_and_one_try(url: str, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher()
    with pytest.raises(FetchError) as caught:
        trial.fetcher.fetch(url)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert not [wait for wait in trial.waits if wait]
    assert [note.status for note in trial.notes] == ["error"]


def test_a_name_in_other_letters_is_looked_up_as_idna(
    hostile_server: HostileServer, new_fetcher: NewFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def look_up(host: str, *arguments: int, **options: int) -> object:
        asked.append(host)
        return resolve("127.0.0.1", *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    url = hostile_server.url.replace("127.0.0.1", "bücher.example")
    assert "/echo/%C3%BC%20x" in new_fetcher(gap_s=0).fetcher.fetch(f"{url}/echo/ü x").text
    assert asked == ["xn--bcher-kva.example"]


def test_a_login_in_a_url_is_used_and_never_shown(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher(attempts=1)
    base = hostile_server.url.replace("//", "//someone:s3cr%40t@")
    response = trial.fetcher.fetch(f"{base}/echo")
    assert "authorization: Basic c29tZW9uZTpzM2NyQHQ=" in response.text
    for url in (f"{base}/status/404", f"{base}/truncated", f"{base}:99999/", base.replace("http", "gopher")):
        with pytest.raises(FetchError) as caught:
            trial.fetcher.fetch(url)
        assert "s3cr" not in f"{caught.value} {caught.value.url}"
    assert "s3cr" not in f"{response.url} {trial.notes}"


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X": "\u6771"}, {"bad name\n": "x"}])
def test_headers_that_cannot_be_sent_get_a_sentence(
    headers: dict[str, str], hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    with pytest.raises(FetchError):
        new_fetcher().fetcher.fetch(f"{hostile_server.url}/echo", headers=headers)
    assert not hostile_server.asked


def test_the_gap_between_two_requests_to_a_host_is_kept(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher(gap_loopback_s=3)
    for _ in range(3):
        trial.fetcher.fetch(f"{hostile_server.url}/ok")
    assert trial.waits[0] == 0
    assert 2.5 < trial.waits[1] <= 3.5
    assert 5 < trial.waits[2] <= 7
