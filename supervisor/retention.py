"""Deletes old rows, a batch at a time."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from psycopg.rows import DictRow

from supervisor.config import Config
from supervisor.tables import retention
from workers import events
from workers.database import Connection

_EVERY_S = 3600.0
_LOOKS_S = 0.2  # for batches in which there is nothing to delete
_MOST = 5_000
_MOST_RUNS = 250  # the server looks for what hangs on each of them
_BY_AGE = frozenset({"run_logs", "run_pages", "memory_samples", "scrape_runs"})  # behind the young there is nothing old
_KEYS = ("last_id", "last_at", "last_url")


@dataclass(kw_only=True, slots=True)
class _Sweep:
    """Once through one table."""

    table: str
    delete: Callable[..., DictRow]
    most: int  # rows of a batch
    days: int | None = None  # None: the statement knows by itself
    key: dict[str, Any] = field(default_factory=dict)

    def step(self, connection: Connection) -> tuple[DictRow, bool]:
        """The next batch, and whether it was the last one."""
        days = {} if self.days is None else {"days": self.days}
        with connection.transaction():
            retention.be_brief(connection)
            batch = self.delete(connection, most=self.most, **days, **self.key)
        self.key = {key: batch[key] for key in _KEYS if key in batch}
        if "seen" not in batch:
            return batch, batch["deleted"] < self.most
        if not batch.get("whole", True):
            return batch, False
        return batch, batch["seen"] < self.most or (self.table in _BY_AGE and not batch["old"])


class Retention:
    """A chore of the upkeep: through all tables once an hour, and one batch that deletes at each call."""

    def __init__(self, config: Config) -> None:
        """Due at once."""
        self._config = config
        self._due_at = 0.0
        self._sweeps: deque[_Sweep] = deque()

    def tend(self, connection: Connection) -> None:
        """Delete the next few thousand old rows, if there are any."""
        now = time.monotonic()
        if not self._sweeps and now >= self._due_at:
            self._due_at = now + _EVERY_S
            self._sweeps.extend(_sweeps(self._config))
            # Supervisors that live for minutes, `run --once` from cron, come to each of the tables too.
            self._sweeps.rotate(random.randrange(len(self._sweeps)))
        while self._sweeps and time.monotonic() < now + _LOOKS_S:
            if self._step(connection):
                return

    def _step(self, connection: Connection) -> bool:
        sweep = self._sweeps.popleft()  # what fails is tried again an hour later, and stops none of the others
        batch, ended = sweep.step(connection)
        if not ended:
            self._sweeps.append(sweep)  # behind the others: they have something to delete as well
        if batch["deleted"]:
            events.emit("old_rows_deleted", table=sweep.table, count=batch["deleted"], days=sweep.days, more=not ended)
        return bool(batch["deleted"] or batch.get("details"))


def _sweeps(config: Config) -> list[_Sweep]:
    """Those that the configuration asks for; hosts are forgotten in any case."""
    days = config.retention
    ages = [
        ("run_logs", retention.delete_old_logs, days.logs_days),
        ("run_pages", retention.delete_old_pages, days.pages_days),
        ("memory_samples", retention.delete_old_samples, days.samples_days),
        ("scrape_runs", retention.delete_old_runs, days.runs_days),
        ("jobs", retention.delete_old_jobs, days.jobs_days),
        ("kept_pages", retention.delete_old_kept_pages, days.pages_days),
        ("unread_values", retention.delete_old_unread, days.logs_days),
        ("supervisors", retention.delete_old_supervisors, days.runs_days),
    ]
    hosts = _Sweep(table="politeness, robots, circuit_breakers", delete=retention.delete_old_hosts, most=_MOST)
    return [
        hosts,
        *(
            _Sweep(table=table, delete=delete, days=age, most=_MOST_RUNS if table == "scrape_runs" else _MOST)
            for table, delete, age in ages
            if age
        ),
    ]
