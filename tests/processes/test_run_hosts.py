"""Scrapes of several processes at one host: one gap, one robots.txt, one circuit breaker for all of them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.fix_hosts import WatchedSite
from tests.fix_supervisor import Connection, Nodes, Start
from tests.wait import wait_for

NewSite = Callable[..., WatchedSite]
GAP_S, LATE_S = 0.6, 0.2  # by so much a busy machine may send later than its turn: nobody can promise that away
WALKS = "wayfarer:walks"


def breaker(connection: Connection, site: WatchedSite) -> DictRow | None:
    return connection.execute("select * from circuit_breakers where host = %s", (site.host,)).fetchone()


def state(connection: Connection, site: WatchedSite) -> str | None:
    row = breaker(connection, site)
    return row["state"] if row else None


def said(connection: Connection, event: str) -> list[DictRow]:
    return connection.execute("select * from run_logs where event = %s order by id", (event,)).fetchall()


def test_four_scrapes_keep_one_gap_between_them_and_a_queue_is_no_standstill(
    supervise: Start, nodes: Nodes, connection: Connection, watched_site: NewSite
) -> None:
    site = watched_site({"/robots.txt": "User-agent: *\nDisallow: /x"} | {f"/{n}": "ok" for n in range(2)})
    for n in range(4):
        limits = {"gap_s": GAP_S, "gap_jitter_s": 0.05, "stall_s": 1.5}
        nodes.add(f"n{n}", WALKS, {"urls": [f"{site.url}/0"], "more": [f"{site.url}/1"]}, **limits)
    supervise(fetch__user_agent="testbot/2", fetch__contact="me@example.org")
    for n in range(4):
        (run,) = nodes.wait_for_ends(f"n{n}", limit_s=30)
        assert (run["status"], run["cause"]) == ("ok", "done"), run["error"]
        assert nodes.get(f"n{n}")["entry_host"] == site.host
    assert len(site.calls) == 9, "four times two pages, and robots.txt once"
    assert min(site.pauses()) >= GAP_S - LATE_S, site.pauses()
    assert {call.agent for call in site.calls} == {"testbot/2 (+me@example.org)"}
    row = connection.execute("select * from robots").fetchone()
    assert row is not None
    assert (row["origin"], row["http_status"]) == (site.url, 200)
    assert (row["expires_at"] - row["fetched_at"]).total_seconds() == pytest.approx(86_400, abs=1)


def test_a_crawl_delay_holds_for_all_and_what_is_not_allowed_is_not_asked_for(
    supervise: Start, nodes: Nodes, connection: Connection, watched_site: NewSite
) -> None:
    site = watched_site({"/robots.txt": "User-agent: *\nDisallow: /no\nCrawl-delay: 0.7", "/yes": "ok", "/no": "ok"})
    nodes.add("first", WALKS, {"urls": [f"{site.url}/yes"]})
    supervise()
    nodes.wait_for_ends("first")
    for name in ("second", "third"):
        nodes.add(name, WALKS, {"urls": [f"{site.url}/yes"] * 2})
    nodes.add("rude", WALKS, {"urls": [f"{site.url}/no"]}, max_attempts=1)
    (rude,) = nodes.wait_for_ends("rude")
    assert (rude["status"], rude["cause"]) == ("error", "blocked")
    assert "robots.txt of 127.0.0.1" in rude["error"]
    pages = connection.execute("select url, status, http_status from run_pages where run_id = %s", (rude["id"],))
    assert pages.fetchall() == [{"url": f"{site.url}/no", "status": "blocked", "http_status": None}]
    for name in ("second", "third"):
        assert nodes.wait_for_ends(name)[0]["cause"] == "done"
    assert site.paths() == ["/yes"] * 5
    assert min(site.pauses()[1:]) >= 0.7 - LATE_S, site.pauses()


def test_a_host_that_asks_for_a_pause_gets_it_from_everybody(
    supervise: Start, nodes: Nodes, watched_site: NewSite
) -> None:
    site = watched_site({"/busy": 429, "/ok": "ok"})
    site.headers["Retry-After"] = "900"
    supervise(fetch__robots=False)
    nodes.add("first", WALKS, {"urls": [f"{site.url}/busy"]}, max_attempts=1)
    (first,) = nodes.wait_for_ends("first")
    assert "HTTP 429 Too Many Requests, to be asked again only after 900 s" in first["error"]
    assert first["outcome"]["wait_s"] == 900
    nodes.add("second", WALKS, {"urls": [f"{site.url}/ok"]}, max_attempts=1)
    (second,) = nodes.wait_for_ends("second")
    assert (second["cause"], second["error"].startswith(f"{site.host} asked to be left alone")) == ("blocked", True)
    assert 800 < second["outcome"]["wait_s"] <= 900
    assert site.paths() == ["/busy"]


def test_five_failures_of_a_host_and_nothing_else_open_its_breaker_until_it_answers_again(
    supervise: Start, nodes: Nodes, connection: Connection, watched_site: NewSite
) -> None:
    site = watched_site({"/no": 403, "/odd": b'{"json": 1}', "/good": "ok"})
    supervise()
    for n in range(4):
        nodes.add(f"fails{n}", WALKS, {"urls": [f"{site.url}/no"]}, max_attempts=1)
    nodes.add("missing", WALKS, {"urls": [f"{site.url}/missing"]}, max_attempts=1)
    nodes.add("unread", "html", {"start": f"{site.url}/odd", "items": "li"}, max_attempts=1)
    for name in ("fails0", "fails1", "fails2", "fails3", "missing", "unread"):
        assert nodes.wait_for_ends(name)[0]["status"] == "error"
    assert (breaker(connection, site) or {}).items() >= {"state": "closed", "failures": 4}.items()

    nodes.add("fails4", WALKS, {"urls": [f"{site.url}/no"]}, max_attempts=1)
    (last,) = nodes.wait_for_ends("fails4")
    assert (breaker(connection, site) or {}).items() >= {"state": "open", "opened_by_run_id": last["id"]}.items()
    (line,) = said(connection, "breaker_opened")
    assert (line["run_id"], line["level"], line["facts"]["host"]) == (last["id"], "warning", site.host)

    asked = len(site.calls)
    nodes.add("late", WALKS, {"urls": [f"{site.url}/good"]})
    late = nodes.wait_for_ends("late")[0]
    assert (late["cause"], late["outcome"]["breaker_host"]) == ("blocked", site.host)
    assert f"the circuit breaker of {site.host} is open" in late["error"]
    waiting = nodes.wait_for_status("late", "waiting")
    wait_for(lambda: nodes.get("late")["waiting_cause"] == "breaker_open", 5, "it waits for the breaker")
    assert waiting["entry_host"] == site.host
    assert len(site.calls) == asked, "nothing is sent to a host that is left alone"

    connection.execute("update circuit_breakers set open_until = clock_timestamp()")
    good = nodes.wait_for_ends("late", 2)[-1]
    assert (good["cause"], good["attempt"]) == ("done", 1), "the breaker has cost it no attempt"
    assert state(connection, site) == "closed"
    assert [line["run_id"] for line in said(connection, "breaker_closed")] == [good["id"]]


def test_one_of_ten_scrapes_tries_an_open_host_again_and_its_death_leaves_that_to_the_next(
    supervise: Start, nodes: Nodes, connection: Connection, watched_site: NewSite
) -> None:
    answers = threading.Event()

    def slow() -> str:
        answers.wait(20)
        return "ok"

    site = watched_site({"/slow": slow})
    connection.execute(
        "insert into circuit_breakers (host, state, open_until) values (%s, 'open', clock_timestamp())", (site.host,)
    )
    for n in range(10):
        nodes.add(f"n{n}", WALKS, {"urls": [f"{site.url}/slow"]})
    try:
        supervise(fetch__robots=False, supervisor__max_concurrent=20, retry__attempts=9)
        wait_for(lambda: len(ended(connection)) >= 9, 30, "nine have met an open breaker")
        assert {run["outcome"]["breaker_host"] for run in ended(connection)} == {site.host}
        assert site.paths() == ["/slow"]
        (probe,) = connection.execute("select * from scrape_runs where finished_at is null").fetchall()
        assert (breaker(connection, site) or {}).items() >= {"state": "half_open", "probe_run_id": probe["id"]}.items()

        os.kill(probe["pid"], signal.SIGKILL)
        wait_for(lambda: len(site.calls) == 2, 10, "another one tries")
        row = breaker(connection, site)
        assert row is not None
        assert (row["state"], row["probe_run_id"] != probe["id"]) == ("half_open", True)
        answers.set()
        for n in range(10):
            wait_for(lambda n=n: nodes.last(f"n{n}")["cause"] == "done", 20, f"n{n} is done")  # type: ignore[misc] # binds n
        assert state(connection, site) == "closed"
    finally:
        answers.set()


def ended(connection: Connection) -> list[DictRow]:
    return connection.execute("select * from scrape_runs where finished_at is not null").fetchall()


def test_postings_whose_pages_met_an_open_breaker_are_not_lost_as_a_good_run(
    supervise: Start, nodes: Nodes, connection: Connection, watched_site: NewSite
) -> None:
    items = "".join(f"<li><a href=/job/{n}>Job {n}</a></li>" for n in range(8))
    # The first one is well: if all failed, the run would fail anyhow.
    pages: dict[str, Any] = {f"/job/{n}": 500 if n else "<b>Acme</b>" for n in range(8)}
    site = watched_site({"/list": f"<ul>{items}</ul>", **pages})
    params = {"start": f"{site.url}/list", "items": "li", "link": "a", "fields": {"title": "a"},
              "detail": {"company": "b"}, "at_once": 2}  # fmt: skip
    nodes.add("board", "html", params)
    supervise(breaker__failures=2, fetch__robots=False)
    first = nodes.wait_for_ends("board", limit_s=20)[0]
    assert (first["cause"], first["outcome"]["breaker_host"]) == ("blocked", site.host)
    assert nodes.jobs() == 0
    site.pages.update(dict.fromkeys(pages, "<b>Acme</b>"))
    connection.execute("update circuit_breakers set state = 'closed'")
    second = nodes.wait_for_ends("board", 2)[-1]
    assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1)
    assert nodes.jobs() == 8
