"""Further tries, refusals, redirects and what is sent with a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest

from tests.fix_fetcher import NewTold, Told
from tests.fix_hostile_server import HostileServer, serving
from workers.errors import Blocked, FetchError


def echoed(told: Told, url: str, **options: Any) -> dict[str, Any]:
    answer: dict[str, Any] = told.fetcher.fetch(url, **options).json()
    return answer


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504, 520, 0])
def test_what_may_pass_is_tried_again(make_told: NewTold, hostile: HostileServer, code: int) -> None:
    told = make_told(attempts=3)
    assert told.fetcher.fetch(f"{hostile.url}/flaky/2?code={code}").text == "well again"
    assert hostile.hits["/flaky/2"] == 3
    assert [each.status for each in told.fetched] == ["ok"]


def test_the_last_failure_stands_when_the_tries_are_used_up(make_told: NewTold, hostile: HostileServer) -> None:
    error = make_told(attempts=3).fails(f"{hostile.url}/status/500")
    assert "HTTP 500 (3 tries)" in str(error)
    assert error.status == 500
    assert hostile.hits["/status/500"] == 3


def test_each_pause_is_twice_the_last_one_up_to_the_cap(make_told: NewTold, hostile_server: str) -> None:
    told = make_told(attempts=5, base_s=1.0, cap_s=3.0)
    told.fails(f"{hostile_server}/status/503")
    bounds = [(0.5, 1.0), (1.0, 2.0), (1.5, 3.0), (1.5, 3.0)]
    assert len(told.waits) == len(bounds)
    assert all(low <= wait <= high for wait, (low, high) in zip(told.waits, bounds, strict=True)), told.waits


@pytest.mark.parametrize("status", [400, 404, 405, 410, 418, 422])
def test_other_errors_are_final_at_once(make_told: NewTold, hostile: HostileServer, status: int) -> None:
    error = make_told(attempts=3).fails(f"{hostile.url}/status/{status}")
    assert error.status == status
    assert hostile.hits[f"/status/{status}"] == 1


@pytest.mark.parametrize("status", [401, 403, 407, 451])
def test_a_refusal_is_blocked_at_once(make_told: NewTold, hostile: HostileServer, status: int) -> None:
    assert make_told(attempts=3).fails(f"{hostile.url}/status/{status}", Blocked).status == status
    assert hostile.hits[f"/status/{status}"] == 1


def test_a_refusal_stays_one_when_its_page_never_ends(make_told: NewTold, hostile_server: str) -> None:
    assert make_told(timeout_s=1).fails(f"{hostile_server}/drip-error", Blocked).status == 403


def test_too_many_requests_is_blocked_after_its_tries(make_told: NewTold, hostile: HostileServer) -> None:
    make_told(attempts=2).fails(f"{hostile.url}/status/429", Blocked)
    assert hostile.hits["/status/429"] == 2


@pytest.mark.parametrize("code", [429, 503])
def test_the_host_is_given_the_time_it_asks_for(make_told: NewTold, hostile_server: str, code: int) -> None:
    told = make_told(attempts=2)
    told.fails(f"{hostile_server}/retry-after/3?code={code}", Blocked if code == 429 else FetchError)
    assert told.waits == [3.0]


def test_a_date_to_come_back_at_is_understood(make_told: NewTold, hostile_server: str) -> None:
    told = make_told(attempts=2, cap_s=60)
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    told.fails(f"{hostile_server}/retry-after/{quote(moment)}", Blocked)
    assert 20 < told.waits[0] <= 40


def test_a_date_is_measured_on_the_clock_of_the_host(make_told: NewTold, hostile_server: str) -> None:
    told = make_told(attempts=2)
    there = datetime(2031, 5, 1, 12, tzinfo=UTC)
    until, now = (quote(format_datetime(moment, usegmt=True)) for moment in (there + timedelta(seconds=2), there))
    told.fails(f"{hostile_server}/retry-after/{until}?date={now}", Blocked)
    assert told.waits == [2.0]


@pytest.mark.parametrize("wish", ["3600", "9" * 400])
def test_a_host_that_asks_for_longer_than_we_wait_is_left_alone_at_once(
    make_told: NewTold, hostile: HostileServer, wish: str
) -> None:
    told = make_told(attempts=3)
    assert "not to be asked again for" in str(told.fails(f"{hostile.url}/retry-after/{wish}", Blocked))
    assert told.waits == []
    assert sum(hostile.hits.values()) == 1


@pytest.mark.parametrize(
    "wish", ["soon", "-1", "²", "Mon, 01 Jan 0001 00:00:00 +2359", "0", "Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_an_unreadable_or_past_wish_leaves_our_own_pause(make_told: NewTold, hostile_server: str, wish: str) -> None:
    told = make_told(attempts=2)
    told.fails(f"{hostile_server}/retry-after/{quote(wish, encoding='latin-1')}", Blocked)
    assert len(told.waits) == 1
    assert 0.005 <= told.waits[0] <= 0.01


@pytest.mark.parametrize(("code", "asked"), [(500, 1), (502, 1), (0, 1), (429, 2), (503, 2)])
def test_a_post_is_sent_again_only_if_the_host_says_that_nothing_was_done(
    make_told: NewTold, hostile: HostileServer, code: int, asked: int
) -> None:
    told = make_told(attempts=2)
    url = f"{hostile.url}/flaky/1?code={code}"
    if asked == 1:
        told.fails(url, method="POST", data={"a": 1})
    else:
        assert told.fetcher.fetch(url, "POST", data={"a": 1}).text == "well again"
    assert hostile.hits["/flaky/1"] == asked


def test_a_post_that_was_never_sent_is_tried_again(make_told: NewTold) -> None:
    told = make_told(attempts=3)
    with serving() as gone:
        url = gone.url
    assert "(3 tries)" in str(told.fails(url, method="POST", json={}))


def test_an_allowed_status_is_an_answer(make_told: NewTold, hostile: HostileServer) -> None:
    told = make_told(attempts=3)
    for status in (403, 404, 429, 503):
        answer = told.fetcher.fetch(f"{hostile.url}/status/{status}", allow_status=[status])
        assert (answer.status, answer.text) == (status, f"status {status}")
        assert hostile.hits[f"/status/{status}"] == 1
    redirect = told.fetcher.fetch(f"{hostile.url}/redirect/1", allow_status={302})
    assert redirect.headers["location"] == "/ok"


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_page_is_blocked_at_once(make_told: NewTold, hostile: HostileServer, status: int) -> None:
    assert "challenge page" in str(make_told(attempts=3).fails(f"{hostile.url}/challenge/{status}", Blocked))
    assert hostile.hits[f"/challenge/{status}"] == 1


def test_redirects_are_followed_to_the_end(told: Told, hostile_server: str) -> None:
    answer = told.fetcher.fetch(f"{hostile_server}/redirect/5")
    assert (answer.text, answer.url) == ("ok", f"{hostile_server}/ok")


def test_a_circle_of_redirects_is_one_sentence_and_not_tried_again(make_told: NewTold, hostile: HostileServer) -> None:
    told = make_told(attempts=3, max_redirects=4)
    assert "redirects in a circle" in str(told.fails(f"{hostile.url}/redirect-loop"))
    assert hostile.hits["/redirect-loop"] == 5
    assert "more than 4 redirects" in str(told.fails(f"{hostile.url}/redirect/9"))
    assert told.fetcher.fetch(f"{hostile.url}/redirect/4").text == "ok"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://board.test/", "javascript:alert(1)", "http://["])
def test_a_redirect_away_from_the_web_is_refused(told: Told, hostile_server: str, target: str) -> None:
    error = told.fails(f"{hostile_server}/redirect-to?url={quote(target)}")
    assert "cannot be fetched" in str(error)
    assert error.url.startswith(hostile_server)


def test_a_location_in_utf_8_is_understood(told: Told, hostile_server: str) -> None:
    assert told.fetcher.fetch(f"{hostile_server}/redirect-to?url={quote('/ok/Köln')}").url.endswith("/ok/K%C3%B6ln")


def test_credentials_do_not_follow_a_redirect_to_another_host(told: Told, hostile_server: str) -> None:
    with serving() as other:
        private = {"headers": {"authorization": "Bearer x", "X-Own": "1"}, "cookies": {"session": "s"}}
        target = quote(f"{other.url}/echo")
        received = echoed(told, f"{hostile_server}/redirect-to?url={target}", **private)["headers"]
    assert received["x-own"] == "1"
    assert not {"authorization", "cookie"} & received.keys()
    stayed = echoed(told, f"{hostile_server}/redirect-to?url=/echo", **private)["headers"]
    assert (stayed["authorization"], stayed["cookie"]) == ("Bearer x", "session=s")


def test_a_password_in_the_address_is_sent_as_a_header_and_shown_nowhere(told: Told, hostile_server: str) -> None:
    address = hostile_server.replace("://", "://me:s%40cret@")
    assert echoed(told, f"{address}/echo")["headers"]["authorization"] == "Basic bWU6c0BjcmV0"
    error = told.fails(f"{address}/status/404")
    assert all("cret" not in text for text in (str(error), error.url, *(each.url for each in told.fetched)))


@pytest.mark.parametrize(
    ("code", "method", "body"),
    [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", "a=1"), (308, "POST", "a=1")],
)
def test_a_redirected_post_becomes_what_its_status_says(
    told: Told, hostile_server: str, code: int, method: str, body: str
) -> None:
    received = echoed(told, f"{hostile_server}/redirect-to?url=/echo&code={code}", method="POST", data={"a": "1"})
    assert (received["method"], received["body"]) == (method, body)
    assert ("content-type" in received["headers"]) == (method == "POST")


def test_what_the_scraper_gives_is_sent(make_told: NewTold, hostile_server: str) -> None:
    told = make_told(user_agent="tester/1", contact="mailto:me@board.test")
    received = echoed(
        told, f"{hostile_server}/echo?a=1", method="post", params={"b": "ü"}, json={"c": 2}, headers={"X-Own": "1"}
    )
    assert (received["method"], received["at"], received["body"]) == ("POST", "/echo?a=1&b=%C3%BC", '{"c": 2}')
    assert received["headers"]["user-agent"] == "tester/1 (+mailto:me@board.test)"
    assert received["headers"]["x-own"] == "1"
    assert told.fetcher.fetch(f"{hostile_server}/echo", "HEAD").content == b""


def test_cookies_of_the_site_are_kept_for_the_next_request(told: Told, hostile_server: str) -> None:
    told.fetcher.fetch(f"{hostile_server}/cookie")
    assert echoed(told, f"{hostile_server}/echo")["headers"]["cookie"] == "taste=sweet"


def test_proxies_and_passwords_of_the_environment_stay_out(
    told: Told, hostile_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert "authorization" not in echoed(told, f"{hostile_server}/echo")["headers"]


def test_requests_to_one_host_keep_their_distance(make_told: NewTold, hostile: HostileServer) -> None:
    told = make_told(gap_loopback_s=100.0)
    told.fetcher.fetch(f"{hostile.url}/redirect/1")
    told.fetcher.fetch(f"{hostile.url}/ok")
    assert [round(wait) for wait in told.waits] == [100, 200]  # noted, not slept: the redirect waits its turn too


def test_the_gap_of_a_host_varies_within_its_jitter_and_other_hosts_do_not_wait() -> None:
    from workers.gaps import Gaps
    from workers.records import FetchSettings

    gaps = Gaps(FetchSettings(gap_s=10.0, gap_jitter_s=5.0))
    assert gaps.reserve("http://a.test/1") == 0
    waits = [gaps.reserve("http://a.test/2") for _ in range(20)]
    distances = [later - earlier for earlier, later in pairwise(waits)]
    assert all(9.9 < distance < 15.1 for distance in distances)
    assert max(distances) - min(distances) > 0.1
    assert gaps.reserve("http://b.test/") == 0
    assert [gaps.reserve("http://localhost:1/") for _ in range(2)] == [0, 0]
