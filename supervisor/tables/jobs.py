"""Queries on jobs."""

from __future__ import annotations

from typing import Any

from psycopg.rows import DictRow

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


def search_jobs(connection: Connection, **asked: Any) -> list[DictRow]:
    """Jobs that match, with rank, snippet and cursor. Raises psycopg.errors.InvalidParameterValue with a sentence."""
    return fetch_all(connection, _SQL["search_jobs"], **asked)


def clean_search(connection: Connection) -> int | None:
    """Sort waiting words into the index; answers how many pages they took, None: not ours to do."""
    row = fetch_one(connection, _SQL["clean_search"])
    return row["pages"] if row else None
