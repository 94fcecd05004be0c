"""Spiders in real runs: killed in mid-crawl, stopped in mid-crawl, and broken in several ways."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest

from tests.fix_boards import ServeBoard
from tests.fix_proxies import NewProxy, Watched
from tests.fix_supervisor import Nodes, Start
from tests.forward_proxy import ELSEWHERE
from tests.wait import wait_for

LAST = 6
HELD = "/p4"
TITLES = [f"Engineer {number}" for number in range(1, LAST + 1)]


class Walk:
    """A spider that walks six pages of a board, which keeps the first who comes to `HELD` waiting."""

    def __init__(self, nodes: Nodes, serve_board: ServeBoard) -> None:
        self.nodes = nodes
        self.go_on = threading.Event()
        held: list[str] = []

        def answer(path: str, _query: dict[str, str]) -> Any:
            if path == HELD and not held:
                held.append(path)
                self.go_on.wait(30)
            return page(int(path[2:]))

        self.site = serve_board(answer)
        nodes.add("spider", "scrapy", params(self.site.url, batch=1))

    def wait_in_the_middle(self) -> int:
        """The pid of its run, once it waits at `HELD` with all that is before it committed."""
        wait_for(lambda: self.nodes.jobs() == 3 and HELD in self.site.asked, 30, f"{HELD}: {self.nodes.get('spider')}")
        return int(self.nodes.last("spider")["pid"])


def page(number: int) -> str:
    onward = "<a class=next href=x>next</a>" if number < LAST else ""
    return f"<html><a class=job href=/j{number}>Engineer {number}</a>{onward}</html>"


def params(url: str, spider: str = "Jobs", **more: Any) -> dict[str, Any]:
    return {"spider": f"spiders:{spider}", "args": {"base": url}, "fields": {"company": "firm"}, **more}


@pytest.fixture
def walk(nodes: Nodes, serve_board: ServeBoard) -> Walk:
    return Walk(nodes, serve_board)


def test_a_spider_that_is_killed_in_mid_crawl_goes_on_from_its_checkpoint(walk: Walk, supervise: Start) -> None:
    supervise()
    os.kill(walk.wait_in_the_middle(), signal.SIGKILL)
    walk.nodes.wait_for_ends("spider")
    walk.go_on.set()
    first, second = walk.nodes.wait_for_ends("spider", 2, limit_s=30)
    assert (first["cause"], second["status"], second["cause"]) == ("killed", "ok", "done"), second["error"]
    pages = [path for path in walk.site.asked if path != "/robots.txt"]
    # The checkpoint of the third item says page 3, for others might have followed it on that page.
    assert pages == ["/p1", "/p2", "/p3", HELD, "/p3", HELD, "/p5", "/p6"]
    titles = walk.nodes.connection.execute("select title from jobs order by title").fetchall()
    assert [row["title"] for row in titles] == TITLES
    assert (second["inserted_count"], second["unchanged_count"]) == (3, 1)


def test_a_spider_that_is_stopped_in_mid_crawl_ends_softly_and_keeps_what_it_found(
    walk: Walk, supervise: Start
) -> None:
    supervise(kill__soft_s=10)
    walk.wait_in_the_middle()
    walk.nodes.update("spider", stop_requested=True)
    (run,) = walk.nodes.wait_for_ends("spider")
    walk.go_on.set()
    assert (run["status"], run["cause"], run["ended_by"]) == ("stopped", "requested", "soft"), run["error"]
    assert (run["inserted_count"], walk.nodes.jobs()) == (3, 3)
    kept = walk.nodes.one("select state from checkpoints")
    assert kept == {"state": {"page": 3}}


def test_a_spider_that_raises_or_reaches_nothing_is_an_error_in_its_row(
    nodes: Nodes, supervise: Start, serve_board: ServeBoard
) -> None:
    answers: dict[str, Any] = {
        "/p1": page(LAST),
        "/down/p1": 500,
        "/away/p1": 404,
        "/closed/p1": 403,
        "/empty/p1": "<p>",
    }
    site = serve_board(lambda path, _query: answers[path])
    nodes.add("raises", "scrapy", params(site.url, "Raises"), max_attempts=1)
    nodes.add("at_once", "scrapy", params(site.url, "RaisesAtOnce"), max_attempts=1)
    nodes.add("closes", "scrapy", params(site.url, "Closes"), max_attempts=1)
    nodes.add("pipeline", "scrapy", params(site.url, "RaisesInPipeline"), max_attempts=1)
    for name in ("down", "away", "closed", "empty"):
        nodes.add(name, "scrapy", params(f"{site.url}/{name}"), max_attempts=1)
    nodes.add("nobody", "scrapy", params("http://127.0.0.1:9"), max_attempts=1)
    supervise()
    said = {
        "raises": ("exception", "last KeyError"),
        "at_once": ("exception", "last LookupError"),
        "closes": ("exception", "closed with reason 'no_patience'"),
        "pipeline": ("exception", "last OSError: Engineer"),
        "down": ("exception", "every request of the spider failed (500)"),
        "away": ("exception", "every request of the spider failed (404)"),
        "closed": ("blocked", "the spider found nothing and was refused (403)"),
        "nobody": ("exception", "every request of the spider failed (no answer)"),
    }
    for name, (cause, words) in said.items():
        (run,) = nodes.wait_for_ends(name, limit_s=60)
        assert (run["status"], run["cause"]) == ("error", cause), (name, run["error"])
        assert words in run["error"], run["error"]
    (run,) = nodes.wait_for_ends("empty")
    assert (run["status"], run["cause"]) == ("ok", "done"), "a page without a job is an empty board"


def test_a_spider_goes_through_the_proxy_of_its_run_and_nowhere_past_it(
    nodes: Nodes, supervise: Start, new_proxy: NewProxy, site: Watched, check_page: Watched
) -> None:
    proxy = new_proxy()
    nodes.connection.execute("insert into proxies (pool, url) values ('eu', %s)", (f"http://{proxy.place}",))
    site.answer = lambda _asked: (200, page(LAST))
    would_rather = {"HTTPPROXY_ENABLED": False}
    nodes.add("spider", "scrapy", params(site.url, settings=would_rather), proxy_pool="eu", max_attempts=1)
    supervise(proxies__check_url=check_page.url)
    (run,) = nodes.wait_for_ends("spider")
    assert (run["cause"], run["inserted_count"]) == ("done", 1), run["error"]
    assert f"{site.url}/p1" in proxy.targets()
    assert set(site.peers()) == {ELSEWHERE}
