"""The loop, and the only place that knows which parts there are."""

from __future__ import annotations

import collections
import os
import socket
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import DictRow

from supervisor import __version__, recover, wishes
from supervisor.config import Config
from supervisor.contradictions import cutoff_s
from supervisor.dispatch import Dispatcher, Place
from supervisor.guard import Guard, boottime
from supervisor.launchers import Ended, Flight
from supervisor.launchers.local import LocalLauncher
from supervisor.lifeline import Lifeline
from supervisor.renewal import Renewal
from supervisor.settle import settle
from supervisor.tables import nodes, runs, supervisors
from supervisor.waker import Waker
from supervisor.watchdog import Watchdog
from workers import database, events
from workers.processes import own_identity
from workers.states import Cause, EndedBy, RunStatus

GAVE_UP = 70
_UPKEEP_S = 10.0
_RETRY_S = 0.5
_FLEDGLING_S = 0.1  # while a child comes up, its node shows `starting` for at most that long too much
_PHANTOM_S = 10.0
_INTENSITY = 3  # boot failures within _INTENSITY_S
_INTENSITY_S = 60.0
_SETTLE_LIMIT_S = 5.0  # at the end, for a database that is away


@dataclass(frozen=True, kw_only=True, slots=True)
class Once:
    """`run --once`: every tick due at the start is carried to its end; what finds no room in time is skipped."""

    wait_s: float = 600.0


