"""Runs through pools: a real supervisor, real forward proxies, and a site that remembers who asked."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.fix_proxies import NewProxy, Watched
from tests.fix_supervisor import Nodes, Start, Supervised
from tests.forward_proxy import ELSEWHERE, ForwardProxy
from tests.wait import wait_for

DIRECT = "127.0.0.1"
NewPool = Callable[..., list[int]]
Begin = Callable[..., Supervised]


@pytest.fixture
def add_proxies(nodes: Nodes) -> NewPool:
    """Adds proxies to pool `p` and answers their ids."""

    def add(*proxies: ForwardProxy, url: str = "http://{place}") -> list[int]:
        rows = [
            nodes.one("insert into proxies (pool, url) values ('p', %s) returning id", url.format(place=proxy.place))
            for proxy in proxies
        ]
        return [row["id"] for row in rows if row]

    return add


@pytest.fixture
def begin(supervise: Start, check_page: Watched) -> Begin:
    """Starts a supervisor that checks proxies with the test's page."""

    def begin(**flags: Any) -> Supervised:
        return supervise(**{"proxies__check_url": check_page.url, "retry__attempts": 1, **flags})

    return begin


def add_node(nodes: Nodes, site: Watched, name: str = "n", **columns: Any) -> None:
    params = {"urls": [f"{site.url}/a", f"{site.url}/b"], "more": [f"{site.url}/c", f"{site.url}/d"]}
    nodes.add(name, "wayfarer:walks", params, **{"proxy_pool": "p", **columns})


def of_pool(nodes: Nodes) -> list[dict[str, Any]]:
    """The rows of all proxies, and how long they are set aside, in order."""
    query = (
        "select *, extract(epoch from quarantined_until - clock_timestamp())::float8 as rest_s from proxies order by id"
    )
    return list(nodes.connection.execute(query.encode()))


def test_a_run_goes_through_its_proxy_verified_once_and_all_the_way(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched, check_page: Watched
) -> None:
    (proxy_id,) = add_proxies(new_proxy())
    add_node(nodes, site)
    begin()
    (run,) = nodes.wait_for_ends("n")
    assert (run["cause"], run["pages_count"], run["proxy_id"]) == ("done", 3, proxy_id), run["error"]
    assert sorted(site.pages()) == ["/a", "/b", "/c", "/d"]
    assert set(site.peers()) == {ELSEWHERE}
    assert check_page.peers() == [DIRECT, ELSEWHERE]
    (row,) = of_pool(nodes)
    assert (row["exit_address"], row["failures"], row["last_error"]) == (ELSEWHERE, 0, None)
    assert row["latency_ms"] >= 0
    assert row["last_used_at"]


def test_a_check_is_trusted_for_recheck_s_and_made_again_after_that(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched, check_page: Watched
) -> None:
    add_proxies(new_proxy())
    add_node(nodes, site)
    begin(proxies__recheck_s=300)
    nodes.wait_for_ends("n")
    nodes.update("n", run_requested=True)
    nodes.wait_for_ends("n", 2)
    assert check_page.peers() == [DIRECT, ELSEWHERE]
    for table, column in (("proxies", "checked_at"), ("own_addresses", "seen_at")):
        statement = f"update {table} set {column} = {column} - interval '301 s'"  # noqa: S608 - the two above
        nodes.connection.execute(statement.encode())
    nodes.update("n", run_requested=True)
    nodes.wait_for_ends("n", 3)
    assert check_page.peers() == [DIRECT, ELSEWHERE] * 2


@pytest.mark.parametrize("leak", [{"exits_at": DIRECT}, {"tells": True}], ids=["exits_here", "tells_on_us"])
def test_a_proxy_that_shows_our_own_address_ends_the_run_before_anything_is_fetched(
    leak: dict[str, Any], begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched
) -> None:
    proxy = new_proxy(**leak)
    add_proxies(proxy)
    add_node(nodes, site)
    begin()
    (run,) = nodes.wait_for_ends("n")
    assert (run["cause"], run["outcome"]["leak"]) == ("blocked", True)
    assert f"http://{proxy.place} shows our own address {DIRECT}: nothing was fetched" in run["error"]
    assert site.asked == []
    (row,) = of_pool(nodes)
    assert row["failures"] == 1
    assert 50 < row["rest_s"] <= 60
    assert row["checked_at"] is None
    (line,) = nodes.connection.execute("select * from run_logs where event = 'proxy_leak'").fetchall()
    assert (line["level"], line["run_id"]) == ("error", run["id"])


