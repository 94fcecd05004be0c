"""Runs that ended in the past, written as rows."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from workers.states import Cause, RunStatus, status_of

Connection = psycopg.Connection[DictRow]


class Past:
    """Writes ended runs; each gets a tick of its own."""

    def __init__(self, connection: Connection) -> None:
        """On the test's connection."""
        self.connection = connection
        self._ticks = 0

    def run(self, source: str, cause: str, *, ago_s: float = 60.0, took_s: float = 10.0, **columns: Any) -> int:
        """A run that ended `ago_s` seconds ago with that cause; its id. The source need not be a node."""
        self._ticks += 1
        status = status_of(Cause(cause))
        skipped = status is RunStatus.SKIPPED
        row = {
            "source": source, "cause": cause, "status": str(status), "attempt": 0 if skipped else 1,
            "epoch": None if skipped else 1, "error": f"ended by {cause}", **columns,
        }  # fmt: skip
        names = ", ".join(row)
        places = ", ".join(f"%({name})s" for name in row)
        found = self.connection.execute(
            f"insert into scrape_runs (node_id, owner, supervisor_id, tick, started_at, finished_at, {names})"  # noqa: S608 - a test's own names
            " select (select id from nodes where name = %(source)s), o.id, o.id,"
            " clock_timestamp() - %(number)s * interval '1 hour', clock_timestamp() - %(begun_s)s * interval '1 s',"
            f" clock_timestamp() - %(ago_s)s * interval '1 s', {places}"
            " from (select case when %(status)s <> 'skipped' then gen_random_uuid() end as id) o returning id".encode(),
            {**row, "number": self._ticks, "ago_s": ago_s, "begun_s": ago_s if skipped else ago_s + took_s},
        ).fetchone()
        assert found is not None
        return int(found["id"])


@pytest.fixture
def past(connection: Connection) -> Past:
    """A past to be written into the test's database."""
    return Past(connection)
