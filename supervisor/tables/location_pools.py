"""Queries on pools of places."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("location_pools")


def list_location_pools(connection: Connection) -> list[DictRow]:
    """Every pool, by name, with the `nodes` that walk it."""
    return fetch_all(connection, _SQL["list_location_pools"])


def get_location_pool(connection: Connection, pool: str) -> DictRow | None:
    """One pool."""
    return fetch_one(connection, _SQL["get_location_pool"], pool=pool)


def add_location_pool(
    connection: Connection, pool: str, places: list[str], *, country: str | None = None, proxy_pool: str | None = None
) -> bool:
    """Write a pool's places; True: it is new. Raises psycopg.errors.CheckViolation for what can be no pool."""
    row = fetch_one(
        connection, _SQL["add_location_pool"], pool=pool, places=places, country=country, proxy_pool=proxy_pool
    )
    return bool(row and row["is_new"])


def remove_location_pool(connection: Connection, pool: str) -> bool:
    """Forget a pool; False: there is none, or nodes walk it."""
    return fetch_one(connection, _SQL["remove_location_pool"], pool=pool) is not None
