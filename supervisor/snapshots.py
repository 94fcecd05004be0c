"""Takes the daily snapshot when its time has come."""

from __future__ import annotations

import psycopg

from supervisor.config import Config
from supervisor.guard import boottime
from supervisor.tables import session, snapshots
from workers import events
from workers.database import Connection

_AGAIN_S = 60.0  # after a failure, or while somebody else is at it
_LOCK_S = 0.5  # the loop waits for nobody who is at it
_LOOK_S = 3600.0  # at least so often: somebody may set the database's clock


class Snapshots:
    """A chore of the upkeep, which calls it every ten seconds."""

    def __init__(self, config: Config) -> None:
        """Whether today's is there is not known yet, so the first look is due."""
        self._timezone = config.snapshots.timezone
        self._at = config.snapshots.at
        self._look_at = 0.0

    def tend(self, connection: Connection) -> None:
        """Take today's, once its time has come and unless it is there; asks nothing while that is known."""
        if boottime() < self._look_at:
            return
        self._look_at = boottime() + _AGAIN_S
        if self._due_in_s(connection) <= 0 and not self._take(connection):
            return
        self._look_at = boottime() + min(_LOOK_S, max(0.0, self._due_in_s(connection)))

    def _take(self, connection: Connection) -> bool:
        """Whether it is there now: whoever takes it at this moment has not committed it yet."""
        try:
            with connection.transaction():
                session.limit_locks(connection, _LOCK_S)
                taken = snapshots.take_daily_snapshots(connection, self._timezone)
        except psycopg.errors.LockNotAvailable:
            return False
        if taken["rows"]:
            events.emit("snapshot_taken", date=taken["snapshot_date"].isoformat(), rows=taken["rows"])
        return True

    def _due_in_s(self, connection: Connection) -> float:
        return float(snapshots.read_today(connection, self._timezone, self._at)["due_in_s"])
