"""Raises events for what only rows tell: breakers that opened, nodes that wait for long."""

from __future__ import annotations

import time

from supervisor.config import Config
from supervisor.tables import troubles
from workers import events
from workers.database import Connection

LONG_WAIT_S = 900.0  # for memory, until a person is told
_FORGET_EVERY_S = 3600.0
_KEPT_DAYS = 30  # what was told; a node that still waits then is told anew


class Troubles:
    """A chore of the upkeep, which calls it every ten seconds."""

    def __init__(self, config: Config, supervisor_id: str) -> None:
        """Nothing has been done yet."""
        self._config = config
        self._supervisor_id = supervisor_id
        self._forget_at = 0.0

    def tend(self, connection: Connection) -> None:
        """Do what is due: two short statements, which write only what is told for the first time."""
        for row in troubles.take_opened_breakers(connection, self._supervisor_id):
            events.emit(
                "breaker_opened",
                host=row["host"],
                node=row["node"],
                run_id=row["run_id"],
                failures=row["failures"],
                open_s=round(row["open_s"] or 0),
                error=row["last_error"],
            )
        for row in troubles.take_long_waits(connection, LONG_WAIT_S):
            waited_min = int(row["waited_s"] // 60)
            events.emit("memory_awaited", node=row["name"], waited_min=waited_min, reason=row["status_reason"])
        if time.monotonic() >= self._forget_at:
            troubles.forget_told(connection, _KEPT_DAYS)
            self._forget_at = time.monotonic() + _FORGET_EVERY_S
