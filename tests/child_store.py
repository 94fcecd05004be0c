"""The store of a scrape's own process, without the process: its line, its logbook, its open run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from workers.line import Line
from workers.progress import Logbook
from workers.records import Assignment
from workers.store import Store

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)


@contextmanager
def child_store(url: str, claim: Mapping[str, Any]) -> Iterator[Store]:
    """Over a connection of its own."""
    line = Line(
        Assignment(
            run_id=claim["run_id"], node_id=0, node="bench", epoch=claim["epoch"], owner="", supervisor_id="",
            scraper="bench", params={}, checkpoint=None, tick=NOW, attempt=1, part=0, now=NOW, launched_at=0.0,
            timeout_s=600.0, database_url=url, budget_mb=256,
        )
    )  # fmt: skip
    try:
        yield Store(line, Logbook())
    finally:
        line.close()
