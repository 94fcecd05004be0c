"""Queries on schema_versions."""

from __future__ import annotations

from workers import queries
from workers.database import Connection, fetch_one

_SQL = queries.load("schema_versions")
_KEY = 0x5C4A9E  # any number; the same for everyone who migrates


def lock_schema(connection: Connection) -> None:
    """Wait until nobody else migrates, up to the end of the transaction."""
    connection.execute(_SQL["lock_schema"], {"key": _KEY})


def create_versions(connection: Connection) -> None:
    """Make the table where there is none."""
    connection.execute(_SQL["create_versions"])


def has_versions(connection: Connection) -> bool:
    """Whether this database has ever been migrated."""
    row = fetch_one(connection, _SQL["has_versions"])
    return bool(row and row["found"])


def newest_version(connection: Connection) -> int:
    """The newest file that has been applied; 0: none."""
    row = fetch_one(connection, _SQL["newest_version"])
    return int(row["version"]) if row else 0


def note_version(connection: Connection, version: int, name: str) -> None:
    """Note that a file has been applied."""
    connection.execute(_SQL["note_version"], {"version": version, "name": name})
