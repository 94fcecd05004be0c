"""Queries on what only rows tell: breakers that opened, nodes that wait for long, runs that found nothing."""

from __future__ import annotations

from typing import Any

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one
from workers.plain import to_jsonb

_SQL = queries.load("troubles")


def take_opened_breakers(connection: Connection, supervisor_id: str) -> list[DictRow]:
    """Breakers that opened and that nobody has told of; they count as told from now on."""
    return fetch_all(connection, _SQL["take_opened_breakers"], supervisor_id=supervisor_id)


def take_long_waits(connection: Connection, wait_s: float) -> list[DictRow]:
    """Nodes that have waited for memory longer, and that nobody has told of; they count as told from now on."""
    return fetch_all(connection, _SQL["take_long_waits"], wait_s=wait_s)


def forget_told(connection: Connection, days: int) -> None:
    """Drop what was told longer ago."""
    connection.execute(_SQL["forget_told"], {"days": days})


def read_finds(connection: Connection, run_id: int, most: int) -> DictRow | None:
    """`found` by the run's tick, its `start_checkpoint`, and what up to `most` ticks before it found: `earlier`."""
    return fetch_one(connection, _SQL["read_finds"], run_id=run_id, most=most)


def write_emptiness(connection: Connection, run_id: int, message: str, facts: dict[str, Any]) -> None:
    """Tell in the log of a run that it should have found something."""
    connection.execute(_SQL["write_emptiness"], {"run_id": run_id, "message": message, "facts": to_jsonb(facts)})
