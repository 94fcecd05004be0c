"""Queries of `supervisor chaos`."""

from __future__ import annotations

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("chaos")


def take_lease(connection: Connection, source: str, lease_s: float) -> int | None:
    """The new epoch of a lease that had run out; None: somebody else has it."""
    row = fetch_one(connection, _SQL["take_lease"], source=source, lease_s=lease_s)
    return row["epoch"] if row else None


def open_lease(connection: Connection, source: str) -> None:
    """Make a lease that has run out already."""
    connection.execute(_SQL["open_lease"], {"source": source})


def pass_fence(connection: Connection, source: str, epoch: int) -> None:
    """Ask the fence. Raises psycopg.Error, SQLSTATE SW001, when the lease has passed on."""
    connection.execute(_SQL["pass_fence"], {"source": source, "epoch": epoch})


def open_register(connection: Connection, node_id: int) -> None:
    """Begin to count the writes of a node."""
    connection.execute(_SQL["open_register"], {"node_id": node_id})


def write_register(connection: Connection, node_id: int, epoch: int) -> None:
    """Write once, as the holder of that epoch."""
    connection.execute(_SQL["write_register"], {"node_id": node_id, "epoch": epoch})


def read_register(connection: Connection, node_id: int) -> DictRow:
    """`writes`, and the `stale` ones among them."""
    return fetch_one(connection, _SQL["read_register"], node_id=node_id) or {}


def read_lease(connection: Connection, source: str) -> DictRow:
    """`epoch`, `lease_until` and the database's `now_at`; empty without such a lease."""
    return fetch_one(connection, _SQL["read_lease"], source=source) or {}


def read_letters(connection: Connection, source: str) -> list[DictRow]:
    """Dead letters of a node, oldest first."""
    return fetch_all(connection, _SQL["read_letters"], source=source)


def list_urls(connection: Connection, source: str) -> list[str]:
    """Addresses of the jobs that a source stored."""
    return [row["url"] for row in fetch_all(connection, _SQL["list_urls"], source=source)]
