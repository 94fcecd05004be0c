"""Queries on dead_letters."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("dead_letters")


def list_dead_letters(connection: Connection, *, state: str | None, source: str | None, limit: int) -> list[DictRow]:
    """Letters of a state and of a node, None: of any; the newest dead tick first."""
    return fetch_all(connection, _SQL["list_dead_letters"], state=state, source=source, limit=limit)


def get_dead_letter(connection: Connection, letter_id: int) -> DictRow | None:
    """One letter with its node's state and what became of its retry."""
    return fetch_one(connection, _SQL["get_dead_letter"], id=letter_id)


def open_dead_letters(connection: Connection, source: str | None = None) -> list[DictRow]:
    """`id` and `source` of open letters, oldest first; at most one of a node."""
    return fetch_all(connection, _SQL["open_dead_letters"], source=source)


def retry_dead_letter(connection: Connection, letter_id: int, *, fresh: bool) -> DictRow | None:
    """Ask for the retry of an open letter; None: it was not open. `fresh`: from the beginning.

    Raises psycopg.errors.CheckViolation with a sentence where it cannot be.
    """
    return fetch_one(connection, _SQL["retry_dead_letter"], id=letter_id, fresh=fresh)


def discard_dead_letter(connection: Connection, letter_id: int) -> DictRow | None:
    """Close an open letter; None: it was not open."""
    return fetch_one(connection, _SQL["discard_dead_letter"], id=letter_id)
