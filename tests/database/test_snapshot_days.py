"""Whose day it is, when one is due, which days are missing, and the chore that looks after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from supervisor.config import load_config
from supervisor.snapshots import Snapshots
from supervisor.tables import snapshots
from tests.fix_database import Connection
from tests.fix_supervisor import Nodes
from tests.snapshot_rows import DAY, HOUR, ended, next_at, of_jobs, take
from workers import database, events


@pytest.fixture
def told() -> Iterator[Sequence[dict[str, Any]]]:
    """Facts of each `snapshot_taken`."""
    seen: list[dict[str, Any]] = []
    leave = events.subscribe(lambda name, facts: seen.append(facts) if name == "snapshot_taken" else None)
    yield seen
    leave()


@pytest.mark.parametrize(
    ("timezone", "day"),
    [
        ("UTC", "2026-03-28"),
        ("Pacific/Kiritimati", "2026-03-29"),  # 14 h ahead
        ("Etc/GMT+12", "2026-03-28"),
        ("Asia/Kolkata", "2026-03-29"),  # 5:30 h ahead
        ("Europe/Berlin", "2026-03-29"),
        ("America/New_York", "2026-03-28"),
    ],
)
def test_the_date_is_that_of_the_zone(connection: Connection, timezone: str, day: str) -> None:
    take(connection, datetime(2026, 3, 28, 23, 30, tzinfo=UTC), timezone)
    assert str(of_jobs(connection)["snapshot_date"]) == day


@pytest.mark.parametrize(
    ("timezone", "first", "days"),
    [
        ("UTC", "2026-02-27", 3),
        ("Europe/Berlin", "2026-03-28", 3),  # a day of 23 hours
        ("Europe/Berlin", "2026-10-24", 3),  # one of 25
        ("America/Havana", "2026-10-31", 3),  # its first hour comes twice
        ("Africa/Cairo", "2026-04-23", 3),  # its first hour does not exist
        ("Australia/Lord_Howe", "2026-04-04", 3),  # half an hour twice
        ("Pacific/Apia", "2011-12-28", 4),  # there was no 30th
    ],
)
def test_a_loop_that_looks_now_and_then_takes_each_date_once_and_in_time(
    connection: Connection, timezone: str, first: str, days: int
) -> None:
    zone = ZoneInfo(timezone)
    start = datetime.fromisoformat(first).replace(tzinfo=zone).astimezone(UTC)
    end = (datetime.fromisoformat(first) + days * DAY).replace(tzinfo=zone).astimezone(UTC)
    looked, taken = start, dict[date, datetime]()
    while looked < end:
        if next_at(connection, looked, timezone) <= looked:
            assert take(connection, looked, timezone) == 1
            taken[looked.astimezone(zone).date()] = looked
        looked += timedelta(minutes=20)
    lived = {(start + minutes * timedelta(minutes=20)).astimezone(zone).date() for minutes in range(72 * (days + 1))}
    assert sorted(taken) == sorted(day for day in lived if day < end.astimezone(zone).date())
    for day, at in taken.items():
        local = at.astimezone(zone)
        assert local.replace(tzinfo=None) - datetime.combine(day, datetime.min.time()) < 2 * HOUR, (day, local)
    stored = connection.execute("select snapshot_date from job_snapshots order by 1").fetchall()
    assert [row["snapshot_date"] for row in stored] == sorted(taken)


def test_one_is_due_from_its_time_on_and_then_again_tomorrow(connection: Connection) -> None:
    just_before, due = datetime(2026, 5, 9, 22, 4, tzinfo=UTC), datetime(2026, 5, 9, 22, 5, tzinfo=UTC)
    assert next_at(connection, just_before, "Europe/Berlin") == due
    assert next_at(connection, due + 9 * HOUR, "Europe/Berlin") == due  # still, when nobody was awake
    take(connection, due + 9 * HOUR, "Europe/Berlin")
    assert next_at(connection, due + 9 * HOUR, "Europe/Berlin") == due + DAY


def test_missing_days_are_named_and_days_that_never_were_are_not(connection: Connection) -> None:
    assert snapshots.missing_days(connection, "UTC") == []
    today = datetime.now(UTC)
    for days in (6, 3, 0):
        take(connection, today - days * DAY)
    missing = [(today - days * DAY).date() for days in (5, 4, 2, 1)]
    assert snapshots.missing_days(connection, "UTC") == missing
    connection.execute("delete from job_snapshots where snapshot_date = %s", (today.date(),))
    assert snapshots.missing_days(connection, "UTC") == missing  # today is not over
    take(connection, datetime(2011, 12, 29, 12, tzinfo=UTC), "Pacific/Apia")
    named = snapshots.missing_days(connection, "Pacific/Apia")
    assert date(2011, 12, 31) in named
    assert date(2011, 12, 30) not in named


def test_history_shows_gaps_as_gaps(connection: Connection, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:pages")
    now = datetime.now(UTC)
    ended(connection, node_id, now - 3 * DAY - HOUR)
    take(connection, now - 3 * DAY)
    take(connection, now)
    rows = snapshots.node_history(connection, "n", 5, "UTC")
    assert [row["snapshot_date"] for row in rows] == [(now - days * DAY).date() for days in (4, 3, 2, 1, 0)]
    assert [(row["taken"], row["runs_count"]) for row in rows] == [
        (False, None),
        (True, 1),
        (False, None),
        (False, None),
        (True, 0),
    ]
    nodes.add("new", "zoo:pages")  # a day that was taken before it was there: no gap, and no figures either
    assert [(row["taken"], row["runs_count"]) for row in snapshots.node_history(connection, "new", 1, "UTC")] == [
        (True, None)
    ]
    of_all = snapshots.job_history(connection, "", 3, "UTC")
    assert [(row["taken"], row["jobs_count"]) for row in of_all] == [(False, None), (False, None), (True, 0)]


def test_a_zone_that_the_database_does_not_know_is_an_error_and_takes_nothing(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="Mars"):
        connection.execute("select take_daily_snapshots('Mars/Olympus')")
    assert connection.execute("table job_snapshots").fetchall() == []


def test_the_chore_takes_one_and_asks_no_more_while_it_knows(database_url: str, told: Sequence[dict[str, Any]]) -> None:
    chore = Snapshots(load_config(environ={}, flags={"snapshots.at": "00:00"}))
    with database.connect(database_url) as connection:
        chore.tend(connection)
        found = snapshots.last_snapshot(connection)
    assert found is not None
    assert told == [{"date": str(found["snapshot_date"]), "rows": 1}]
    chore.tend(connection)  # which is closed: a statement would raise


def test_before_its_time_the_chore_takes_none(connection: Connection, told: Sequence[dict[str, Any]]) -> None:
    somewhere = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # where it is about noon
    chore = Snapshots(load_config(environ={}, flags={"snapshots.at": "23:59", "snapshots.timezone": somewhere}))
    chore.tend(connection)
    assert not told
    assert snapshots.last_snapshot(connection) is None


def test_after_a_failure_the_chore_does_not_ask_at_every_look(database_url: str) -> None:
    chore = Snapshots(load_config(environ={}, flags={"snapshots.at": "00:00"}))
    with database.connect(database_url) as connection:
        connection.execute("drop table node_snapshots")
        with pytest.raises(psycopg.errors.UndefinedTable):
            chore.tend(connection)
        chore.tend(connection)
