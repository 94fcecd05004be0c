"""Keeps the leases of running scrapes: one statement for all, on its own thread and connection."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg

from supervisor.contradictions import RENEWAL_LIMIT_S
from supervisor.guard import Guard, boottime
from supervisor.lifeline import Lifeline
from supervisor.scopes import patience
from supervisor.tables import leases, session
from workers import database, events
from workers.states import Cause, EndedBy

if TYPE_CHECKING:
    from workers.records import Assignment

_AGAIN_S = 1.0  # after a failure, or for a row that a page held


class Renewal:
    """Never blocked by a slow page, a long claim or a person's open transaction."""

    def __init__(self, url: str, guard: Guard, lifeline: Lifeline, *, lease_s: float, renew_s: float) -> None:
        """Start the thread; it connects when there is something to renew."""
        self._url = url
        self._guard = guard
        self._lifeline = lifeline
        self._lease_s = lease_s
        self._renew_s = renew_s
        self._held: dict[str, tuple[int, int]] = {}  # source → epoch, run id
        self._alive: set[int] = set()  # those of the runs whose processes are not all gone yet
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._connection: database.Connection | None = None
        self._due_at = 0.0  # not before, for the first run after a time without
        self._direct = False  # whether the server itself answered last time, and no pooler or proxy
        self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)
        self._thread.start()

    def hold(self, assignment: Assignment, sent_at: float) -> None:
        """Renew this run's lease from now on, until it has been settled."""
        with self._lock:
            if not self._alive:
                self._lifeline.valid_until(sent_at + self._lease_s)
            alone = not self._held  # else others wait to be settled, whose next renewal must not be put off
            self._held[assignment.node] = (assignment.epoch, assignment.run_id)
            self._alive.add(assignment.run_id)
        if alone:
            self._due_at = sent_at + self._renew_s
            self._wake.set()

    def rest(self, assignment: Assignment) -> None:
        """All processes of the run are gone; its lease is kept until it has been settled.

        When none is left the keeper has nothing to watch: at the end of a lease it would kill what starts just then.
        """
        with self._lock:
            self._alive.discard(assignment.run_id)
            if not self._alive:
                self._lifeline.valid_until(None)

    def drop(self, assignment: Assignment) -> None:
        """The run has been settled."""
        with self._lock:
            if self._held.get(assignment.node, (0, 0))[0] == assignment.epoch:
                del self._held[assignment.node]
        self.rest(assignment)

    def _valid_from(self, sent_at: float) -> None:
        with self._lock:
            if self._alive:
                self._lifeline.valid_until(sent_at + self._lease_s)

    def hurry(self) -> None:
        """Renew at once: the loop was late."""
        self._due_at = 0.0
        self._wake.set()

    def close(self, limit_s: float = 2.0) -> None:
        """End the thread."""
        self._closing = True
        self._wake.set()
        self._thread.join(limit_s)

    def _run(self) -> None:
        pause: float | None = None
        while True:
            self._wake.wait(pause)
            self._wake.clear()
            if self._closing:
                break
            with self._lock:
                held = dict(self._held)
            rest_s = self._due_at - boottime()
            if held and rest_s > 0 and self._connection is not None and not self._connection.closed:
                pause = rest_s  # the claim is as good as a renewal; who answers is known from an earlier one
                continue
            try:
                pause = self._renew(held) if held else None
            except Exception as error:  # noqa: BLE001 - without this thread all leases would run out
                events.emit("renewal_failed", down=False, error=f"{type(error).__name__}: {error}")
                pause = _AGAIN_S
        self._disconnect()

    def _renew(self, held: dict[str, tuple[int, int]]) -> float:
        """One round; returns the seconds until the next."""
        sent_at = boottime()
        run_ids = [run_id for _, run_id in held.values()]
        fresh = self._connection is None or self._connection.closed
        try:
            connection = self._connected()
        except psycopg.Error as error:
            self._not_connected(error, run_ids, sent_at)
            return min(_AGAIN_S, self._renew_s)
        try:
            with patience(connection, RENEWAL_LIMIT_S):
                if fresh:
                    self._direct = database.is_direct(connection, **session.peer(connection))
                epochs = {source: epoch for source, (epoch, _) in held.items()}
                verdicts = leases.renew_leases(connection, epochs, self._lease_s)
        except psycopg.Error as error:
            # Why a connection ended says little of now; whether another can be made says all. So at once.
            self._disconnect()
            events.emit("renewal_failed", down=False, error=_first_line(error))
            return min(_AGAIN_S, self._renew_s) if fresh else 0.0
        self._valid_from(sent_at)
        renewed = [held[source][1] for source, verdict in verdicts.items() if verdict == "renewed"]
        self._guard.renewed(renewed, sent_at)
        for source, verdict in verdicts.items():
            self._act(held[source][1], source, verdict)
        return self._renew_s if len(renewed) == len(held) else min(_AGAIN_S, self._renew_s)

    def _connected(self) -> database.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = database.connect(
                self._url,
                connect_timeout_s=RENEWAL_LIMIT_S,
                silence_s=RENEWAL_LIMIT_S,
                application="scrapewarden renewal",
            )
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _act(self, run_id: int, source: str, verdict: str) -> None:
        if verdict == "passed_on":
            events.emit("lease_passed_on", run_id=run_id, node=source)
            self._guard.end(run_id, Cause.FENCED, "fenced: its lease has passed on to another holder", EndedBy.KILL)
        elif verdict == "expired":
            events.emit("lease_expired", run_id=run_id, node=source)
            self._guard.end(run_id, Cause.LOST, "lost: its lease ran out before it could be renewed", EndedBy.KILL)

    def _not_connected(self, error: psycopg.Error, run_ids: list[int], sent_at: float) -> None:
        down = self._direct and database.is_down(error, self._url)
        if down:
            # Nobody else can take over either, now or within a lease's time of its start: scrapes live on.
            self._guard.renewed(run_ids, sent_at)
            self._valid_from(sent_at)
        events.emit("renewal_failed", down=down, error=_first_line(error))


def _first_line(error: psycopg.Error) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
