"""Rows of all ages, and a supervisor's chore that deletes the old ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.rows import DictRow

from supervisor.config import load_config
from supervisor.retention import Retention
from tests.fix_database import Connection
from tests.fix_supervisor import Nodes
from workers import events

_RUN = """
insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, part, status, cause, started_at,
                         finished_at, peak_rss_mb, pid, start_ticks, boot_id, pid_ns, heartbeat_at, progress_at)
values (%(node_id)s, %(source)s, gen_random_uuid(), gen_random_uuid(), 1, clock_timestamp() - %(age)s::interval,
        %(attempt)s, %(part)s, %(status)s, %(cause)s, clock_timestamp() - %(age)s::interval,
        case when %(cause)s::text is not null then clock_timestamp() - %(age)s::interval end, %(peak)s,
        case when %(attempt)s > 0 then 1 end, 1, 'boot', 'ns', clock_timestamp(), clock_timestamp())
returning id
"""
_DETAILS = {
    "run_logs": "insert into run_logs (run_id, at, event) select %s, clock_timestamp() - %s::interval, 'said' "
    "from generate_series(1, %s)",
    "run_pages": "insert into run_pages (run_id, at, page_no, url, status) "
    "select %s, clock_timestamp() - %s::interval, 1, 'http://x/', 'ok' from generate_series(1, %s)",
    "memory_samples": "insert into memory_samples (run_id, at, rss_mb) "
    "select %s, clock_timestamp() - %s::interval - n * interval '1 ms', 12 from generate_series(1, %s) n",
}


class OldRows:
    """Writes rows that are so many days old, and sweeps."""

    def __init__(self, connection: Connection, deleted: list[dict[str, Any]]) -> None:
        """`deleted`: the events that the sweeps have raised."""
        self.connection = connection
        self.deleted = deleted
        self.nodes = Nodes(connection)

    def run(self, days: float, node: int | None = None, **columns: Any) -> int:
        """A run of that age; of no node that is still there, unless told."""
        values = {
            "node_id": node, "source": "gone" if node is None else f"node {node}", "age": f"{days} days",
            "attempt": 1, "part": 0, "status": "ok", "cause": "done", "peak": 50.0, **columns,
        }  # fmt: skip
        (row,) = self.connection.execute(_RUN.encode(), values).fetchall()
        return int(row["id"])

    def details(self, run_id: int, days: float, count: int = 1) -> None:
        """So many lines, pages and samples of a run, all of that age."""
        for statement in _DETAILS.values():
            self.connection.execute(statement.encode(), (run_id, f"{days} days", count))

    def ids(self, table: str = "scrape_runs", column: str = "id") -> list[Any]:
        """What is left of a table."""
        found = self.connection.execute(f"select {column} as it from {table} order by 1".encode())  # noqa: S608 - ours
        return [row["it"] for row in found]

    def count(self, table: str) -> int:
        """How many rows are left of a table."""
        return len(self.connection.execute(f"select from {table}".encode()).fetchall())

    def one(self, query: str, *values: Any) -> DictRow:
        """The one row of a query."""
        (row,) = self.connection.execute(query.encode(), values).fetchall()
        return row

    def sweep(self, connection: Connection | None = None, /, **days: int) -> int:
        """Once through all tables; answers in how many calls."""
        chore = chore_of(**days)
        calls = 1
        chore.tend(connection or self.connection)
        while chore._sweeps:
            chore.tend(connection or self.connection)
            calls += 1
        return calls

    def deleted_from(self, table: str) -> list[int]:
        """The counts of the batches deleted from a table."""
        return [facts["count"] for facts in self.deleted if facts["table"] == table]


def chore_of(**days: int) -> Retention:
    """The chore with these settings, `runs_days=30` say, and the others by default."""
    return Retention(load_config(environ={}, flags={f"retention.{name}": value for name, value in days.items()}))


@pytest.fixture
def old_rows(connection: Connection) -> Iterator[OldRows]:
    """Nothing is there yet."""
    deleted: list[dict[str, Any]] = []
    leave = events.subscribe(lambda name, facts: deleted.append(facts) if name == "old_rows_deleted" else None)
    yield OldRows(connection, deleted)
    leave()
