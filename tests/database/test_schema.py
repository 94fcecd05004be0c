"""Migrations: each file once, under a lock, never backwards."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from supervisor import schema
from tests.fix_database import Connection, connect, drop, url_of_database
from workers.errors import ConfigError

FILES = len(schema.schema_files())


@pytest.fixture
def empty_url(postgres_url: str, administrator: Connection) -> Iterator[str]:
    """URL of a database without a schema."""
    name = f"empty_{uuid.uuid4().hex}"
    administrator.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield url_of_database(postgres_url, name)
    drop(administrator, name)


def test_a_second_migration_does_nothing(empty_url: str) -> None:
    assert schema.migrate(empty_url) == FILES
    assert schema.migrate(empty_url) == 0


def test_two_who_migrate_at_once_do_it_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        counts = sorted(pool.map(schema.migrate, [empty_url] * 4))
    assert counts == [0, 0, 0, FILES]
    with connect(empty_url) as connection:
        assert connection.execute("select from schema_versions").rowcount == FILES


def test_the_version_of_a_database_is_known_before_and_after(empty_url: str) -> None:
    with connect(empty_url) as connection:
        assert schema.schema_version(connection) is None
        schema.migrate(empty_url)
        assert schema.schema_version(connection) == FILES


def test_what_is_missing_is_added_to_an_older_schema(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = schema.schema_files()
    monkeypatch.setattr(schema, "schema_files", lambda: files[:3])
    assert schema.migrate(empty_url) == 3
    monkeypatch.undo()
    assert schema.migrate(empty_url) == FILES - 3
    with connect(empty_url) as connection:
        rows = connection.execute("select version, name from schema_versions order by version").fetchall()
    assert [(row["version"], row["name"]) for row in rows] == [(n + 1, files[n][0]) for n in range(FILES)]


def test_a_file_that_fails_leaves_nothing_behind(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [*schema.schema_files(), ("999_broken.sql", "create table half (x int); select 1/0;")]
    monkeypatch.setattr(schema, "schema_files", lambda: files)
    with pytest.raises(psycopg.errors.DivisionByZero):
        schema.migrate(empty_url)
    with connect(empty_url) as connection:
        assert schema.schema_version(connection) is None
        assert connection.execute("select from pg_class where relname in ('half', 'nodes')").rowcount == 0


def test_a_newer_schema_is_refused_with_the_next_step(database_url: str, connection: Connection) -> None:
    connection.execute("insert into schema_versions (version, name) values (%s, 'of tomorrow')", (FILES + 1,))
    with pytest.raises(ConfigError, match=rf"version {FILES + 1}, .* knows {FILES}: install the newer scrapewarden$"):
        schema.migrate(database_url)


def test_files_are_numbered_without_gaps() -> None:
    numbers = [int(name.split("_")[0]) for name, _ in schema.schema_files()]
    assert numbers == list(range(1, FILES + 1))