def test_after_a_leak_the_next_attempt_takes_the_next_proxy(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched
) -> None:
    leaking, good = add_proxies(new_proxy(exits_at=DIRECT), new_proxy())
    add_node(nodes, site)
    begin(retry__attempts=2)
    first, second = nodes.wait_for_ends("n", 2)
    assert [(run["cause"], run["proxy_id"]) for run in (first, second)] == [("blocked", leaking), ("done", good)]
    assert set(site.peers()) == {ELSEWHERE}


def test_a_dead_proxy_is_set_aside_and_the_next_one_is_taken_at_once(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched
) -> None:
    proxies = new_proxy(), new_proxy()
    ids = add_proxies(*proxies)
    proxies[0].die()
    add_node(nodes, site)
    begin()
    (run,) = nodes.wait_for_ends("n")
    assert (run["cause"], run["proxy_id"]) == ("done", ids[1]), run["error"]
    dead, good = of_pool(nodes)
    assert (dead["failures"], good["failures"]) == (1, 0)
    assert dead["last_error"] == f"the proxy http://{proxies[0].place} cannot be used (connection refused)"


def test_with_all_proxies_aside_a_run_says_so_and_waits_for_the_first(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched
) -> None:
    proxies = new_proxy(), new_proxy()
    add_proxies(*proxies)
    for proxy in proxies:
        proxy.die()
    add_node(nodes, site)
    begin()
    (run,) = nodes.wait_for_ends("n")
    assert run["cause"] == "blocked"
    assert "all 2 proxies are quarantined, the first for another 60 s; see `supervisor proxies list`" in run["error"]
    assert 50 < run["outcome"]["wait_s"] <= 60
    assert site.asked == []


def test_a_proxy_that_dies_in_mid_run_ends_it_and_the_next_attempt_takes_another(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched
) -> None:
    dying, good = new_proxy(), new_proxy()
    ids = add_proxies(dying, good)
    dying.before = lambda target: dying.die() if target.endswith("/b") else None
    add_node(nodes, site)
    begin(retry__attempts=2)
    first, second = nodes.wait_for_ends("n", 2)
    assert [(run["cause"], run["proxy_id"]) for run in (first, second)] == list(
        zip(["blocked", "done"], ids, strict=True)
    )
    assert f"the proxy http://{dying.place} cannot be used" in first["error"]
    assert [row["failures"] for row in of_pool(nodes)] == [1, 0]
    breakers = nodes.connection.execute("select coalesce(sum(failures), 0) as n from circuit_breakers").fetchall()
    assert breakers == [{"n": 0}]
    assert set(site.peers()) == {ELSEWHERE}


def test_after_a_run_that_the_site_blocked_its_proxy_rests_and_the_next_attempt_takes_the_next(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched
) -> None:
    ids = add_proxies(new_proxy(exits_at="127.0.0.3"), new_proxy())
    site.answer = lambda asked: (451, "") if asked.peer == "127.0.0.3" else (200, asked.path)
    add_node(nodes, site)
    begin(retry__attempts=2)
    first, second = nodes.wait_for_ends("n", 2)
    assert [(run["cause"], run["proxy_id"]) for run in (first, second)] == list(
        zip(["blocked", "done"], ids, strict=True)
    )
    blocked, good = of_pool(nodes)
    assert 50 < blocked["rest_s"] <= 60
    assert blocked["last_error"].startswith(f"run {first['id']} was blocked: ")
    assert (good["failures"], good["quarantined_until"]) == (0, None)


