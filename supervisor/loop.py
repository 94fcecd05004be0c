"""The loop, and the only place that knows which parts there are."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from supervisor import connections, recover
from supervisor.assign import Place
from supervisor.collect import INTENSITY, INTENSITY_S, Collector
from supervisor.config import Config
from supervisor.contradictions import cutoff_s
from supervisor.dispatch import Dispatcher
from supervisor.guard import Guard, boottime
from supervisor.launchers.local import LocalLauncher
from supervisor.lifeline import Lifeline
from supervisor.look import Look
from supervisor.pool import Pool
from supervisor.pulse import Pulse
from supervisor.registration import machine_id, register
from supervisor.renewal import Renewal
from supervisor.scales import Scales
from supervisor.scopes import is_broken, patience
from supervisor.tables import supervisors
from supervisor.upkeep import Upkeep
from supervisor.waker import Waker
from supervisor.watchdog import Watchdog
from workers import database, events
from workers.states import Cause, EndedBy

GAVE_UP = 70
_RETRY_S = 0.5
_SOON_S = 0.01  # an exit status or the last of a process tree is on its way
_STEP_LIMIT_S = 5.0  # for all statements of a step; in a good one they take milliseconds
_ONCE_S = 0.5
_SETTLE_LIMIT_S = 5.0  # at the end, for a database that is away


@dataclass(frozen=True, kw_only=True, slots=True)
class Once:
    """`run --once`: every tick due at the start is carried to its end; what finds no room in time is skipped."""

    wait_s: float = 600.0


class Supervisor:
    """One instance of `supervisor run`. Create and run it in the main thread."""

    def __init__(self, config: Config, database_url: str, *, last_words: list[str] | None = None) -> None:
        """Connect, register, start guard, keeper, template and renewal. Raises psycopg.OperationalError.

        `last_words`: the program that the keeper becomes if this process is killed.
        """
        self.id = str(uuid.uuid4())
        self._config = config
        self._url = database_url
        self._connection: database.Connection | None = database.connect(database_url)
        host = config.supervisor.host_id or machine_id()
        awake_since = register(self._connection, self.id, host)
        place = Place(supervisor_id=self.id, host=host, database_url=database_url, awake_since=awake_since)
        self._waker = Waker()
        self._guard = Guard(cut_off_s=cutoff_s(config.supervisor.lease_s))
        self._scales = Scales(self._guard, config.memory)
        self._lifeline = Lifeline(self.id, last_words)
        self._launcher = LocalLauncher(config, self._guard, self.id, database_url=database_url)
        self._launcher.keep(self._lifeline.pid)
        terms = {"lease_s": config.supervisor.lease_s, "renew_s": config.supervisor.renew_s}
        self._renewal = Renewal(database_url, self._guard, self._lifeline, **terms)
        self._watchdog = Watchdog(config, self._launcher)
        self._dispatcher = Dispatcher(config, place, self._launcher, self._renewal)
        self._collector = Collector(config, self._launcher, self._renewal, self._dispatcher)
        self._pool = Pool(database_url, most=connections.POOLED)
        self._upkeep = Upkeep(config, self.id, self._dispatcher, self._guard, self._pool)
        self._stepped_at = boottime()
        self._look = Look(
            supervisor_id=self.id,
            database_url=database_url,
            poll_s=config.supervisor.poll_s,
            launcher=self._launcher,
            waker=self._waker,
            watchdog=self._watchdog,
            collector=self._collector,
            upkeep=self._upkeep,
            dispatcher=self._dispatcher,
        )
        self._run_until: float | None = None
        self._settle_until: float | None = None
        self._booted = self._once = self._through = False
        self._draining = 0  # 1 asked to end, 2 forced
        self._signals_seen = 0

    def run(self, once: Once | None = None, *, for_s: float | None = None) -> int:
        """Run until told to stop, for `for_s` seconds, or until the due ticks are done; returns the exit code."""
        self._waker.take_signals()
        self._run_until = None if for_s is None else time.monotonic() + for_s
        try:
            if once:
                self._run_once(once)
            else:
                self._run_on()
        finally:
            self._close()
        if self._collector.exhausted:
            return GAVE_UP
        return int(once is not None and self._collector.any_failed)

    def step(self) -> float:
        """Settle the finished, then fulfil wishes, judge the silent, launch what is due; answers how long to sleep."""
        connection = self._connected()
        with patience(connection, _STEP_LIMIT_S):
            nap = self._step(connection)
        began = time.monotonic()
        self._upkeep.tend()  # behind the step, whose limit is not theirs
        return max(0.0, nap - (time.monotonic() - began))

    def _step(self, connection: database.Connection) -> float:
        if not self._booted:
            recover.sweep(connection, self._config, self.id)
            if self._once:
                self._dispatcher.restrict_to_due(connection)
            self._booted = True
        self._collector.collect(connection)
        if self._look.is_due:
            self._look.take(connection, draining=self._draining > 0)
        nap = min(self._look.rest_s, self._collector.nap_s)
        return min(nap, _SOON_S) if self._launcher.settling else nap

    def _run_on(self) -> None:
        pulse = Pulse(self._config.pulse_file)
        while True:
            pulse.beat()
            nap = self._guarded(self.step)
            if self._drained:
                return
            self._sleep(nap)

    def _run_once(self, once: Once) -> None:
        """Carry every tick that is due or requested now to its end."""
        self._once = True
        until = time.monotonic() + once.wait_s
        while not self._drained:
            nap = self._guarded(lambda: self._step_once(patient=time.monotonic() < until))
            if self._through or self._drained:
                return
            self._sleep(min(nap, _ONCE_S))

    def _step_once(self, *, patient: bool) -> float:
        nap = self.step()
        connection = self._connected()
        with patience(connection, _STEP_LIMIT_S):
            if not patient:
                self._dispatcher.skip_waiting(connection)
            self._through = self._dispatcher.is_through(connection, patient=patient) and not self._collector.pending
        return nap

    def _guarded(self, step: Callable[[], float]) -> float:
        """A step, or a short wait while the database is away; deaths and signals are seen without it."""
        self._notice_lateness()
        self._notice_signals()
        self._notice_keeper()
        self._collector.gather()
        try:
            return step()
        except psycopg.Error as error:
            self._database_failed(error)
            return _RETRY_S

    def _sleep(self, seconds: float) -> None:
        most = self._config.supervisor.poll_s
        if self._run_until is not None:
            most = min(most, max(0.0, self._run_until - time.monotonic()))
        self._waker.sleep(min(seconds, most), self._launcher.pidfds)

    def _notice_lateness(self) -> None:
        now = boottime()
        late = now - self._stepped_at > self._config.supervisor.poll_s + self._config.supervisor.renew_s
        self._stepped_at = now
        if late:
            self._watchdog.distrust()
            self._renewal.hurry()
            events.emit("loop_was_late")

    def _notice_keeper(self) -> None:
        if self._lifeline.replace_if_dead():
            self._launcher.keep(self._lifeline.pid)
            self._renewal.hurry()  # which tells it how long the leases are valid
            events.emit("keeper_replaced", pid=self._lifeline.pid)

    def _notice_signals(self) -> None:
        if self._run_until is not None and time.monotonic() >= self._run_until:
            self._run_until = None
            self._drain(force=False)
        if self._collector.exhausted and not self._draining:
            events.emit("gave_up", failures=INTENSITY, seconds=INTENSITY_S)
            self._drain(force=False)
        if self._waker.stop_signals > self._signals_seen:
            self._signals_seen = self._waker.stop_signals
            self._drain(force=self._draining > 0)

    def _drain(self, *, force: bool) -> None:
        """First: ask all to end, at once. Second: kill them."""
        self._draining = 2 if force else 1
        events.emit("draining", running=len(self._dispatcher.flights), force=force)
        for run_id, flight in self._dispatcher.flights.items():
            flight.soft_s = self._config.supervisor.drain_s
            self._launcher.end(run_id, Cause.SHUTDOWN, None, EndedBy.KILL if force else EndedBy.SOFT)

    @property
    def _drained(self) -> bool:
        return self._draining > 0 and not self._dispatcher.flights and not self._collector.pending

    def _connected(self) -> database.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = database.connect(self._url)
            events.emit("database_back")
        return self._connection

    def _database_failed(self, error: psycopg.Error) -> None:
        self._watchdog.distrust()
        if self._connection is not None and is_broken(self._connection):
            self._connection.close()
            self._connection = None
            self._waker.deafen()
        events.emit("database_failed", error=str(error).splitlines()[0] if str(error) else type(error).__name__)
        if self._draining and not self._launcher.running:
            self._settle_until = self._settle_until or time.monotonic() + _SETTLE_LIMIT_S
            if self._draining > 1 or time.monotonic() > self._settle_until:
                self._collector.abandon()

    def _close(self) -> None:
        self._launcher.close()
        self._renewal.close()
        self._scales.close()
        self._guard.close()
        self._pool.close()
        try:
            connection = self._connected()
            with patience(connection, _STEP_LIMIT_S):
                self._upkeep.finish(connection)
                supervisors.leave(connection, self.id)
        except psycopg.Error as error:
            events.emit("database_failed", error=str(error).splitlines()[0])
        if self._connection is not None:
            self._connection.close()
        self._waker.close()
        self._lifeline.close()
