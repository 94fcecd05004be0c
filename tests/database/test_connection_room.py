"""How many connections are left for us: each limit counts those whom it binds, and nobody else."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from psycopg import sql

from supervisor.tables import session
from tests.fix_database import Connection, connect
from workers import database

LIMIT = 9


@pytest.fixture
def small_role(administrator: Connection, connection: Connection) -> Iterator[str]:
    """A role that may hold few connections and read what we read."""
    name = f"small_{uuid.uuid4().hex[:12]}"
    role = sql.Identifier(name)
    administrator.execute(sql.SQL("create role {} login connection limit {}").format(role, LIMIT))
    connection.execute(sql.SQL("grant select on scrape_runs to {}").format(role))
    yield name
    connection.execute(sql.SQL("drop owned by {}").format(role))
    administrator.execute(sql.SQL("drop role {}").format(role))


def test_each_limit_on_connections_counts_those_whom_it_binds(database_url: str, small_role: str) -> None:
    parts = urlsplit(database_url)
    url = parts._replace(netloc=f"{small_role}@{parts.netloc.rpartition('@')[2]}").geturl()
    with contextlib.ExitStack() as others:
        for _ in range(LIMIT + 3):
            others.enter_context(connect(database_url))
        with database.connect(url) as first:
            assert session.connections(first)["free"] == LIMIT - 1
            with database.connect(url):
                assert session.connections(first)["free"] == LIMIT - 2
