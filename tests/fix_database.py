"""A database for a test: a fresh copy of a template that has the schema, on a server that lives for the session."""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from supervisor.embedded import EmbeddedPostgres
from tests.fix_leftovers import leave_alone
from tests.scratch import scratch_folder
from tests.wait import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

Connection = psycopg.Connection[DictRow]

# Nothing here has to survive a crash of the machine.
UNSAFE_AND_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def url_of_database(server_url: str, name: str) -> str:
    """URL of the database `name` on the server of another URL."""
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a server where databases may be created: TEST_DATABASE_URL, else an embedded one of this session."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with scratch_folder("sw-session-") as folder, EmbeddedPostgres(folder, settings=UNSAFE_AND_QUICK) as server:
        leave_alone(server.server_pid, with_its_children=True)
        yield server.start()


@pytest.fixture(scope="session")
def administrator(postgres_url: str) -> Iterator[Connection]:
    """Connection that creates and drops databases."""
    with connect(postgres_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def template_database(postgres_url: str, administrator: Connection) -> Iterator[str]:
    """Name of a database with the present schema, to be copied."""
    from supervisor import schema  # late: tests without a database do not pay for it

    name = f"template_{uuid.uuid4().hex}"
    administrator.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    schema.migrate(url_of_database(postgres_url, name))
    yield name
    drop(administrator, name)


@pytest.fixture
def database_url(postgres_url: str, administrator: Connection, template_database: str) -> Iterator[str]:
    """URL of a database of the test's own, with the schema and nothing in it."""
    name = f"t_{uuid.uuid4().hex}"
    statement = sql.SQL("create database {} template {} strategy file_copy")  # half the time of the default
    administrator.execute(statement.format(sql.Identifier(name), sql.Identifier(template_database)))
    yield url_of_database(postgres_url, name)
    drop(administrator, name)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Connection to the test's database; every statement commits by itself, rows are dicts."""
    with connect(database_url) as connection:
        yield connection


def connect(url: str) -> Connection:
    """A connection as the tests like it."""
    return psycopg.Connection[dict[str, Any]].connect(url, autocommit=True, row_factory=dict_row)


def drop(administrator: Connection, name: str) -> None:
    """Drop a database whoever is still in it."""
    users = "select from pg_stat_activity where datname = %s"
    # The server looks only every 100 ms whether a connection that was closed just now is gone. So wait for it here;
    # whoever is there after that has to be thrown out.
    with contextlib.suppress(AssertionError):
        wait_for(lambda: not administrator.execute(users, [name]).rowcount, 0.1, "nobody is connected")
    administrator.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
