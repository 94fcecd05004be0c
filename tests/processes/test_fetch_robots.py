"""robots.txt as one process meets it: whatever a host answers there, a page is asked for only if it may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.fix_hosts import WatchedSite
from tests.hostile_pages import HANDLERS
from tests.hostile_server import HostileServer, Visit
from tests.hostile_wires import WIRES
from workers.errors import Blocked, FetchError
from workers.fetch import Fetcher
from workers.politeness import Politeness
from workers.records import FetchedUrl, FetchSettings

NewSite = Callable[..., WatchedSite]
DENY = "User-agent: *\nDisallow: /private\nCrawl-delay: 300\n"

ODD = """html nul endless bomb/3 drip drip-unmeasured gzip/rubbish gzip/short gzip/brotli redirect-loop
    redirect-to?url=file:///etc/passwd challenge chunk-endless encoded-lie big-header""".split()


@dataclass(slots=True)
class Visitor:
    """A fetcher that obeys, and what it did."""

    fetcher: Fetcher
    notes: list[FetchedUrl]
    waits: list[float]
    told: list[str]


NewVisitor = Callable[..., Visitor]


@pytest.fixture
def new_visitor() -> Iterator[NewVisitor]:
    """Makes fetchers that nobody shares anything with, and that wait for nothing."""
    made: list[Visitor] = []

    def new(**settings: object) -> Visitor:
        wanted = {"timeout_s": 1.0, "base_s": 0.01, "user_agent": "testbot/2", **settings}
        limits = FetchSettings(**wanted)  # type: ignore[arg-type] # whatever the test gives
        notes: list[FetchedUrl] = []
        waits: list[float] = []
        told: list[str] = []
        polite = Politeness(limits, tell=lambda _level, event, _message, _facts: told.append(event))
        fetcher = Fetcher(limits, wait=waits.append, on_fetched=notes.append, politeness=polite)
        made.append(Visitor(fetcher, notes, waits, told))
        return made[-1]

    yield new
    for visitor in made:
        visitor.fetcher.close()


def test_rules_are_read_once_and_obeyed(watched_site: NewSite, new_visitor: NewVisitor) -> None:
    site = watched_site({"/robots.txt": DENY, "/open": "yes", "/private": "no"})
    visitor = new_visitor(contact="mailto:me@example.org")
    assert visitor.fetcher.fetch(f"{site.url}/open").text == "yes"
    with pytest.raises(Blocked, match=r"robots\.txt of 127\.0\.0\.1:\d+ does not allow .*/private: .*fetch\.robots"):
        visitor.fetcher.fetch(f"{site.url}/private")
    with pytest.raises(Blocked):
        list(visitor.fetcher.fetch_all([f"{site.url}/private/{n}" for n in range(3)]))
    assert [call.path for call in site.calls] == ["/robots.txt", "/open"]
    assert {call.agent for call in site.calls} == {"testbot/2 (+mailto:me@example.org)"}
    assert {(note.status, note.http_status) for note in visitor.notes[1:]} == {("blocked", None)}
    assert visitor.told == ["crawl_delay_capped"]


def test_a_crawl_delay_is_kept_between_pages_even_on_loopback(watched_site: NewSite, new_visitor: NewVisitor) -> None:
    site = watched_site({"/robots.txt": "User-agent: testbot\nCrawl-delay: 30", "/open": "yes"})
    visitor = new_visitor()
    for _ in range(3):
        visitor.fetcher.fetch(f"{site.url}/open")
    assert [wait for wait in visitor.waits if wait] == [pytest.approx(30, abs=1), pytest.approx(60, abs=1)]


def test_the_query_counts_too(watched_site: NewSite, new_visitor: NewVisitor) -> None:
    site = watched_site({"/robots.txt": "User-agent: *\nDisallow: /*page=2", "/list?page=1": "yes"})
    fetcher = new_visitor().fetcher
    assert fetcher.fetch(f"{site.url}/list", params={"page": 1}).text == "yes"
    with pytest.raises(Blocked):
        fetcher.fetch(f"{site.url}/list", params={"page": 2})


