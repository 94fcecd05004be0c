"""Collects the finished: every flight is settled once, and counted towards the limits of patience."""

from __future__ import annotations

import collections
import time

from psycopg.rows import DictRow

from supervisor.config import Config
from supervisor.decide import is_error
from supervisor.dispatch import Dispatcher
from supervisor.launchers import Ended, Launcher
from supervisor.recover import tell_buried
from supervisor.renewal import Renewal
from supervisor.scopes import only_this
from supervisor.settle import settle
from supervisor.tables import runs
from workers import events
from workers.database import Connection
from workers.states import Cause

_PHANTOM_S = 10.0
_AGAIN_S = 1.0  # after a settling that failed: a held row or a full disk is not gone in milliseconds
_MOST_AGAIN_S = 10.0  # where many fail: each costs the loop the time that it waits for its row
_SOON_S = 0.01
_NEVER_S = 3600.0
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
        self._again_at: dict[int, float] = {}  # run → when its settling is tried again
        self._last_cause: dict[int, Cause] = {}
        self._boot_failures: collections.deque[float] = collections.deque(maxlen=INTENSITY)
        self._dead_launcher: int | None = None
        self.anything_ended = False  # a run, since the last look
        self.anything_follows = False  # from such an end: something is due

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
        """Whether too many processes in a row never came up, or took others along."""
        failures = self._boot_failures
        return len(failures) == INTENSITY and failures[-1] - failures[0] < INTENSITY_S

    def gather(self) -> None:
        """Note what has ended; needs no database, so that deaths are seen while it is away."""
        ended = self._launcher.poll() + self._dispatcher.take_stillborn()
        for each in ended:
            self._renewal.rest(each.flight.assignment)
        self._ending += ended

    def collect(self, connection: Connection) -> int:
        """Settle what has ended; returns how many. What cannot be settled now is tried again next time."""
        self.gather()
        settled = 0
        for ended in list(self._ending):
            run_id = ended.flight.assignment.run_id
            if self._again_at.get(run_id, 0.0) > time.monotonic():
                continue
            failing = len(self._again_at.keys() | {run_id})
            self._again_at[run_id] = time.monotonic() + min(_AGAIN_S * failing, _MOST_AGAIN_S)
            # A person may hold the node's row: the lease is kept renewed meanwhile.
            with only_this(connection, ended.flight.assignment.node):
                self._settle(connection, ended)
                self._ending.remove(ended)
                del self._again_at[run_id]
                settled += 1
        return settled

    @property
    def nap_s(self) -> float:
        """Seconds until there is something to settle."""
        moments = [self._again_at.get(ended.flight.assignment.run_id, 0.0) for ended in self._ending]
        if self._dispatcher.stillborn:
            moments.append(0.0)
        return max(_SOON_S, min(moments) - time.monotonic()) if moments else _NEVER_S

    def _settle(self, connection: Connection, ended: Ended) -> None:
        assignment = ended.flight.assignment
        verdict = settle(connection, self._config, ended, self._dispatcher.attempts_of(assignment.run_id))
        self._renewal.drop(assignment)
        self._dispatcher.land(assignment.run_id)
        self._last_cause[assignment.node_id] = verdict.cause
        self.anything_ended = True
        self.anything_follows |= verdict.next != "end"
        if verdict.cause is Cause.BOOT_FAILED or self._is_news(ended):
            self._boot_failures.append(time.monotonic())

    def _is_news(self, ended: Ended) -> bool:
        """Whether it tells of a forkserver's death first: that is one failure, however many it took along."""
        if not ended.launcher_died or ended.launcher_pid == self._dead_launcher:
            return False
        self._dead_launcher = ended.launcher_pid
        return True

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
        tell_buried(row, verdict)

    def abandon(self) -> None:
        """Give up settling: the database is away for good, and whoever comes next closes the rows."""
        for ended in self._ending:
            self._dispatcher.land(ended.flight.assignment.run_id)
        self._ending.clear()
