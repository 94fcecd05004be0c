"""Queries on the metrics views."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("metrics")


def read_now(connection: Connection) -> DictRow:
    """How things stand."""
    return fetch_one(connection, _SQL["read_now"]) or {}


def read_overall(connection: Connection, since_s: float) -> DictRow:
    """What ended within the last `since_s` seconds."""
    return fetch_one(connection, _SQL["read_overall"], since_s=since_s) or {}


def read_by_node(connection: Connection, since_s: float, node: str | None = None) -> list[DictRow]:
    """The same for each node, or one of them; those with most failures first."""
    return fetch_all(connection, _SQL["read_by_node"], since_s=since_s, node=node)


def read_by_cause(connection: Connection, since_s: float) -> list[DictRow]:
    """The same for each cause, the most frequent first."""
    return fetch_all(connection, _SQL["read_by_cause"], since_s=since_s)


def read_supervisors(connection: Connection) -> list[DictRow]:
    """What each living supervisor sees, has promised and takes itself."""
    return fetch_all(connection, _SQL["read_supervisors"])