class Supervisor:
    """One instance of `supervisor run`. Create and run it in the main thread."""

    def __init__(self, config: Config, database_url: str, *, last_words: list[str] | None = None) -> None:
        """Connect, register, start guard, keeper, template and renewal. Raises psycopg.OperationalError."""
        self.id = str(uuid.uuid4())
        self._config = config
        self._url = database_url
        self._connection: database.Connection | None = self._connect()
        self._register()
        self._waker = Waker()
        self._guard = Guard(cut_off_s=cutoff_s(config.supervisor.lease_s))
        self._lifeline = Lifeline(self.id, last_words)
        self._launcher = LocalLauncher(config, self._guard, self.id)
        self._launcher.keep(self._lifeline.pid)
        self._renewal = Renewal(
            database_url,
            self._guard,
            self._lifeline,
            lease_s=config.supervisor.lease_s,
            renew_s=config.supervisor.renew_s,
        )
        self._watchdog = Watchdog(config, self._launcher)
        place = Place(
            supervisor_id=self.id, host=self._host, database_url=database_url, awake_since=self._awake_since
        )
        self._dispatcher = Dispatcher(config, place, self._launcher, self._renewal)
        self._flights: dict[int, Flight] = {}
        self._ending: list[Ended] = []
        self._boot_failures: collections.deque[float] = collections.deque(maxlen=_INTENSITY)
        self._upkeep_at = 0.0
        self._draining = 0  # stop signals acted upon
        self._gave_up = False
        self._failed = False
        self._run_until: float | None = None
        self._settle_until: float | None = None
        self._stepped_at = boottime()

    def run(self, once: Once | None = None, *, for_s: float | None = None) -> int:
        """Run until told to stop, for `for_s` seconds, or until the due ticks are done; returns the exit code."""
        self._waker.take_signals()
        self._run_until = None if for_s is None else time.monotonic() + for_s
        try:
            recover.sweep(self._connected(), self._config, self.id)
            code = self._run_once(once) if once else self._run_on()
        finally:
            self._close()
        return GAVE_UP if self._gave_up else code

    def _run_on(self) -> int:
        while not self._drained():
            self._sleep(self._guarded_step(None))
        return 0

    def step(self, only: set[int] | None = None) -> float:
        """Fulfil wishes, judge the silent, settle the finished, launch what is due; answers how long to sleep."""
        connection = self._connected()
        rows = runs.read_own_open(connection, self.id)
        wishes.fulfil(connection, self._launcher, rows)
        self._watchdog.look(rows)
        settled = self._settle_ended(connection)
        self._close_phantoms(connection, rows)
        nap = self._upkeep(connection)
        if not self._draining:
            nap = min(nap, self._dispatcher.launch_due(connection, self._flights, only=only))
        if self._ending or self._launcher.settling or self._dispatcher.stillborn or settled:
            nap = 0.0 if settled else 0.01
        return min(nap, _FLEDGLING_S) if any(row["status"] == RunStatus.STARTING for row in rows) else nap

    def _guarded_step(self, only: set[int] | None) -> float:
        """A step, or a short wait while the database is away; signals act without it."""
        self._notice_lateness()
        self._drain_on_signal()
        try:
            return self.step(only)
        except psycopg.Error as error:
            self._database_failed(error)
            return _RETRY_S

    def _sleep(self, seconds: float) -> None:
        self._waker.sleep(min(seconds, self._config.supervisor.poll_s), self._launcher.pidfds)

    def _settle_ended(self, connection: database.Connection) -> int:
        self._ending += self._launcher.poll() + self._dispatcher.stillborn
        self._dispatcher.stillborn = []
        count = len(self._ending)
        for ended in list(self._ending):
            assignment = ended.flight.assignment
            attempts = self._dispatcher.max_attempts.get(assignment.run_id, self._config.retry.attempts)
            try:
                verdict = settle(connection, self._config, ended, attempts)
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                continue  # a person holds the node's row: the lease is kept renewed, and this is tried again
            self._ending.remove(ended)
            self._renewal.drop(assignment)
            self._flights.pop(assignment.run_id, None)
            self._dispatcher.max_attempts.pop(assignment.run_id, None)
            self._failed = self._failed or (verdict.cause is not Cause.DONE and verdict.cause is not Cause.RECYCLED)
            if verdict.cause is Cause.BOOT_FAILED:
                self._count_boot_failure()
        return count - len(self._ending)

    def _count_boot_failure(self) -> None:
        now = time.monotonic()
        self._boot_failures.append(now)
        if len(self._boot_failures) == _INTENSITY and now - self._boot_failures[0] < _INTENSITY_S:
            events.emit("gave_up", failures=_INTENSITY, seconds=_INTENSITY_S)
            self._gave_up = True
            self._drain()

    def _close_phantoms(self, connection: database.Connection, rows: list[DictRow]) -> None:
        """Claims whose answer never reached us: no process, no watch, so nobody else would end them."""
        ours = set(self._flights) | {ended.flight.assignment.run_id for ended in self._ending}
        for row in rows:
            if row["id"] not in ours and row["age_s"] > _PHANTOM_S:
                verdict = runs.close_lost_run(
                    connection, row["id"], self._config.retry.attempts, "lost: claimed, but its answer never arrived"
                )
                events.emit("phantom_closed", run_id=row["id"], node=row["source"], verdict=verdict)

    def _upkeep(self, connection: database.Connection) -> float:
        now = time.monotonic()
        if now < self._upkeep_at:
            return self._upkeep_at - now
        self._upkeep_at = now + _UPKEEP_S
        if measured := self._guard.measured():
            runs.write_measured(connection, measured)
        room = self._dispatcher.room()
        supervisors.see(
            connection,
            id=self.id,
            available_mb=room.available_mb,
            limit_mb=room.limit_mb,
            reserved_mb=room.promised_mb,
            source=room.source,
        )
        recover.close_expired(connection, self._config, self.id)
        if not self._waker.listening:
            self._waker.listen(self._url)
        return _UPKEEP_S

    def _notice_lateness(self) -> None:
        now = boottime()
        late = now - self._stepped_at > self._config.supervisor.poll_s + self._config.supervisor.renew_s
        self._stepped_at = now
        if late:
            self._watchdog.distrust()
            self._renewal.hurry()
            events.emit("loop_was_late")

    def _drain_on_signal(self) -> None:
        if self._run_until is not None and time.monotonic() >= self._run_until:
            self._run_until = None
            self._drain()
        if self._waker.stop_signals > self._draining:
            self._drain(force=self._draining > 0)

    def _drain(self, *, force: bool = False) -> None:
        """First: ask all to end, at once. Second: kill them."""
        self._draining = max(1, self._waker.stop_signals)
        events.emit("draining", running=len(self._flights), force=force)
        for run_id, flight in self._flights.items():
            flight.soft_s = self._config.supervisor.drain_s
            rung = EndedBy.KILL if force else EndedBy.SOFT
            self._launcher.end(run_id, Cause.SHUTDOWN, None, rung)

    def _drained(self) -> bool:
        return self._draining > 0 and not self._flights and not self._ending

    def _run_once(self, once: Once) -> int:
        """Carry every tick that is due or requested now to its end."""
        until = time.monotonic() + once.wait_s
        self._guarded_step(set())
        connection = self._connected()
        self._dispatcher.launch_due(connection, self._flights, only=None)
        wanted = self._wanted(connection)
        while not self._drained():
            nap = self._guarded_step(wanted)
            if time.monotonic() > until:
                self._dispatcher.skip_waiting(self._connected(), wanted)
            if self._connection is not None:
                wanted = self._wanted(self._connection) & wanted if not self._flights else wanted
                if not wanted and not self._flights and not self._ending:
                    break
            self._sleep(min(nap, 0.5))
        return int(self._failed)

    def _wanted(self, connection: database.Connection) -> set[int]:
        due = {row["id"] for row in nodes.read_due(connection, self.id)}
        return due | {flight.assignment.node_id for flight in self._flights.values()}

    @property
    def _host(self) -> str:
        return self._config.supervisor.host_id or _machine_id()

    def _connect(self) -> database.Connection:
        return database.connect(self._url, application="scrapewarden supervisor")

    def _connected(self) -> database.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            events.emit("database_back")
        return self._connection

    def _database_failed(self, error: psycopg.Error) -> None:
        self._watchdog.distrust()
        if self._connection is not None and isinstance(error, psycopg.OperationalError):
            self._connection.close()
            self._connection = None
            self._waker.deafen()
        events.emit("database_failed", error=str(error).splitlines()[0] if str(error) else type(error).__name__)
        if self._draining and not self._launcher.running:
            self._give_up_settling()

    def _give_up_settling(self) -> None:
        """Stopping with the database away: the rows are closed by whoever comes next."""
        now = time.monotonic()
        self._settle_until = self._settle_until or now + _SETTLE_LIMIT_S
        if now > self._settle_until:
            self._ending.clear()
            self._flights.clear()

    def _register(self) -> None:
        me = own_identity()
        row = supervisors.register(
            self._connected(),
            id=self.id,
            host=self._host,
            boot_id=me.boot_id,
            pid_ns=me.pid_ns,
            pid=me.pid,
            start_ticks=me.start_ticks,
            version=__version__,
        )
        self._awake_since = row["started_at"]

    def _close(self) -> None:
        self._launcher.close()
        self._renewal.close()
        self._guard.close()
        try:
            supervisors.leave(self._connected(), self.id)
        except psycopg.Error as error:
            events.emit("database_failed", error=str(error).splitlines()[0])
        if self._connection is not None:
            self._connection.close()
        self._waker.close()
        self._lifeline.close()


def _machine_id() -> str:
    path = Path("/etc/machine-id")
    text = path.read_text("ascii", "replace").strip() if path.is_file() and os.access(path, os.R_OK) else ""
    return text or socket.gethostname()