def test_a_redirect_to_another_host_is_followed_only_where_that_host_allows_it(
    watched_site: NewSite, new_visitor: NewVisitor, hostile_server: HostileServer
) -> None:
    site = watched_site({"/robots.txt": DENY, "/open": "yes", "/private": "no"})
    fetcher = new_visitor().fetcher
    assert fetcher.fetch(f"{hostile_server.url}/redirect-to?url={site.url}/open").text == "yes"
    with pytest.raises(Blocked, match=r"does not allow .*/private"):
        fetcher.fetch(f"{hostile_server.url}/redirect-to?url={site.url}/private")
    assert site.paths() == ["/open"]


def test_robots_may_be_left_unread(watched_site: NewSite, new_visitor: NewVisitor) -> None:
    site = watched_site({"/robots.txt": DENY, "/private": "yes"})
    assert new_visitor(robots=False).fetcher.fetch(f"{site.url}/private").text == "yes"
    assert [call.path for call in site.calls] == ["/private"]


def test_without_an_answer_nobody_knows_what_may_be_fetched(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    with pytest.raises(FetchError, match=r"robots\.txt: connection refused \(3 tries\)") as caught:
        visitor.fetcher.fetch("http://127.0.0.1:9/open")
    assert not isinstance(caught.value, Blocked)


def test_threads_of_one_run_read_it_once(watched_site: NewSite, new_visitor: NewVisitor) -> None:
    site = watched_site({"/robots.txt": "User-agent: *\nDisallow: /x"} | {f"/{n}": str(n) for n in range(8)})
    assert [r.text for r in new_visitor().fetcher.fetch_all([f"{site.url}/{n}" for n in range(8)], 8)] == list(
        "01234567"
    )
    assert [call.path for call in site.calls].count("/robots.txt") == 1


@pytest.mark.parametrize("status", [500, 503, 599])
def test_while_it_fails_nothing_is_fetched_and_the_failure_is_remembered(
    status: int, watched_site: NewSite, new_visitor: NewVisitor
) -> None:
    site = watched_site({"/robots.txt": status, "/open": "yes"})
    visitor = new_visitor(attempts=1)
    for _ in range(3):
        with pytest.raises(Blocked, match=rf"cannot be read for now \(HTTP {status}.*asked again in") as caught:
            visitor.fetcher.fetch(f"{site.url}/open")
        assert caught.value.wait_s == pytest.approx(300, abs=2)
    assert [call.path for call in site.calls] == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_host_without_one_may_be_asked(status: int, watched_site: NewSite, new_visitor: NewVisitor) -> None:
    site = watched_site({"/robots.txt": status, "/open": "yes"})
    fetcher = new_visitor().fetcher
    assert [fetcher.fetch(f"{site.url}/open").text for _ in range(2)] == ["yes", "yes"]
    assert [call.path for call in site.calls] == ["/robots.txt", "/open", "/open"]


def test_a_host_that_asks_for_a_pause_at_its_robots_txt_gets_it(new_visitor: NewVisitor) -> None:
    server = HostileServer({"robots.txt": lambda visit: visit.answer(429, b"", **{"Retry-After": "7"}), **HANDLERS})
    server.begin()
    try:
        visitor = new_visitor(attempts=1)
        assert visitor.fetcher.fetch(f"{server.url}/ok").text == "ok"
        assert max(visitor.waits) == pytest.approx(7, abs=0.5)
    finally:
        server.stop()


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_one_costs_nothing_but_itself(kind: str, new_visitor: NewVisitor) -> None:
    def robots(visit: Visit) -> None:
        visit.answer(302, Location=f"/{kind}")

    server = HostileServer({**HANDLERS, **WIRES, "robots.txt": robots})
    server.begin()
    try:
        visitor = new_visitor(attempts=1, max_body_mb=0.01)
        began = time.monotonic()
        if kind == "big-header":  # it is not even HTTP: the host has given no answer
            with pytest.raises(FetchError):
                visitor.fetcher.fetch(f"{server.url}/ok")
        else:
            assert visitor.fetcher.fetch(f"{server.url}/ok").text == "ok"
        assert time.monotonic() - began < 4
    finally:
        server.stop()
