"""Queries on circuit_breakers."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all

_SQL = queries.load("hosts")


def list_breakers(connection: Connection, *, everything: bool) -> list[DictRow]:
    """Hosts that are left alone or on trial, with the nodes that wait for each; `everything`: closed ones too."""
    return fetch_all(connection, _SQL["list_breakers"], all=everything)


def close_breakers(connection: Connection, hosts: list[str] | None) -> list[DictRow]:
    """Let hosts be asked again, None: all that are not; answers `host` and the state that it `was` in."""
    return fetch_all(connection, _SQL["close_breakers"], hosts=hosts)


def breaker_hosts(connection: Connection) -> list[str]:
    """Every host that has a row."""
    return [row["host"] for row in fetch_all(connection, _SQL["breaker_hosts"])]
