"""Queries on run_pages."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all

_SQL = queries.load("pages")
STATUSES = ("ok", "unchanged", "blocked", "error")


def list_pages(
    connection: Connection, run_id: int, *, status: str | None = None, after: int = 0, limit: int = 100
) -> list[DictRow]:
    """The next pages of a run behind the id `after`; the last one's id leads to those behind it."""
    statuses = list(STATUSES) if status is None else [status]
    return fetch_all(connection, _SQL["list_pages"], run_id=run_id, statuses=statuses, after=after, limit=limit)
