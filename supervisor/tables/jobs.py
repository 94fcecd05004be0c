"""Queries on jobs."""

from __future__ import annotations

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("jobs")


def count_jobs(connection: Connection) -> dict[str, int]:
    """Source → jobs it stored first."""
    return {row["source"]: row["jobs"] for row in fetch_all(connection, _SQL["count_jobs"])}


def total_jobs(connection: Connection) -> int:
    """How many jobs there are."""
    row = fetch_one(connection, _SQL["total_jobs"])
    return int(row["jobs"]) if row else 0