def test_each_run_takes_the_next_proxy_and_two_at_once_different_ones(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched
) -> None:
    ids = add_proxies(new_proxy(), new_proxy(), new_proxy())
    for name in ("a", "b"):
        add_node(nodes, site, name)
    begin()
    both = [nodes.wait_for_ends(name)[0]["proxy_id"] for name in ("a", "b")]
    assert sorted(both) == ids[:2]
    taken = []
    for count in (2, 3, 4):
        nodes.update("a", run_requested=True)
        taken.append(nodes.wait_for_ends("a", count)[-1]["proxy_id"])
    assert taken == [ids[2], *both] or taken == [ids[2], *reversed(both)]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"proxies__check_url": "http://127.0.0.1:9/"}, "our own address cannot be learned from http://127.0.0.1:9/"),
        ({"proxies__check_url": ""}, "pool p cannot be verified: set proxies.check_url"),
    ],
)
def test_without_a_way_to_verify_nothing_is_fetched(
    flags: dict[str, Any],
    said: str,
    begin: Begin,
    nodes: Nodes,
    new_proxy: NewProxy,
    add_proxies: NewPool,
    site: Watched,
) -> None:
    proxy = new_proxy()
    add_proxies(proxy)
    add_node(nodes, site)
    begin(**flags)
    (run,) = nodes.wait_for_ends("n")
    assert run["cause"] == "blocked"
    assert said in run["error"]
    assert (site.asked, proxy.asked) == ([], [])
    assert [row["failures"] for row in of_pool(nodes)] == [0]


def test_our_own_address_may_be_configured_and_is_not_asked_for_then(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched, check_page: Watched
) -> None:
    add_proxies(new_proxy(exits_at="127.0.0.3"), new_proxy())
    add_node(nodes, site)
    nodes.connection.execute("insert into own_addresses (host, addresses) values ('here', '{127.0.0.9}')")  # long ago
    begin(proxies__own_address="127.0.0.3", retry__attempts=2, supervisor__host_id="here")
    first, second = nodes.wait_for_ends("n", 2)
    assert (first["outcome"]["leak"], second["cause"]) == (True, "done")
    assert check_page.peers() == ["127.0.0.3", ELSEWHERE]


def test_a_pool_without_a_proxy_fetches_nothing(begin: Begin, nodes: Nodes, site: Watched) -> None:
    add_node(nodes, site)
    begin()
    (run,) = nodes.wait_for_ends("n")
    assert run["error"].startswith("pool p has no proxy: add one with `supervisor proxies add p URL`")
    assert site.asked == []


def test_programs_get_the_proxy_in_their_environment_and_their_own_choice_wins(
    begin: Begin,
    nodes: Nodes,
    new_proxy: NewProxy,
    add_proxies: NewPool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "from the machine")
    proxy = new_proxy()
    add_proxies(proxy)
    code = (
        "import json, os; "
        "print(json.dumps({'stage': str(sorted((k, v) for k, v in os.environ.items() if 'PROXY' in k.upper()))}))"
    )
    argv = [sys.executable, "-c", code]
    nodes.add("pooled", "command", {"argv": argv}, proxy_pool="p")
    nodes.add("chooses", "command", {"argv": argv, "env": {"HTTPS_PROXY": "http://own"}}, proxy_pool="p")
    nodes.add("plain", "command", {"argv": argv})
    begin()
    (url, names) = (f"http://{proxy.place}", ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"))
    expected = sorted((form, url) for name in names for form in (name, name.lower()))
    assert nodes.wait_for_ends("pooled")[0]["stage"] == str(expected)
    chosen = sorted([pair for pair in expected if "S_" not in pair[0].upper()] + [("HTTPS_PROXY", "http://own")])
    assert nodes.wait_for_ends("chooses")[0]["stage"] == str(chosen)
    assert nodes.wait_for_ends("plain")[0]["stage"] == "[]"


def test_a_soft_stop_leaves_the_pool_as_it_was(
    begin: Begin, nodes: Nodes, new_proxy: NewProxy, add_proxies: NewPool, site: Watched
) -> None:
    add_proxies(new_proxy())
    stopped = threading.Event()
    site.answer = lambda asked: (200, asked.path if stopped.wait(10) else "")
    add_node(nodes, site)
    begin()
    wait_for(site.pages, 10, "a request at the site")
    nodes.update("n", stop_requested=True)
    (run,) = nodes.wait_for_ends("n")
    stopped.set()
    assert (run["status"], run["cause"]) == ("stopped", "requested")
    assert [(row["failures"], row["last_error"]) for row in of_pool(nodes)] == [(0, None)]
