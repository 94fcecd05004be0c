"""Snapshots taken at any time, and the rows that they count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fix_database import Connection

NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def take(connection: Connection, at: datetime, timezone: str = "UTC") -> int:
    """The snapshot as if it were `at` now; answers the rows inserted."""
    row = connection.execute("select take_snapshots_at(%s, %s) as rows", (at, timezone)).fetchone()
    assert row is not None
    return int(row["rows"])


def next_at(connection: Connection, at: datetime, timezone: str = "UTC", earliest: str = "00:05") -> datetime:
    row = connection.execute("select next_snapshot_at(%s, %s, %s) as at", (at, timezone, earliest)).fetchone()
    assert row is not None
    found: datetime = row["at"]
    return found


def of_nodes(connection: Connection, name: str) -> list[dict[str, Any]]:
    return connection.execute("select * from node_snapshots where node = %s order by snapshot_date", (name,)).fetchall()


def of_jobs(connection: Connection, source: str = "") -> dict[str, Any]:
    row = connection.execute(
        "select * from job_snapshots where source = %s order by snapshot_date desc limit 1", (source,)
    ).fetchone()
    assert row is not None
    return row


def ended(connection: Connection, node_id: int, at: datetime, status: str = "ok", **columns: Any) -> None:
    """A run that ended then, ten seconds after its start unless `took_s` says otherwise."""
    causes = {"ok": "done", "error": "timeout", "stopped": "requested", "skipped": "missed"}
    row = {
        "node_id": node_id,
        "source": "n",
        "tick": at,
        "attempt": int(status != "skipped"),
        "status": status,
        "cause": causes[status],
        "started_at": at - timedelta(seconds=columns.pop("took_s", 10)),
        "finished_at": at,
        **columns,
    }
    names, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    statement = (
        f"insert into scrape_runs ({names}, owner, epoch, supervisor_id) "  # noqa: S608 - a test's own names
        f"values ({places}, gen_random_uuid(), 1, gen_random_uuid())"
    )
    connection.execute(statement.encode(), row)


def job(connection: Connection, url: str, source: str, first_seen_at: datetime, **columns: Any) -> int:
    """A stored job; answers its id."""
    row = {"url": f"https://x.test/{url}", "source": source, "title": url, "content_hash": "h", **columns}
    names, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    statement = f"insert into jobs ({names}, first_seen_at) values ({places}, %(at)s) returning id"  # noqa: S608 - as above
    found = connection.execute(statement.encode(), {**row, "at": first_seen_at}).fetchone()
    assert found is not None
    return int(found["id"])
