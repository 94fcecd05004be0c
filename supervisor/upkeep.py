"""What is done every ten seconds: say that we live, rescue what others lost, keep the ears open."""

from __future__ import annotations

import time
from typing import Protocol

from supervisor import recover
from supervisor.config import Config
from supervisor.dispatch import Dispatcher
from supervisor.guard import Guard
from supervisor.retention import Retention
from supervisor.scopes import only_this
from supervisor.snapshots import Snapshots
from supervisor.tables import runs, supervisors
from supervisor.troubles import Troubles
from supervisor.waker import Waker
from workers.database import Connection

_EVERY_S = 10.0


class Chore(Protocol):
    """Something that has to be done now and then; it keeps its own time."""

    def tend(self, connection: Connection) -> None:
        """Do what is due, in a second at most."""


class Upkeep:
    """Due work of the loop that belongs to no node."""

    def __init__(self, config: Config, supervisor_id: str, dispatcher: Dispatcher, guard: Guard) -> None:
        """Due at once."""
        self._config = config
        self._supervisor_id = supervisor_id
        self._dispatcher = dispatcher
        self._guard = guard
        self._due_at = 0.0
        # Each knows itself when there is something to do; one that fails costs the others nothing.
        self._chores: dict[str, Chore] = {
            "snapshots": Snapshots(config),
            "retention": Retention(config),
            "troubles": Troubles(config, supervisor_id),
        }

    def keep(self, connection: Connection, waker: Waker, url: str) -> float:
        """Do it if it is due; answers the seconds until it is."""
        now = time.monotonic()
        if now < self._due_at:
            return self._due_at - now
        self._due_at = now + _EVERY_S
        weighed = {flight.assignment.run_id: flight.measured_mb for flight in self._guard.flights()}
        runs.write_measured(connection, {run_id: mb for run_id, mb in weighed.items() if mb > 0})
        self._see(connection)
        recover.close_expired(connection, self._config, self._supervisor_id)
        for name, chore in self._chores.items():
            with only_this(connection, name):
                chore.tend(connection)
        if not waker.listening:
            # The poll that follows sees whatever was said while nobody listened; without ears the poll must do.
            with only_this(connection, "notifications"):
                waker.listen(url)
        return _EVERY_S

    def _see(self, connection: Connection) -> None:
        room = self._dispatcher.take_stock(connection)
        supervisors.see(
            connection,
            id=self._supervisor_id,
            available_mb=room.available_mb,
            limit_mb=room.limit_mb,
            reserved_mb=room.promised_mb,
            source=room.source,
        )
