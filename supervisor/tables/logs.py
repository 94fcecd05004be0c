"""Queries on run_logs."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all

_SQL = queries.load("logs")


def read_logs(
    connection: Connection, *, source: str | None = None, run_id: int | None = None, after: int = 0, limit: int = 200
) -> list[DictRow]:
    """The newest lines after an id, oldest first."""
    return fetch_all(connection, _SQL["read_logs"], source=source, run_id=run_id, after=after, limit=limit)


def follow_logs(
    connection: Connection, *, after: int, source: str | None = None, run_id: int | None = None, limit: int = 5_000
) -> list[DictRow]:
    """The next lines after an id, oldest first."""
    return fetch_all(connection, _SQL["follow_logs"], source=source, run_id=run_id, after=after, limit=limit)
