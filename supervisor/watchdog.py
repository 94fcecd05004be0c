"""Judges signs of life: heartbeat, progress, and whether a process ever came up."""

from __future__ import annotations

from psycopg.rows import DictRow

from supervisor.config import Config
from supervisor.guard import boottime
from supervisor.launchers import Launcher
from workers.states import Cause, EndedBy, RunStatus

BOOT_LIMIT_S = 30.0  # from the claim to the first statement of the child
_LATE_S = 5.0  # a loop that was late by that much, or by half the stale limit, cannot judge others
_NEVER_S = 3600.0


class Watchdog:
    """Kills what has fallen silent, but trusts no silence that may be its own."""

    def __init__(self, config: Config, launcher: Launcher) -> None:
        """Heartbeats are judged from now on."""
        self._config = config
        self._launcher = launcher
        self._late_s = min(_LATE_S, config.heartbeat.stale_after_s / 2)
        self._trust_from = 0.0
        self._looked_at: float | None = None
        self._ages: dict[int, float] = {}  # run → its age by the database's clock at the last look

    def distrust(self) -> None:
        """Our reads failed or our loop was late: heartbeats written meanwhile may not have been seen, or possible."""
        self._trust_from = boottime() + self._config.heartbeat.stale_after_s

    def look(self, rows: list[DictRow]) -> float:
        """Judge the open runs of this supervisor as just read; answers the seconds until the next of their limits."""
        now = boottime()
        passed_s = 0.0 if self._looked_at is None else now - self._looked_at
        if passed_s > self._config.supervisor.poll_s + self._late_s or self._jumped(rows, passed_s):
            self.distrust()
        self._looked_at = now
        self._ages = {row["id"]: row["age_s"] for row in rows}
        if now < self._trust_from:
            return self._trust_from - now
        return max(0.0, min((self._judge(row) for row in rows), default=_NEVER_S))

    def _jumped(self, rows: list[DictRow], passed_s: float) -> bool:
        """Whether the database's clock was set: by it all signs of life are suddenly old."""
        aged = [row["age_s"] - self._ages[row["id"]] for row in rows if row["id"] in self._ages]
        return any(abs(by_s - passed_s) > self._late_s for by_s in aged)

    def _judge(self, row: DictRow) -> float:
        """End a run that is past one of its limits; answers how long it has until the next."""
        if row["status"] == RunStatus.STARTING:
            left_s = BOOT_LIMIT_S - row["age_s"]
            if left_s < 0:
                self._end(row, Cause.BOOT_FAILED, f"killed: wrote no identity within {BOOT_LIMIT_S:.0f} s")
            return _once_judged(left_s)
        silent_s, most_s = row["heartbeat_age_s"], self._config.heartbeat.stale_after_s
        idle_s, stall_s = row["progress_age_s"], row["stall_s"]
        if silent_s > most_s:
            self._end(row, Cause.STALE, f"killed: no heartbeat for {silent_s:.0f} s, limit {most_s:g} s")
        elif idle_s > stall_s:
            sentence = f"killed: no yield, stage or fetch for {idle_s:.0f} s, stall_s is {stall_s:g}"
            self._end(row, Cause.STALLED, sentence)
        return _once_judged(min(most_s - silent_s, stall_s - idle_s))

    def _end(self, row: DictRow, cause: Cause, sentence: str) -> None:
        self._launcher.end(row["id"], cause, sentence, EndedBy.KILL)


def _once_judged(left_s: float) -> float:
    """What has been ended needs no further look: its death wakes the loop."""
    return _NEVER_S if left_s < 0 else left_s
