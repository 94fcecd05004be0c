"""Proxies as rows: whose turn it is, how long one is set aside, and what makes a check worth nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from tests.fix_claims import Hand, another_hand, fenced, refused_by
from tests.fix_database import Connection, connect

AddProxies = Callable[[int], list[int]]


@pytest.fixture
def add_proxies(connection: Connection) -> AddProxies:
    """Adds that many to pool `p`."""

    def add(count: int) -> list[int]:
        connection.execute(
            "insert into proxies (pool, url) select 'p', 'http://127.0.0.1:' || n from generate_series(1, %s) n",
            (count,),
        )
        return [row["id"] for row in connection.execute("select id from proxies order by id")]

    return add


def take(hand: Hand, claim: DictRow, recheck_s: float = 300.0) -> DictRow:
    row = hand._scrape("take_proxy", claim, pool="p", recheck_s=recheck_s)
    assert row is not None
    return row


def note(hand: Hand, claim: DictRow, proxy_id: int, error: str | None = None, **seen: Any) -> None:
    facts = {"latency_ms": None, "exit_address": None, "own_addresses": None, **seen}
    hand._scrape("note_run_proxy", claim, proxy_id=proxy_id, error=error, **facts)


def proxy(hand: Hand, proxy_id: int) -> DictRow:
    return hand.value(
        "select *, extract(epoch from quarantined_until - clock_timestamp())::float8 as rest_s"
        " from proxies where id = %s",
        proxy_id,
    )


def rest_is_over(hand: Hand, proxy_id: int) -> None:
    hand.connection.execute("update proxies set quarantined_until = clock_timestamp() where id = %s", (proxy_id,))


def blocked(hand: Hand, claim: DictRow, http_status: int | None) -> None:
    """The run ends blocked, with such a page."""
    fetches = json.dumps([{"url": "http://x/", "status": "blocked", "http_status": http_status, "error": "no"}])
    hand._scrape("finish_run", claim, outcome='{"status": "error", "cause": "blocked"}', fetches=fetches)
    hand.close(claim, "error", "blocked", "end")


def test_proxies_are_taken_in_turn_and_the_run_remembers_its_own(hand: Hand, add_proxies: AddProxies) -> None:
    ids = add_proxies(3)
    claims = [hand.start(name) for name in "abcd"]
    assert [take(hand, claim)["id"] for claim in claims] == [*ids, ids[0]]
    assert [hand.run(claim)["proxy_id"] for claim in claims] == [*ids, ids[0]]


def test_runs_that_ask_at_the_same_moment_get_different_proxies(
    hand: Hand, add_proxies: AddProxies, database_url: str
) -> None:
    ids = add_proxies(8)
    claims = [hand.start(f"n{number}") for number in range(8)]
    for _ in range(5):
        together = threading.Barrier(8)

        def asks(claim: DictRow, together: threading.Barrier = together) -> int:
            other = another_hand(database_url)
            with other.connection:
                together.wait()
                return int(take(other, claim)["id"])

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(asks, claims)) == ids


def test_a_proxy_that_a_person_holds_is_passed_over(hand: Hand, add_proxies: AddProxies, database_url: str) -> None:
    ids = add_proxies(2)
    claim = hand.start("n")
    with connect(database_url) as person, person.transaction():
        person.execute("update proxies set pool = 'p' where id = %s", (ids[0],))
        assert take(hand, claim)["id"] == ids[1]


def test_where_the_only_proxy_is_held_the_answer_is_an_error_that_passes(
    hand: Hand, add_proxies: AddProxies, database_url: str
) -> None:
    (proxy_id,) = add_proxies(1)
    claim = hand.start("n")
    with connect(database_url) as person, person.transaction():
        person.execute("update proxies set pool = 'p' where id = %s", (proxy_id,))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            take(hand, claim)
    assert take(hand, claim)["id"] == proxy_id


def test_what_is_disabled_or_set_aside_is_not_taken_and_the_rest_is_counted(
    hand: Hand, add_proxies: AddProxies
) -> None:
    ids = add_proxies(3)
    hand.connection.execute("update proxies set enabled = false where id = %s", (ids[0],))
    for number, proxy_id in enumerate(ids[1:], 1):
        hand.connection.execute(
            "update proxies set quarantined_until = clock_timestamp() + make_interval(mins => %s) where id = %s",
            (number, proxy_id),
        )
    claim = hand.start("n")
    row = take(hand, claim)
    assert (row["id"], row["known"]) == (None, 2)
    assert 55 < row["wait_s"] <= 60
    hand.connection.execute("update proxies set quarantined_until = null where id = %s", (ids[2],))  # as a person would
    assert take(hand, claim)["id"] == ids[2]


def test_a_closed_run_takes_no_proxy(hand: Hand, add_proxies: AddProxies) -> None:
    add_proxies(1)
    claim = hand.start("n")
    hand.done(claim)
    with fenced():
        take(hand, claim)


def test_a_quarantine_doubles_from_a_minute_to_half_an_hour_and_is_not_prolonged(
    hand: Hand, add_proxies: AddProxies
) -> None:
    (proxy_id,) = add_proxies(1)
    claim = hand.start("n")
    rests = []
    for failure in range(8):
        note(hand, claim, proxy_id, f"failure {failure}")
        note(hand, claim, proxy_id, f"failure {failure} again")
        rests.append(round(proxy(hand, proxy_id)["rest_s"]))
        rest_is_over(hand, proxy_id)
    assert rests == [60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert (proxy(hand, proxy_id)["failures"], proxy(hand, proxy_id)["last_error"]) == (8, "failure 7 again")


def test_only_a_run_that_ends_well_or_a_person_begins_the_count_anew(hand: Hand, add_proxies: AddProxies) -> None:
    (proxy_id,) = add_proxies(1)
    first, second = hand.start("a"), hand.start("b")
    note(hand, first, proxy_id, "no answer")
    rest_is_over(hand, proxy_id)
    take(hand, second)
    note(hand, second, proxy_id, exit_address="127.0.0.2", latency_ms=3)
    assert (proxy(hand, proxy_id)["failures"], proxy(hand, proxy_id)["last_error"]) == (1, "no answer")
    hand.done(second)
    assert (proxy(hand, proxy_id)["failures"], proxy(hand, proxy_id)["last_error"]) == (0, None)


def test_a_run_that_the_site_refused_sets_its_proxy_aside_and_one_that_robots_refused_does_not(
    hand: Hand, add_proxies: AddProxies
) -> None:
    ids = add_proxies(2)
    for name, status in (("robots", None), ("site", 403)):
        claim = hand.start(name)
        take(hand, claim)
        note(hand, claim, hand.run(claim)["proxy_id"], exit_address="127.0.0.2", latency_ms=3)
        blocked(hand, claim, status)
    by_robots, by_site = (proxy(hand, proxy_id) for proxy_id in ids)
    assert (by_robots["failures"], by_robots["quarantined_until"]) == (0, None)
    assert (by_site["failures"], round(by_site["rest_s"])) == (1, 60)
    assert by_site["last_error"].endswith("was blocked: ended: blocked")
    assert by_site["checked_at"] is not None  # it answers and it hides us: only that site is tired of it


def test_a_proxy_that_a_person_holds_keeps_no_run_open(hand: Hand, add_proxies: AddProxies, database_url: str) -> None:
    (proxy_id,) = add_proxies(1)
    claim = hand.start("n")
    take(hand, claim)
    with connect(database_url) as person, person.transaction():
        person.execute("update proxies set pool = 'p' where id = %s", (proxy_id,))
        blocked(hand, claim, 403)
    assert hand.run(claim)["finished_at"] is not None


def test_a_check_is_trusted_only_while_fresh_on_the_same_machine_and_for_the_same_address(
    hand: Hand, add_proxies: AddProxies
) -> None:
    (proxy_id,) = add_proxies(1)
    here, there = hand.start("here"), hand.claimed(hand._nodes.add("there", "zoo:any"), host="there")
    assert hand.begin(there)

    def fresh(claim: DictRow) -> tuple[bool, Any]:
        row = take(hand, claim)
        return row["is_fresh"], row["own_addresses"]

    assert fresh(here) == (False, None)
    note(hand, here, proxy_id, exit_address="127.0.0.2", latency_ms=3, own_addresses=["127.0.0.1"])
    assert fresh(here) == (True, ["127.0.0.1"])
    assert fresh(there) == (False, None)
    assert not take(hand, here, recheck_s=0)["is_fresh"]
    note(hand, here, proxy_id, "it went away")
    rest_is_over(hand, proxy_id)
    assert fresh(here) == (False, ["127.0.0.1"])
    note(hand, here, proxy_id, exit_address="127.0.0.2", latency_ms=3)
    assert fresh(here)[0]
    hand.connection.execute("update proxies set url = url || '1' where id = %s", (proxy_id,))
    assert fresh(here) == (False, ["127.0.0.1"])
    assert proxy(hand, proxy_id)["failures"] == 0


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("url", "socks5://127.0.0.1:1", "proxies_url_http"),
        ("url", "127.0.0.1:1", "proxies_url_http"),
        ("url", "http://127.0.0.1:1/path", "proxies_url_http"),
        ("pool", " ", "proxies_pool_printable"),
        ("failures", -1, "proxies_failures_not_negative"),
        ("quarantined_until", "infinity", "proxies_times_readable"),
    ],
)
def test_a_row_that_could_never_be_used_is_refused(
    column: str, value: Any, constraint: str, hand: Hand, add_proxies: AddProxies
) -> None:
    add_proxies(1)
    with refused_by(constraint):
        hand.connection.execute(f"update proxies set {column} = %s".encode(), (value,))  # noqa: S608 - the columns above


def test_a_proxy_is_in_a_pool_once_and_its_runs_outlive_it(hand: Hand, add_proxies: AddProxies) -> None:
    (proxy_id,) = add_proxies(1)
    with refused_by("proxies_pool_url_key"):
        add_proxies(1)
    claim = hand.start("n")
    take(hand, claim)
    hand.connection.execute("delete from proxies where id = %s", (proxy_id,))
    assert hand.run(claim)["proxy_id"] is None
