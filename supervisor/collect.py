"""Collects the finished: every flight is settled once, and counted towards the limits of patience."""

from __future__ import annotations

import collections
import time

from psycopg.rows import DictRow

from supervisor.config import Config
from supervisor.decide import is_error
from supervisor.dispatch import Dispatcher
from supervisor.launchers import Ended, Launcher
from supervisor.renewal import Renewal
from supervisor.scopes import only_this
from supervisor.settle import settle
from supervisor.tables import runs
from workers import events
from workers.database import Connection
from workers.states import Cause

_PHANTOM_S = 10.0
INTENSITY = 3  # boot failures within INTENSITY_S: something is wrong with this machine, not with a scraper
INTENSITY_S = 60.0


class Collector:
    """Holds what has ended and is not settled yet, and how the last tick of each node ended."""

    def __init__(self, config: Config, launcher: Launcher, renewal: Renewal, dispatcher: Dispatcher) -> None:
        """Nothing has ended yet."""
        self._config = config
        self._launcher = launcher
        self._renewal = renewal
        self._dispatcher = dispatcher
        self._ending: list[Ended] = []
        self._last_cause: dict[int, Cause] = {}
        self._boot_failures: collections.deque[float] = collections.deque(maxlen=INTENSITY)

    @property
    def pending(self) -> bool:
        """Whether something has ended that is not written down yet."""
        return bool(self._ending or self._dispatcher.stillborn)

    @property
    def any_failed(self) -> bool:
        """Whether the last run of any node ended in error."""
        return any(is_error(cause) for cause in self._last_cause.values())

    @property
    def exhausted(self) -> bool:
        """Whether too many processes in a row never came up."""
        failures = self._boot_failures
        return len(failures) == INTENSITY and failures[-1] - failures[0] < INTENSITY_S

    def gather(self) -> None:
        """Note what has ended; needs no database, so that deaths are seen while it is away."""
        self._ending += self._launcher.poll() + self._dispatcher.take_stillborn()

    def collect(self, connection: Connection) -> int:
        """Settle what has ended; returns how many. What cannot be settled now is tried again next time."""
        self.gather()
        settled = 0
        for ended in list(self._ending):
            # A person may hold the node's row: the lease is kept renewed meanwhile.
            with only_this(connection, ended.flight.assignment.node):
                self._settle(connection, ended)
                self._ending.remove(ended)
                settled += 1
        return settled

    def _settle(self, connection: Connection, ended: Ended) -> None:
        assignment = ended.flight.assignment
        verdict = settle(connection, self._config, ended, self._dispatcher.attempts_of(assignment.run_id))
        self._renewal.drop(assignment)
        self._dispatcher.land(assignment.run_id)
        self._last_cause[assignment.node_id] = verdict.cause
        if verdict.cause is Cause.BOOT_FAILED:
            self._boot_failures.append(time.monotonic())

    def close_phantoms(self, connection: Connection, rows: list[DictRow]) -> None:
        """Claims whose answer never reached us: no process, no watch, so nobody else would end them."""
        ours = {ended.flight.assignment.run_id for ended in self._ending}
        ours |= set(self._dispatcher.flights) | self._dispatcher.stillborn
        for row in rows:
            if row["id"] not in ours and row["age_s"] > _PHANTOM_S:
                with only_this(connection, row["source"]):
                    self._close_phantom(connection, row)

    def _close_phantom(self, connection: Connection, row: DictRow) -> None:
        sentence = "lost: claimed, but the answer to the claim never arrived"
        verdict = runs.close_lost_run(connection, row["id"], self._config.retry.attempts, sentence)
        events.emit("phantom_closed", run_id=row["id"], node=row["source"], verdict=verdict)

    def abandon(self) -> None:
        """Give up settling: the database is away for good, and whoever comes next closes the rows."""
        for ended in self._ending:
            self._dispatcher.land(ended.flight.assignment.run_id)
        self._ending.clear()
