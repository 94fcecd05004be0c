"""What is known of the jobs of each source, and of all of them, added up from counts of each country."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from psycopg.rows import DictRow

from supervisor.tables import job_statistics as table
from workers.database import Connection

COUNTS = ("jobs", "new_24h", "new_7d", "remote_yes", "remote_no", "expired", "unseen", "unread_places")
FIELDS = ("company", "description", "city", "region", "country", "remote", "job_type", "pay", "posted_at",
          "valid_through")  # fmt: skip
PRECISIONS = ("exact", "minute", "hour", "day", "week", "month", "at_least")
SAMPLES = 20  # of each source and field, as many as are kept of dates
_COLUMN = {"country": "has_country"}  # the other one of that name is the country itself


def gather(connection: Connection, source: str | None = None) -> list[dict[str, Any]]:
    """An object for all sources together (`source` null), unless one is named, then one for each, the largest first."""
    rows = table.count_jobs_by_country(connection, source)
    unread = [
        {"source": row["source"], "field": "location", "sample": row["sample"], "count": row["count"]}
        for row in (table.list_unread_places(connection, source, most=SAMPLES) if _any_unread(rows) else ())
    ]
    unread += table.list_unread_values(connection, source)
    sources = {row["source"] for row in (*rows, *unread)} | ({source} if source is not None else set())
    each = [
        _object(name, (row for row in rows if row["source"] == name), [u for u in unread if u["source"] == name])
        for name in sources
    ]
    each.sort(key=lambda one: (-one["jobs"], one["source"]))
    return each if source is not None else [_object(None, rows, unread), *each]


def _any_unread(rows: Iterable[DictRow]) -> bool:
    return any(row["unread_places"] for row in rows)


def _object(source: str | None, rows: Iterable[DictRow], unread: list[dict[str, Any]]) -> dict[str, Any]:
    sums: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for row in rows:
        sums.update({name: count for name, count in row.items() if name not in ("source", "country")})
        if row["country"] is not None:
            countries[row["country"]] += row["jobs"]
    return {
        "source": source,
        **{name: sums[name] for name in COUNTS},
        "remote_unknown": sums["jobs"] - sums["remote_yes"] - sums["remote_no"],
        "countries": dict(countries.most_common()),
        "coverage": {name: _share(sums[_COLUMN.get(name, name)], sums["jobs"]) for name in FIELDS},
        "posted_precision": {name: sums[name] for name in PRECISIONS},
        "unread": unread,
    }


def _share(count: int, jobs: int) -> float | None:
    return count / jobs if jobs else None
