"""What is done every ten seconds: say that we live, rescue what others lost, keep the ears open."""

from __future__ import annotations

import time
from typing import Protocol

import psycopg

from supervisor import recover
from supervisor.config import Config
from supervisor.dispatch import Dispatcher
from supervisor.footprint import own_footprint
from supervisor.guard import Guard
from supervisor.pool import Pool
from supervisor.retention import Retention
from supervisor.scopes import only_this, patience
from supervisor.search_index import SearchIndex
from supervisor.snapshots import Snapshots
from supervisor.tables import runs, supervisors
from supervisor.troubles import Troubles
from supervisor.waker import Waker
from workers import events
from workers.database import Connection

_EVERY_S = 10.0
_CHORE_S = 10.0  # for each: the guards do not wait for it, launches and ends do


class Chore(Protocol):
    """Something that has to be done now and then; it keeps its own time."""

    def tend(self, connection: Connection) -> None:
        """Do what is due."""


class Upkeep:
    """Due work of the loop that belongs to no node."""

    def __init__(self, config: Config, supervisor_id: str, dispatcher: Dispatcher, guard: Guard, pool: Pool) -> None:
        """Due at once."""
        self._config = config
        self._supervisor_id = supervisor_id
        self._dispatcher = dispatcher
        self._guard = guard
        self._pool = pool
        self._due_at = 0.0
        self._chores_due = False
        # Each knows itself when there is something to do; one that fails costs the others nothing.
        self._chores: dict[str, Chore] = {
            "snapshots": Snapshots(config),
            "retention": Retention(config),
            "search index": SearchIndex(),
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
        self._chores_due = True
        if not waker.listening:
            # The poll that follows sees whatever was said while nobody listened; without ears the poll must do.
            with only_this(connection, "notifications"):
                waker.listen(url)
        return _EVERY_S

    def tend(self) -> None:
        """Do the chores if they are due, on a connection that is not the loop's: a long one cuts off nothing else."""
        if not self._chores_due:
            return
        self._chores_due = False
        try:
            with self._pool.connection() as connection:
                for name, chore in self._chores.items():
                    with only_this(connection, name), patience(connection, _CHORE_S):
                        chore.tend(connection)
        except psycopg.Error as error:  # none to be had, or it broke: the chores wait for the next time
            events.emit("row_failed", node="chores", error=f"{type(error).__name__}: {error}".splitlines()[0])

    def finish(self, connection: Connection) -> None:
        """Before the end: tell of what has happened since the last look."""
        with only_this(connection, "troubles"):
            self._chores["troubles"].tend(connection)

    def _see(self, connection: Connection) -> None:
        room = self._dispatcher.take_stock(connection)
        own = own_footprint()
        supervisors.see(
            connection,
            id=self._supervisor_id,
            available_mb=room.available_mb,
            limit_mb=room.limit_mb,
            reserved_mb=room.promised_mb,
            source=room.source,
            fds=own.fds,
            threads=own.threads,
            rss_mb=own.rss_mb,
        )
