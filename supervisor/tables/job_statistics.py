"""Queries that count jobs and what is known of them."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all

_SQL = queries.load("job_statistics")


def count_jobs_by_country(connection: Connection, source: str | None = None) -> list[DictRow]:
    """A row for each source, or that one, and country: jobs, new ones, and how many have each field."""
    return fetch_all(connection, _SQL["count_jobs_by_country"], source=source)


def list_unread_places(connection: Connection, source: str | None = None, *, most: int) -> list[DictRow]:
    """The most frequent places of each source that nobody could read, at most so many of each."""
    return fetch_all(connection, _SQL["list_unread_places"], source=source, most=most)


def list_unread_values(connection: Connection, source: str | None = None) -> list[DictRow]:
    """Dates that nobody could read; those that are not among the samples have the sample ''."""
    return fetch_all(connection, _SQL["list_unread_values"], source=source)
