"""Queries about the connection itself and its server."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_one

_SQL = queries.load("session")


def limit_statements(connection: Connection, seconds: float) -> None:
    """Let no statement of the present transaction take longer."""
    connection.execute(_SQL["limit_statements"], {"milliseconds": str(max(1, round(seconds * 1000)))})


def limit_locks(connection: Connection, seconds: float) -> None:
    """Let no statement of the present transaction wait longer for what somebody else holds."""
    connection.execute(_SQL["limit_locks"], {"milliseconds": str(max(1, round(seconds * 1000)))})


def peer(connection: Connection) -> DictRow:
    """`pid`, `address` and `port` of who answers, as the server itself sees it."""
    return fetch_one(connection, _SQL["peer"]) or {}


def limits(connection: Connection) -> DictRow:
    """How many connections we may have at `most`; `pid` of who answers."""
    return fetch_one(connection, _SQL["limits"]) or {}


def connections(connection: Connection) -> DictRow:
    """`pid` of who answers, `free` connections for us, and how many are `owed` to running scrapes; needs our schema."""
    return fetch_one(connection, _SQL["connections"]) or {}
