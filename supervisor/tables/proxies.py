"""Queries on proxies."""

from __future__ import annotations

from datetime import datetime

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("proxies")


def list_proxies(connection: Connection, pool: str | None = None) -> list[DictRow]:
    """Every proxy, or those of one pool; `state` is ok, unchecked, quarantined or disabled."""
    return fetch_all(connection, _SQL["list_proxies"], pool=pool)


def add_proxy(connection: Connection, pool: str, url: str) -> int | None:
    """The id of a new proxy; None: it is there already."""
    row = fetch_one(connection, _SQL["add_proxy"], pool=pool, url=url)
    return int(row["id"]) if row else None


def note_proxy(
    connection: Connection,
    proxy_id: int,
    *,
    host: str,
    error: str | None = None,
    latency_ms: int | None = None,
    exit_address: str | None = None,
    own_addresses: list[str] | None = None,
) -> datetime | None:
    """Write down what a check has shown; until when the proxy is set aside now, if it failed."""
    row = fetch_one(
        connection,
        _SQL["note_proxy"],
        proxy_id=proxy_id,
        host=host,
        error=error,
        latency_ms=latency_ms,
        exit_address=exit_address,
        own_addresses=own_addresses,
    )
    return row["quarantined_until"] if row else None


def enable_proxy(connection: Connection, proxy_id: int) -> bool:
    """Let it be taken again, at once; False: there is none."""
    return fetch_one(connection, _SQL["enable_proxy"], id=proxy_id) is not None


def disable_proxy(connection: Connection, proxy_id: int) -> bool:
    """Take it out of use; False: there is none."""
    return fetch_one(connection, _SQL["disable_proxy"], id=proxy_id) is not None


def remove_proxy(connection: Connection, proxy_id: int) -> bool:
    """Forget it; False: there is none."""
    return fetch_one(connection, _SQL["remove_proxy"], id=proxy_id) is not None


def nodes_of_pool(connection: Connection, pool: str) -> list[str]:
    """Names of the nodes that go through a pool."""
    return [row["name"] for row in fetch_all(connection, _SQL["nodes_of_pool"], pool=pool)]


def nodes_without_proxy(connection: Connection) -> list[str]:
    """Names of nodes whose pool has no proxy that is enabled."""
    return [row["name"] for row in fetch_all(connection, _SQL["nodes_without_proxy"])]
