"""A pool in real runs: killed in mid-pool, and it goes on at that place; through the pool's own proxies."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from tests.fix_boards import ServeBoard
from tests.fix_proxies import NewProxy, Watched
from tests.fix_site import WrittenSite
from tests.fix_supervisor import Nodes, Start
from tests.forward_proxy import ELSEWHERE
from tests.wait import wait_for

PLACES = ("Berlin", "Bad Tölz", "Ulm")
PATHS = [f"/{page}/{place}" for place in PLACES for page in (1, 2)]
TITLES = sorted(f"Baker {path[1:]} {number}" for path in PATHS for number in (1, 2))
HELD = "/2/Bad Tölz"  # in the middle of the middle place
BEHIND = 4  # pages committed by then: two of Berlin, its end, and the first of the next place


def listing(path: str) -> str:
    onward = path.replace("/1/", "/2/") if path.startswith("/1/") else ""
    rows = "".join(f"<p class=job><a href='{path}/{number}'>Baker {path[1:]} {number}</a></p>" for number in (1, 2))
    return f"<html><body>{rows}{f'<a class=next href={onward!r}>more</a>' if onward else ''}</body></html>"


def rss(path: str) -> bytes:
    rows = "".join(
        f"<item><title>Baker {path[1:]} {number}</title><link>http://board.test{path}/{number}</link></item>"
        for number in (1, 2)
    )
    return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{rows}</channel></rss>".encode()


def html_params(url: str) -> dict[str, Any]:
    selectors = {"items": ".job", "link": "a", "next": "a.next", "fields": {"title": "a"}}
    return {"start": url + "/1/{location}", **selectors}


def feed_params(url: str) -> dict[str, Any]:
    return {"url": [url + "/1/{location}", url + "/2/{location}"]}


ASKED = {"html": (html_params, listing), "feed": (feed_params, rss)}


class Pool:
    """A node over a pool on a board that keeps the first who comes to `HELD` waiting."""

    def __init__(self, scraper: str, nodes: Nodes, serve_board: ServeBoard) -> None:
        self.nodes = nodes
        self.go_on = threading.Event()
        params, page = ASKED[scraper]
        held: list[str] = []

        def answer(path: str, _query: dict[str, str]) -> Any:
            path = unquote(path)
            if path == HELD and not held:
                held.append(path)
                self.go_on.wait(30)
            return page(path)

        self.site: WrittenSite = serve_board(answer)
        nodes.connection.execute("insert into location_pools (name, places) values ('p', %s)", (list(PLACES),))
        nodes.add("board", scraper, params(self.site.url), location_pool="p")

    def paths(self) -> list[str]:
        """What was asked for, robots.txt apart."""
        return [unquote(path) for path in list(self.site.asked) if path != "/robots.txt"]

    def wait_in_the_middle(self) -> dict[str, Any]:
        """Its run, once it waits at `HELD` with all that is before it committed."""
        run = self.nodes.wait_for_pages("board", BEHIND)
        wait_for(lambda: HELD in self.paths(), 15, f"{HELD} is asked for")
        assert (run["progress_done"], run["progress_total"]) == (1, 3)
        assert run["stage"].startswith("Bad Tölz (2 of 3)")
        return run

    def judge(self) -> list[dict[str, Any]]:
        """Its two runs: everything is stored once, and nothing was asked for twice but what was under way."""
        first, second = self.nodes.wait_for_ends("board", 2)
        assert (second["status"], second["cause"]) == ("ok", "done"), second["error"]
        assert self.paths() == [*PATHS[:4], *PATHS[3:]]
        titles = self.nodes.connection.execute("select title from jobs order by title").fetchall()
        assert sorted(row["title"] for row in titles) == TITLES
        assert (first["inserted_count"], second["inserted_count"], second["unchanged_count"]) == (6, 6, 0)
        assert (second["progress_done"], second["progress_total"]) == (3, 3)
        assert second["stage"].startswith("Ulm (3 of 3)")
        assert first["tick"] == second["tick"]
        return [first, second]


NewPool = Callable[[str], Pool]


def parted(run: dict[str, Any]) -> tuple[str, int, int]:
    return (run["cause"], run["attempt"], run["part"])


@pytest.fixture
def new_pool(nodes: Nodes, serve_board: ServeBoard) -> NewPool:
    return lambda scraper: Pool(scraper, nodes, serve_board)


@pytest.mark.parametrize("scraper", ASKED)
def test_a_scrape_that_is_killed_in_mid_pool_goes_on_at_that_place(
    scraper: str, new_pool: NewPool, supervise: Start
) -> None:
    pool = new_pool(scraper)
    supervise()
    os.kill(pool.wait_in_the_middle()["pid"], signal.SIGKILL)
    pool.nodes.wait_for_ends("board")
    pool.go_on.set()
    first, second = pool.judge()
    assert [parted(run) for run in (first, second)] == [("killed", 1, 0), ("done", 2, 0)]


@pytest.mark.parametrize("scraper", ASKED)
def test_after_kill_9_of_the_supervisor_in_mid_pool_the_next_one_goes_on_at_that_place_and_spends_no_attempt(
    scraper: str, new_pool: NewPool, supervise: Start
) -> None:
    pool = new_pool(scraper)
    supervisor = supervise()
    pool.wait_in_the_middle()
    supervisor.kill()
    pool.go_on.set()
    supervise()
    first, second = pool.judge()
    assert [parted(run) for run in (first, second)] == [("lost", 1, 0), ("done", 1, 1)]


def test_the_pools_proxies_are_taken_unless_the_node_names_its_own(
    supervise: Start, nodes: Nodes, new_proxy: NewProxy, site: Watched, check_page: Watched
) -> None:
    proxies = {"of_pool": new_proxy(), "of_node": new_proxy()}
    ids = {}
    for pool, proxy in proxies.items():
        row = nodes.one("insert into proxies (pool, url) values (%s, %s) returning id", pool, f"http://{proxy.place}")
        ids[pool] = row and row["id"]
    query = "insert into location_pools (name, places, proxy_pool) values ('p', %s, 'of_pool')"
    nodes.connection.execute(query, (list(PLACES),))
    site.answer = lambda asked: (200, f"<html><body><p>Baker {asked.path}</p></body></html>")
    params = {"start": site.url + "/{location}", "items": "body", "fields": {"title": "p"}}
    nodes.add("silent", "html", params, location_pool="p")
    nodes.add("names", "html", params, location_pool="p", proxy_pool="of_node")
    supervise(proxies__check_url=check_page.url, retry__attempts=1)
    for name, pool in (("silent", "of_pool"), ("names", "of_node")):
        (run,) = nodes.wait_for_ends(name)
        assert (run["cause"], run["proxy_id"]) == ("done", ids[pool]), run["error"]
        asked = [unquote(target) for target in proxies[pool].targets() if target.startswith(site.url)]
        assert [target for target in asked if not target.endswith("/robots.txt")] == [
            f"{site.url}/{place}" for place in PLACES
        ]
    assert set(site.peers()) == {ELSEWHERE}
