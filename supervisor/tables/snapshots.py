"""Queries on node_snapshots and job_snapshots."""

from __future__ import annotations

from datetime import date

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("snapshots")


def take_daily_snapshots(connection: Connection, timezone: str) -> DictRow:
    """Take today's unless it is there: `snapshot_date`, and how many `rows` were inserted."""
    return fetch_one(connection, _SQL["take_daily_snapshots"], timezone=timezone) or {}


def read_today(connection: Connection, timezone: str, earliest: str) -> DictRow:
    """Today as `snapshot_date`, `created_at` of its snapshot or None, and the seconds until one is due, `due_in_s`.

    `earliest`: the time of day from which one is taken.
    """
    return fetch_one(connection, _SQL["read_today"], timezone=timezone, earliest=earliest) or {}


def read_day(connection: Connection, day: date) -> DictRow | None:
    """`created_at` and number of `rows` of a day's snapshot; None: there is none."""
    return fetch_one(connection, _SQL["read_day"], snapshot_date=day)


def missing_days(connection: Connection, timezone: str) -> list[date]:
    """Days without a snapshot between the first one and today."""
    return [row["day"] for row in fetch_all(connection, _SQL["missing_days"], timezone=timezone)]


def last_snapshot(connection: Connection) -> DictRow | None:
    """`snapshot_date` and `created_at` of the newest."""
    return fetch_one(connection, _SQL["last_snapshot"])


def node_history(connection: Connection, node: str, days: int, timezone: str) -> list[DictRow]:
    """A row for each of the last `days` days, oldest first; days that were not `taken` have no figures."""
    return fetch_all(connection, _SQL["node_history"], node=node, days=days, timezone=timezone)


def job_history(connection: Connection, source: str, days: int, timezone: str) -> list[DictRow]:
    """The same for the jobs of a source; "": of all."""
    return fetch_all(connection, _SQL["job_history"], source=source, days=days, timezone=timezone)
