"""The gate before a launch: how much a scrape may take, whether that is there, and who goes first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from supervisor import budgets, decide
from supervisor.budgets import Budget
from supervisor.config import Config
from supervisor.connections import Connections
from supervisor.due import Ready
from supervisor.guard import boottime
from supervisor.launchers import Flight, Launcher
from supervisor.room import look
from supervisor.tables import runs
from workers.database import Connection
from workers.states import Cause

_SETTLE_S = 2.0  # a child that takes longer to grow does not grow in a burst


class Gate:
    """Opened for one look at what is ready; remembers from look to look only whether memory is short."""

    def __init__(self, config: Config, launcher: Launcher, flights: dict[int, Flight]) -> None:
        """`flights`: what runs, kept up to date by the caller."""
        self._config = config
        self._launcher = launcher
        self._flights = flights
        self._paused = False
        self._histories: dict[int, DictRow] = {}
        self._holding: str | None = None
        self._last: Flight | None = None
        self._trying: dict[str, Flight] = {}  # host with a breaker that may be tried → who was launched to try it
        self._slots = launcher.room()
        self._connections = Connections()
        self.domain = ""  # who shares the memory of this reading
        self.room = self.look()

    def look(self) -> decide.Room:
        """Memory as it is now, with what running scrapes have been promised."""
        reading, room = look(self._config, self._flights.values(), self._launcher.helpers, paused=self._paused)
        self._paused = room.paused
        self.domain = reading.domain
        return room

    def count_connections(self, connection: Connection) -> None:
        """Ask the server how many connections are left, while nobody waits for the answer."""
        self._connections.count(connection)

    def open(self, connection: Connection, ready: Ready) -> Ready:
        """Look at the memory and at what the nodes have used; answers who goes before whom."""
        self.room = self.look()
        self._slots = self._launcher.room()
        if self._slots.slots > 0:
            self._connections.count_if_few(connection)
        self._holding = None
        # Those that wait come without their history: without a free slot nobody's matters, and a thousand may wait.
        known = {row["id"]: row for row, _ in ready if row["peaks"] is not None}
        unknown = [row["id"] for row, _ in ready if row["memory_mb"] is None and row["id"] not in known]
        wanted = unknown if self._slots.slots > 0 else []
        self._histories = known | (runs.read_budget_facts(connection, wanted, budgets.PEAKS) if wanted else {})
        return sorted(ready, key=lambda pair: self._rank(*pair))

    def budget(self, row: DictRow) -> Budget:
        """What the next run of this node may take."""
        memory = self._config.memory
        bounds = budgets.Bounds(
            floor_mb=self.floor_mb, default_mb=memory.default_budget_mb, most_mb=memory.max_budget_mb
        )
        history = self._histories.get(row["id"]) or {"peaks": [], "memory_ends": 0}
        return budgets.budget_of(row["memory_mb"], history["peaks"], history["memory_ends"], bounds)

    def judge(self, row: DictRow, due: datetime, budget: Budget) -> decide.Admission:
        """Whether it may start now; one that has waited long enough holds the others back."""
        if complaint := budgets.too_small(row["memory_mb"], self.floor_mb):
            return decide.Refuse(cause=Cause.TOO_BIG, reason=complaint)
        if leave_alone := self._mind_breaker(row):
            return leave_alone
        if row["memory_mb"] is None and self._slots.slots <= 0:
            return decide.Wait(cause=Cause.NO_SLOT, reason=self._slots.reason)
        decision = self._admit(budget.mb)
        if isinstance(decision, decide.Wait) and decision.cause is Cause.NO_MEMORY and self._is_aged(row, due):
            # Holding others back helps only if what they would take is what it waits for.
            self._holding = self._holding or (row["name"] if self.room.could_fit(budget.mb) else None)
        return decision

    def passed(self, row: DictRow, flight: Flight | None, budget: Budget) -> None:
        """One has been launched: it gets its full budget now, since nothing of it can be measured yet."""
        if row["breaker_host"] is not None and flight is not None:
            self._trying[row["breaker_host"]] = flight
        self.room = self.room.with_promise(budget.mb)
        self._slots = self._launcher.room()
        self._connections.taken()
        self._last = flight

    @property
    def floor_mb(self) -> int:
        """The least budget that makes sense here."""
        return budgets.floor_mb(self._launcher.fresh_mb)

    def _mind_breaker(self, row: DictRow) -> decide.Wait | None:
        """Whether the host that the node asks first has to be left alone: its run would only meet the breaker."""
        if row["breaker_host"] is None:
            return None
        self._trying = {
            host: flight for host, flight in self._trying.items() if flight.assignment.run_id in self._flights
        }
        tried_by = self._trying.get(row["breaker_host"])
        breaker = decide.Breaker(
            host=row["breaker_host"],
            left_s=row["breaker_left_s"] or 0.0,
            until=f"{row['breaker_until']:%H:%M:%S} UTC" if row["breaker_until"] else "",
            error=row["breaker_error"],
            probe_run_id=row["breaker_probe"],
        )
        return decide.mind(breaker, tried_by.assignment.node if tried_by else None)

    def _admit(self, budget_mb: int) -> decide.Admission:
        decision = decide.admit(budget_mb, self.room)
        if isinstance(decision, decide.Refuse):
            return decision
        if self._slots.slots <= 0:
            return decide.Wait(cause=Cause.NO_SLOT, reason=self._slots.reason)
        if reason := self._connections.wait_reason:
            return decide.Wait(cause=Cause.NO_SLOT, reason=reason)
        if isinstance(decision, decide.Wait):
            return decision
        if self._holding is not None:
            reason = f"memory: {self._holding} has waited longest and goes first"
            return decide.Wait(cause=Cause.NO_MEMORY, reason=reason)
        return self._settled(budget_mb) or decision

    def _settled(self, budget_mb: int) -> decide.Wait | None:
        """Where memory is scarce, one launch at a time: the next only when the last has shown what it takes."""
        last = self._last
        if last is None or last.assignment.run_id not in self._flights or not self.room.is_scarce(budget_mb):
            return None
        age_s = boottime() - last.assignment.launched_at
        if age_s >= _SETTLE_S or last.measured_mb >= last.assignment.budget_mb / 2:
            return None
        reason = f"memory: {last.assignment.node} has just started and is still growing; only {self.room.free_mb:.0f} "
        return decide.Wait(cause=Cause.NO_MEMORY, reason=f"{reason}MB are free")

    def _is_aged(self, row: DictRow, due: datetime) -> bool:
        # Ticks may be passed over while it waits: then its wait is older than its due tick.
        waits = row["status"] == "waiting" and row["waiting_since"] is not None
        since = min(due, row["waiting_since"]) if waits else due
        return decide.held_back((row["now_at"] - since).total_seconds(), self._config.supervisor.ageing_s)

    def _rank(self, row: DictRow, due: datetime) -> tuple[Any, ...]:
        """Aged nodes first, then priority; within it continuations, then the longest due."""
        aged = self._is_aged(row, due) and row["status"] == "waiting"
        continued = row["open_tick"] is not None and (row["open_part"] or 0) > 0
        return (not aged, -row["priority"], not continued, due, row["id"])
