"""Nodes and runs as an experiment writes and reads them: through the tables, like anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow

from supervisor.sightings import Pid
from supervisor.tables import chaos, nodes, runs
from workers import database
from workers.demo.hostile import POSTINGS
from workers.states import Cause, RunStatus

GUESTS = "workers.demo.hostile"
_MOST_RUNS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Whether every page and job of a crawl is there once."""

    lost: int
    doubled: int
    attempts_spent: int
    parts: int

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, no attempt spent."""
        return (self.lost, self.doubled, self.attempts_spent) == (0, 0, 0)

    def __str__(self) -> str:
        return f"{self.lost} lost, {self.doubled} doubled, {self.attempts_spent} attempts spent in {self.parts} parts"


class Rows:
    """One database of an experiment. A connection that was lost is made again at the next use."""

    def __init__(self, url: str) -> None:
        """Connect."""
        self.url = url
        self._connection = database.connect(url, application="scrapewarden chaos")

    @property
    def connection(self) -> database.Connection:
        """A living connection. Raises psycopg.OperationalError."""
        if self._connection.closed or self._connection.broken:
            self._connection.close()
            self._connection = database.connect(self.url, application="scrapewarden chaos")
        return self._connection

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def add(self, name: str, scraper: str, params: dict[str, Any] | None = None, **columns: Any) -> int:
        """A new node, its id; asked to run at once unless it has a schedule."""
        row = {**nodes.BLANK, "memory_mb": 128, **columns}
        params = {"board": name, **(params or {})}
        scraper = scraper if ":" in scraper else f"{GUESTS}:{scraper}"
        with self.connection.transaction():
            added = nodes.add_node(self.connection, name=name, scraper=scraper, params=params, **row)
            if row["schedule"] is None:
                nodes.request_run(self.connection, name)
        return int(added["id"])

    def ask_for_runs(self, names: list[str]) -> None:
        """One more run of each, at once."""
        for name in names:
            nodes.request_run(self.connection, name)

    def node(self, name: str) -> DictRow:
        """Its row; empty without one."""
        return nodes.get_node(self.connection, name) or {}

    def runs(self, name: str) -> list[DictRow]:
        """Its rows that had a process, oldest first."""
        return [run for run in self.ticks(name) if run["status"] != RunStatus.SKIPPED]

    def ticks(self, name: str) -> list[DictRow]:
        """All its rows, oldest first."""
        found = runs.list_runs(self.connection, source=name, status=None, cause=None, limit=_MOST_RUNS)
        return sorted(found, key=lambda run: run["id"])

    def ended(self, name: str, least: int = 0) -> list[DictRow]:
        """Runs that are over, oldest first; none while there are fewer than `least`."""
        over = [run for run in self.runs(name) if run["finished_at"] is not None]
        return over if len(over) >= least else []

    def is_done(self, name: str) -> bool:
        """Whether a run of it has come to its good end."""
        return any(run["cause"] == Cause.DONE for run in self.ended(name))

    def working(self, name: str, pages: int = 1) -> DictRow | None:
        """The newest run, if it is under way and has committed that many pages."""
        found = self.runs(name)[-1:]
        ready = found and found[0]["pid"] and found[0]["finished_at"] is None and found[0]["pages_count"] >= pages
        return found[0] if ready else None

    def family(self, name: str) -> list[Pid]:
        """The scrape and its grandchildren, as it has told in its checkpoint."""
        row = nodes.get_checkpoint(self.connection, name)
        return [Pid(*each) for each in row["state"].get("family") or []] if row else []

    def account(self, name: str, pages: int) -> Account:
        """What became of a crawl of that many pages."""
        crawl = self.runs(name)
        wanted = pages * POSTINGS
        stored = len(chaos.list_urls(self.connection, name))
        counted = sum(run["inserted_count"] for run in crawl)
        again = sum(run["unchanged_count"] + run["updated_count"] for run in crawl)
        extra = max(0, counted - stored) + max(0, sum(run["pages_count"] for run in crawl) - pages)
        return Account(
            lost=max(0, wanted - min(stored, counted)),
            doubled=again + extra,
            attempts_spent=max((run["attempt"] for run in crawl), default=1) - 1,
            parts=len(crawl),
        )
