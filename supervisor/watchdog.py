"""Judges signs of life: heartbeat, progress, and whether a process ever came up."""

from __future__ import annotations

from psycopg.rows import DictRow

from supervisor.config import Config
from supervisor.guard import boottime
from supervisor.launchers import Launcher
from workers.states import Cause, EndedBy, RunStatus

BOOT_LIMIT_S = 30.0  # from the claim to the first statement of the child
_LATE_S = 5.0  # a loop that was late by that much cannot judge others


class Watchdog:
    """Kills what has fallen silent, but trusts no silence that may be its own."""

    def __init__(self, config: Config, launcher: Launcher) -> None:
        """Heartbeats are judged from now on."""
        self._config = config
        self._launcher = launcher
        self._trust_from = 0.0
        self._looked_at: float | None = None

    def distrust(self) -> None:
        """Our reads failed or our loop was late: heartbeats written meanwhile may not have been seen, or possible."""
        self._trust_from = boottime() + self._config.heartbeat.stale_after_s

    def look(self, rows: list[DictRow]) -> None:
        """Judge the open runs of this supervisor as just read."""
        now = boottime()
        if self._looked_at is not None and now - self._looked_at > self._config.supervisor.poll_s + _LATE_S:
            self.distrust()
        self._looked_at = now
        if now >= self._trust_from:
            for row in rows:
                self._judge(row)

    def _judge(self, row: DictRow) -> None:
        limit = self._config.heartbeat.stale_after_s
        if row["status"] == RunStatus.STARTING:
            if row["age_s"] > BOOT_LIMIT_S:
                self._end(row, Cause.BOOT_FAILED, f"killed: wrote no identity within {BOOT_LIMIT_S:.0f} s")
        elif row["heartbeat_age_s"] > limit:
            self._end(row, Cause.STALE, f"killed: no heartbeat for {row['heartbeat_age_s']:.0f} s, limit {limit:g} s")
        elif row["progress_age_s"] > row["stall_s"]:
            idle, most = row["progress_age_s"], row["stall_s"]
            self._end(row, Cause.STALLED, f"killed: no yield, stage or fetch for {idle:.0f} s, stall_s is {most:g}")

    def _end(self, row: DictRow, cause: Cause, sentence: str) -> None:
        self._launcher.end(row["id"], cause, sentence, EndedBy.KILL)
