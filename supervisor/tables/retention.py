"""Statements that delete old rows, a batch at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_one

_SQL = queries.load("retention")
_AGES_AGO = "-infinity"


def be_brief(connection: Connection) -> None:
    """Let nothing in the present transaction take long or wait for anybody."""
    connection.execute(_SQL["be_brief"])


def delete_old_logs(connection: Connection, *, days: int, most: int, last_id: int = 0) -> DictRow:
    """Lines of logs among the next rows behind `last_id`."""
    return _batch(connection, _SQL["delete_old_logs"], days=days, most=most, after=last_id)


def delete_old_pages(connection: Connection, *, days: int, most: int, last_id: int = 0) -> DictRow:
    """Pages that runs fetched among the next rows behind `last_id`."""
    return _batch(connection, _SQL["delete_old_pages"], days=days, most=most, after=last_id)


def delete_old_samples(
    connection: Connection, *, days: int, most: int, last_id: int = 0, last_at: datetime | str = _AGES_AGO
) -> DictRow:
    """Samples of memory among the next rows behind that run and time."""
    return _batch(connection, _SQL["delete_old_samples"], days=days, most=most, after=last_id, after_at=last_at)


def delete_old_runs(connection: Connection, *, days: int, most: int, last_id: int = 0) -> DictRow:
    """Runs among the next rows behind `last_id`; `details` of them that went first."""
    return _batch(connection, _SQL["delete_old_runs"], days=days, most=most, after=last_id)


def delete_old_jobs(connection: Connection, *, days: int, most: int, last_id: int = 0) -> DictRow:
    """Jobs unseen for so long among the next rows behind `last_id`."""
    return _batch(connection, _SQL["delete_old_jobs"], days=days, most=most, after=last_id)


def delete_old_kept_pages(
    connection: Connection, *, days: int, most: int, last_id: int = 0, last_url: str = ""
) -> DictRow:
    """Kept pages that were of no use for so long, among the next rows behind that node and URL."""
    return _batch(connection, _SQL["delete_old_kept_pages"], days=days, most=most, after=last_id, after_url=last_url)


def delete_old_supervisors(connection: Connection, *, days: int, most: int) -> DictRow:
    """Supervisors that are gone."""
    return _batch(connection, _SQL["delete_old_supervisors"], days=days, most=most)


def delete_old_hosts(connection: Connection, *, most: int) -> DictRow:
    """What is known of hosts that nobody has asked for long."""
    return _batch(connection, _SQL["delete_old_hosts"], most=most)


def delete_old_unread(connection: Connection, *, days: int, most: int) -> DictRow:
    """Samples of dates that could not be read, not met for so long."""
    return _batch(connection, _SQL["delete_old_unread"], days=days, most=most)


def _batch(connection: Connection, query: bytes, **parameters: Any) -> DictRow:
    return fetch_one(connection, query, **parameters) or {"deleted": 0}
