"""Brings a database's schema up to date: numbered files, each applied once, under a lock."""

from __future__ import annotations

import psycopg

from workers import database
from workers.errors import ConfigError
from workers.queries import sql_folder

_LOCK = 0x5C4A9E  # any number; the same for everyone who migrates
_VERSIONS = """
create table if not exists schema_versions (
    version integer primary key,
    name text not null,
    applied_at timestamptz not null default clock_timestamp()
)"""


def migrate(url: str) -> int:
    """Apply what is missing in one transaction and return how many files that was.

    Raises ConfigError if the schema is newer than this program.
    """
    with database.connect(url, application="scrapewarden migrate") as connection, connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(_VERSIONS)
        version = _version_in(connection)
        files = schema_files()
        refuse_newer(version, len(files))
        for number in range(version, len(files)):
            name, text = files[number]
            connection.execute(text.encode())
            connection.execute("insert into schema_versions (version, name) values (%s, %s)", (number + 1, name))
        return len(files) - version


def schema_files() -> list[tuple[str, str]]:
    """Name and text of the schema files, in order."""
    return [(path.name, path.read_text("utf-8")) for path in sorted((sql_folder() / "schema").glob("*.sql"))]


def schema_version(connection: database.Connection) -> int | None:
    """The version of the database's schema; None: there is none yet."""
    row = connection.execute("select to_regclass('schema_versions') as found").fetchone()
    return None if row is None or row["found"] is None else _version_in(connection)


def refuse_newer(version: int, known: int) -> None:
    """Raise ConfigError if the database has been migrated by a newer program."""
    if version > known:
        raise ConfigError(
            f"the database has schema version {version}, this program knows {known}: install the newer scrapewarden"
        )


def _version_in(connection: database.Connection) -> int:
    row = connection.execute("select coalesce(max(version), 0) as version from schema_versions").fetchone()
    if row is None:
        raise psycopg.DatabaseError("schema_versions gave no row")
    return int(row["version"])
