"""The scales: a thread that weighs process trees and ends what takes more memory than there is.

Apart from the guard's own thread, because reading a process's exact share can wait for that very process.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from supervisor import decide, memory, processes
from supervisor.guard import Guard, boottime
from supervisor.launchers import Flight
from supervisor.memory import MemoryReading
from workers import events
from workers.states import Cause, EndedBy

if TYPE_CHECKING:
    from supervisor.settings_table import Memory

_EVERY_S = 1.0
_SHORT_EVERY_S = 0.25  # when less than the reserve is left
_TWICE_S = 0.9  # between two looks that both find a scrape over its budget: a second, less a late thread's haste
_FAR_OVER = 1.3  # of the budget: no second look
_GIVES_BACK_S = 2.0  # after a kill: until its memory should have come back


class Scales:
    """Weighs what the guard watches, from creation to `close`."""

    def __init__(self, guard: Guard, settings: Memory) -> None:
        """`settings`: section [memory]."""
        self._guard = guard
        self._settings = settings
        self._killed_at = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scales", daemon=True)
        self._thread.start()

    def close(self, limit_s: float = 2.0) -> None:
        """Weigh no more."""
        self._closing.set()
        self._thread.join(limit_s)

    def _run(self) -> None:
        pause = _EVERY_S
        while not self._closing.wait(pause):
            try:
                pause = self._look()
            except Exception as error:  # noqa: BLE001 - scales that break over one odd reading weigh nobody
                events.emit("scales_failed", error=f"{type(error).__name__}: {error}")
                pause = _EVERY_S

    def _look(self) -> float:
        """One round over everything; returns the seconds until the next."""
        flights = self._guard.flights()
        if not flights:
            return _EVERY_S
        for flight in flights:
            self._weigh_alone(flight)
        reading = memory.read_memory(self._settings.cgroup_root, self._settings.proc_root)
        self._relieve(flights, reading)
        reserve = memory.reserve_mb(reading, self._settings.reserve_percent, self._settings.reserve_mb)
        return _SHORT_EVERY_S if reading.available_mb < reserve else _EVERY_S

    def _weigh_alone(self, flight: Flight) -> None:
        try:
            self._weigh(flight)
        except Exception as error:  # noqa: BLE001 - one odd process must not keep the others from being weighed
            events.emit("scales_failed", error=f"{type(error).__name__}: {error}")

    def _weigh(self, flight: Flight) -> None:
        budget = flight.assignment.budget_mb
        tree = [flight.pid, *processes.descendants_of(flight.pid)]
        flight.measured_mb = memory.tree_memory_mb(tree, over_mb=budget)
        flight.peak_mb = max(flight.peak_mb, flight.measured_mb)
        if flight.measured_mb <= budget:
            flight.over_since = None
            return
        now = boottime()
        over = f"over its memory budget: {flight.measured_mb:.0f} MB of {budget} MB"
        if flight.measured_mb > budget * _FAR_OVER:
            self._guard.end(flight.assignment.run_id, Cause.MEMORY, f"killed at once, far {over}", EndedBy.KILL)
        elif flight.over_since is None:
            flight.over_since = now
        elif now - flight.over_since >= _TWICE_S:
            self._guard.end(flight.assignment.run_id, Cause.MEMORY, f"killed, twice {over}", EndedBy.TERM)

    def _relieve(self, flights: Sequence[Flight], reading: MemoryReading) -> None:
        """End one scrape when next to nothing is left, and look again before the next."""
        if not decide.is_exhausted(reading.available_mb, reading.tightest.limit_mb):
            return
        going = any(flight.rung is EndedBy.KILL and processes.is_alive(flight.pid) for flight in flights)
        if going and boottime() - self._killed_at < _GIVES_BACK_S:
            return
        loads = [
            decide.Load(
                run_id=flight.assignment.run_id,
                measured_mb=flight.measured_mb,
                budget_mb=flight.assignment.budget_mb,
                launched_at=flight.assignment.launched_at,
            )
            for flight in flights
            if flight.rung is not EndedBy.KILL
        ]
        if (victim := decide.whom_to_end(loads)) is not None:
            self._killed_at = boottime()
            left = f"{reading.available_mb:.0f} MB of {reading.tightest.limit_mb:.0f} MB"
            sentence = f"killed because only {left} were left ({reading.source}); it was {victim.why}"
            events.emit("memory_exhausted", run_id=victim.run_id, available_mb=round(reading.available_mb, 1))
            self._guard.end(victim.run_id, Cause.MEMORY, sentence, EndedBy.KILL)
