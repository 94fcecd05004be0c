"""What only rows tell: breakers that opened and nodes that wait for long, each told once by one supervisor."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from supervisor.config import Config
from supervisor.troubles import LONG_WAIT_S, Troubles
from tests.fix_claims import Hand
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes
from workers import events

Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def told() -> Iterator[Told]:
    """All events of the test."""
    heard: Told = []
    unsubscribe = events.subscribe(lambda name, facts: heard.append((name, facts)))
    yield heard
    unsubscribe()


@pytest.fixture
def opened(connection: Connection, hand: Hand) -> Callable[..., int]:
    """Opens a breaker as a run of the hand's supervisor would; answers the run."""

    def opens(host: str, *, ago_s: float = 0, openings: int = 1) -> int:
        run_id: int = hand.start(f"reads {host} {uuid.uuid4().hex[:4]}")["run_id"]
        connection.execute(
            "insert into circuit_breakers as b (host, state, failures, opened_at, open_until, openings, last_error,"
            " opened_by_run_id) values (%(host)s, 'open', 5, clock_timestamp() - %(ago)s,"
            " clock_timestamp() - %(ago)s + interval '60 s', %(openings)s, 'it answered 503', %(run_id)s)"
            " on conflict (host) do update set state = 'open', opened_at = excluded.opened_at,"
            " open_until = excluded.open_until, openings = excluded.openings, opened_by_run_id = %(run_id)s",
            {"host": host, "ago": timedelta(seconds=ago_s), "openings": openings, "run_id": run_id},
        )
        return run_id

    return opens


def of_hosts(told: Told) -> list[str]:
    return [facts["host"] for name, facts in told if name == "breaker_opened"]


def test_a_breaker_that_opened_is_told_once_by_the_supervisor_whose_run_did_it(
    connection: Connection, hand: Hand, told: Told, opened: Callable[..., int]
) -> None:
    run_id = opened("down.test")
    mine, other = (Troubles(Config(), each) for each in (hand.supervisor_id, str(uuid.uuid4())))
    other.tend(connection)
    assert told == []
    mine.tend(connection)
    mine.tend(connection)
    ((name, facts),) = told
    assert name == "breaker_opened"
    assert (facts["host"], facts["run_id"], facts["failures"]) == ("down.test", run_id, 5)
    assert facts["open_s"] == 60
    assert facts["error"] == "it answered 503"


def test_one_that_died_before_it_told_is_stood_in_for_after_a_minute(
    connection: Connection, told: Told, opened: Callable[..., int]
) -> None:
    opened("down.test", ago_s=50)
    opened("longer.test", ago_s=70)
    Troubles(Config(), str(uuid.uuid4())).tend(connection)
    assert of_hosts(told) == ["longer.test"]


def test_many_supervisors_that_look_at_once_tell_each_thing_once(
    database_url: str, nodes: Nodes, told: Told, opened: Callable[..., int]
) -> None:
    for number in range(10):
        opened(f"h{number}.test", ago_s=70)
        waits(nodes, f"w{number}", LONG_WAIT_S + 5)

    def look(supervisor_id: str) -> None:
        with connect(database_url) as connection:
            Troubles(Config(), supervisor_id).tend(connection)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, [str(uuid.uuid4()) for _ in range(8)]))
    assert sorted(of_hosts(told)) == [f"h{number}.test" for number in range(10)]
    assert sorted(facts["node"] for name, facts in told if name == "memory_awaited") == [f"w{n}" for n in range(10)]


def test_a_host_that_stays_away_is_told_of_once_an_hour_and_one_that_came_back_anew(
    connection: Connection, hand: Hand, told: Told, opened: Callable[..., int]
) -> None:
    troubles = Troubles(Config(), hand.supervisor_id)
    opened("down.test", ago_s=3)
    troubles.tend(connection)
    opened("down.test", ago_s=2, openings=2)
    troubles.tend(connection)
    assert of_hosts(told) == ["down.test"]
    connection.execute("update alerts_told set told_at = told_at - interval '61 minutes'")
    troubles.tend(connection)
    assert of_hosts(told) == ["down.test"] * 2
    opened("down.test", ago_s=1, openings=1)
    troubles.tend(connection)
    assert of_hosts(told) == ["down.test"] * 3


def test_a_breaker_that_a_person_opened_or_that_opened_long_ago_is_no_news(
    connection: Connection, hand: Hand, told: Told, opened: Callable[..., int]
) -> None:
    opened("yesterday.test", ago_s=86_400)
    connection.execute(
        "insert into circuit_breakers (host, state, opened_at)"
        " values ('by-hand.test', 'open', clock_timestamp() - interval '2 minutes')"
    )
    Troubles(Config(), hand.supervisor_id).tend(connection)
    assert told == []


def waits(nodes: Nodes, name: str, seconds: float, cause: str = "no_memory", status: str = "waiting") -> None:
    """A node that has waited that long."""
    nodes.add(name, "zoo:pages", schedule="every 1h")
    nodes.connection.execute(
        "update nodes set status = %s, waiting_cause = %s, status_reason = 'memory: 200 MB are needed',"
        " waiting_since = clock_timestamp() - %s where name = %s",
        (status, cause, timedelta(seconds=seconds), name),
    )


def test_who_waits_for_memory_over_15_minutes_is_told_of_once_for_each_wait(
    connection: Connection, nodes: Nodes, told: Told
) -> None:
    waits(nodes, "long", 905)
    waits(nodes, "short", 895)
    waits(nodes, "slot", 905, cause="no_slot")
    waits(nodes, "ran since", 905, status="running")
    troubles = Troubles(Config(), str(uuid.uuid4()))
    troubles.tend(connection)
    troubles.tend(connection)
    assert told == [
        ("memory_awaited", {"node": "long", "waited_min": 15, "reason": "memory: 200 MB are needed"}),
    ]
    nodes.update("long", status="idle")
    waits(nodes, "again", 2_000)
    troubles.tend(connection)
    assert [facts["node"] for _, facts in told] == ["long", "again"]


def test_what_was_told_a_month_ago_is_forgotten(connection: Connection) -> None:
    connection.execute(
        "insert into alerts_told (kind, subject, happened_at, told_at) values"
        " ('breaker_opened', 'old', clock_timestamp(), clock_timestamp() - interval '31 days'),"
        " ('breaker_opened', 'new', clock_timestamp(), clock_timestamp() - interval '29 days')"
    )
    Troubles(Config(), str(uuid.uuid4())).tend(connection)
    assert [row["subject"] for row in connection.execute("select subject from alerts_told").fetchall()] == ["new"]
