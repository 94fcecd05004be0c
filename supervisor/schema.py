"""Brings a database's schema up to date: numbered files, each applied once, under a lock."""

from __future__ import annotations

from supervisor.tables import schema_versions
from workers import database
from workers.errors import ConfigError
from workers.queries import sql_folder


def migrate(url: str) -> int:
    """Apply what is missing in one transaction and return how many files that was.

    Raises ConfigError if the schema is newer than this program.
    """
    # An index on a large table takes its time.
    with (
        database.connect(url, answer_s=None, application="scrapewarden migrate") as connection,
        connection.transaction(),
    ):
        schema_versions.lock_schema(connection)
        schema_versions.create_versions(connection)
        version = schema_versions.newest_version(connection)
        files = schema_files()
        refuse_newer(version, len(files))
        for number in range(version, len(files)):
            name, text = files[number]
            connection.execute(text.encode())
            schema_versions.note_version(connection, number + 1, name)
        return len(files) - version


def schema_files() -> list[tuple[str, str]]:
    """Name and text of the schema files, in order."""
    return [(path.name, path.read_text("utf-8")) for path in sorted((sql_folder() / "schema").glob("*.sql"))]


def schema_version(connection: database.Connection) -> int | None:
    """The version of the database's schema; None: there is none yet."""
    return schema_versions.newest_version(connection) if schema_versions.has_versions(connection) else None


def refuse_newer(version: int, known: int) -> None:
    """Raise ConfigError if the database has been migrated by a newer program."""
    if version > known:
        raise ConfigError(
            f"the database has schema version {version}, this program knows {known}: install the newer scrapewarden"
        )
