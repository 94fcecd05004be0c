"""Queries on scrape_leases."""

from __future__ import annotations

from workers import queries
from workers.database import Connection, fetch_all

_SQL = queries.load("leases")


def renew_leases(connection: Connection, held: dict[str, int], lease_s: float) -> dict[str, str]:
    """Renew by source and epoch; source → `renewed`, `skipped`, `expired` or `passed_on`."""
    rows = fetch_all(connection, _SQL["renew_leases"], sources=list(held), epochs=list(held.values()), lease_s=lease_s)
    return {row["source"]: row["verdict"] for row in rows}
