"""Queries on supervisors."""

from __future__ import annotations

from typing import Any

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("supervisors")


def register(connection: Connection, **identity: Any) -> DictRow:
    """Say who this supervisor is; `started_at` is the database's time."""
    return fetch_one(connection, _SQL["register"], **identity) or {}


def see(connection: Connection, **figures: Any) -> None:
    """Say that it still lives, what memory it sees, and what it takes itself."""
    connection.execute(_SQL["see"], figures)


def leave(connection: Connection, supervisor_id: str) -> None:
    """Say that it ended in good order."""
    connection.execute(_SQL["leave"], {"id": supervisor_id})


def list_supervisors(connection: Connection) -> list[DictRow]:
    """Supervisors seen lately, newest first."""
    return fetch_all(connection, _SQL["list_supervisors"])


def dead_candidates(connection: Connection, **place: Any) -> list[DictRow]:
    """Supervisors of this boot and namespace that have not said goodbye."""
    return fetch_all(connection, _SQL["dead_candidates"], **place)


def clock(connection: Connection) -> DictRow:
    """The database's clock, version and start."""
    return fetch_one(connection, _SQL["clock"]) or {}
