"""The guard: a thread that ends what must end, without the database and without waiting for a launch.

Deadlines, the ladder of a stop, and the cut-off of a supervisor that cannot renew its leases. Memory is weighed in
`supervisor.scales`, on a thread of its own, and ended here.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from supervisor import processes
from supervisor.launchers import Flight
from workers import events
from workers.states import Cause, EndedBy
from workers.stop import SOFT_SHUTDOWN, SOFT_STOP

_AGAIN_S = 1.0
_SUBMIT_LIMIT_S = 5.0  # a stopped forkserver blocks a submit without limit
_LINGER_S = 2.0  # a process may outlive its result by that much
_NEVER = 3600.0


def boottime() -> float:
    """Seconds since boot, suspend included: CLOCK_MONOTONIC stands still in suspend, leases do not."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(kw_only=True)
class _Watched:
    flight: Flight
    pidfd: int


class Guard:
    """Watches flights from a thread of its own. All methods may be called from any thread and return at once."""

    def __init__(self, *, cut_off_s: float) -> None:
        """`cut_off_s`: how long after the sending of the last good renewal scrapes may go on."""
        self._cut_off_s = cut_off_s
        self._lock = threading.RLock()
        self._watched: dict[int, _Watched] = {}
        self._submitting_since: float | None = None
        self._forkserver_pid: int | None = None
        self._waker = threading.Condition(self._lock)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="guard", daemon=True)
        self._thread.start()

    def watch(self, flight: Flight, pidfd: int) -> None:
        """Take a new flight under guard."""
        with self._lock:
            self._watched[flight.assignment.run_id] = _Watched(flight=flight, pidfd=pidfd)
            self._waker.notify()

    def forget(self, run_id: int) -> None:
        """The flight is over."""
        with self._lock:
            self._watched.pop(run_id, None)

    @contextlib.contextmanager
    def submitting(self, forkserver_pid: int | None) -> Iterator[None]:
        """Around a submit: if it takes too long the forkserver is killed, and the submit fails."""
        with self._lock:
            self._submitting_since, self._forkserver_pid = boottime(), forkserver_pid
            self._waker.notify()
        try:
            yield
        finally:
            with self._lock:
                self._submitting_since = None

    def renewed(self, run_ids: list[int], sent_at: float) -> None:
        """The leases of these runs were renewed by a statement sent then."""
        with self._lock:
            for run_id in run_ids:
                if watched := self._watched.get(run_id):
                    watched.flight.lease_sent_at = max(watched.flight.lease_sent_at, sent_at)

    def end(self, run_id: int, cause: Cause, sentence: str | None, rung: EndedBy) -> None:
        """Step onto the ladder at `rung`, or further up; the first cause stands, a lower rung changes nothing."""
        with self._lock:
            if watched := self._watched.get(run_id):
                self._end(watched, cause, sentence, rung)
                self._waker.notify()

    def flights(self) -> list[Flight]:
        """What is under guard now."""
        with self._lock:
            return [watched.flight for watched in self._watched.values()]

    def close(self, limit_s: float = 2.0) -> None:
        """Stop watching."""
        with self._lock:
            self._closing = True
            self._waker.notify()
        self._thread.join(limit_s)

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._closing:
                    return
                self._waker.wait(self._look())

    def _look(self) -> float:
        """One round over everything; returns the seconds until the next is due."""
        now = boottime()
        pauses = [self._judge_alone(watched, now) for watched in list(self._watched.values())]
        if self._submitting_since is not None:
            pauses.append(self._watch_submit(now))
        return max(0.0, min(pauses, default=_NEVER))

    def _watch_submit(self, now: float) -> float:
        left = (self._submitting_since or now) + _SUBMIT_LIMIT_S - now
        if left > 0:
            return left
        if self._forkserver_pid is not None:
            processes.send_pid(self._forkserver_pid, signal.SIGKILL)
        self._submitting_since = None
        return _NEVER

    def _judge_alone(self, watched: _Watched, now: float) -> float:
        try:
            return self._judge(watched, now)
        except Exception as error:  # noqa: BLE001 - a guard that dies of one odd process guards nobody
            events.emit("guard_failed", error=f"{type(error).__name__}: {error}")
            return _AGAIN_S

    def _judge(self, watched: _Watched, now: float) -> float:
        flight = watched.flight
        if now >= flight.deadline:
            limit = flight.assignment.timeout_s
            self._end(watched, Cause.TIMEOUT, f"killed after {limit:g} s: hard timeout", EndedBy.KILL)
        cut_off = flight.lease_sent_at + self._cut_off_s
        if now >= cut_off:
            waited = now - flight.lease_sent_at
            self._end(watched, Cause.LOST, f"cut off: its lease could not be renewed for {waited:.0f} s", EndedBy.KILL)
        if flight.finished_seen_at is not None and now >= flight.finished_seen_at + _LINGER_S:
            processes.kill_tree(flight.pid, watched.pidfd)
        if flight.next_rung_at is not None and now >= flight.next_rung_at:
            self._end(watched, flight.intent or Cause.REQUESTED, None, _next(flight.rung))
        lingers = flight.finished_seen_at + _LINGER_S if flight.finished_seen_at is not None else None
        waits = [flight.deadline, cut_off, flight.next_rung_at, lingers, now + _AGAIN_S]
        return min(moment for moment in waits if moment is not None and moment > now) - now

    def _end(self, watched: _Watched, cause: Cause, sentence: str | None, rung: EndedBy) -> None:
        flight = watched.flight
        if _HEIGHT[rung] <= _HEIGHT[flight.rung]:
            return
        if flight.intent is None:
            flight.intent, flight.sentence = cause, sentence
        flight.rung = rung
        now = boottime()
        match rung:
            case EndedBy.SOFT:
                processes.send(watched.pidfd, SOFT_SHUTDOWN if cause is Cause.SHUTDOWN else SOFT_STOP)
                flight.next_rung_at = now + flight.soft_s
            case EndedBy.TERM:
                processes.terminate_tree(flight.pid, watched.pidfd)
                flight.next_rung_at = now + flight.term_s
            case _:
                processes.kill_tree(flight.pid, watched.pidfd)
                flight.next_rung_at = None


_HEIGHT = {EndedBy.SELF: 0, EndedBy.SOFT: 1, EndedBy.TERM: 2, EndedBy.KILL: 3}


def _next(rung: EndedBy) -> EndedBy:
    return EndedBy.TERM if rung is EndedBy.SOFT else EndedBy.KILL
