"""Queries about the connection itself."""

from __future__ import annotations

from workers import queries
from workers.database import Connection

_SQL = queries.load("session")


def limit_statements(connection: Connection, seconds: float) -> None:
    """Let no statement of the present transaction take longer."""
    connection.execute(_SQL["limit_statements"], {"milliseconds": str(max(1, round(seconds * 1000)))})
