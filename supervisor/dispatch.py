"""Launches what is due: admit it, claim it, start it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow

from supervisor import budgets, decide
from supervisor.assign import Place, assign
from supervisor.budgets import Budget
from supervisor.config import Config
from supervisor.due import NEVER_S, Judge, Ready, is_due
from supervisor.gate import Gate
from supervisor.guard import boottime
from supervisor.held_back import decision_of, hold_off, refuse
from supervisor.launchers import Ended, Flight, Launcher, LaunchError
from supervisor.renewal import Renewal
from supervisor.schedule import parse_schedule
from supervisor.scopes import only_this
from supervisor.tables import nodes, runs
from supervisor.watchdog import BOOT_LIMIT_S
from workers import events
from workers.database import Connection
from workers.processes import boot_id, pid_namespace
from workers.records import Assignment
from workers.states import Cause

_SOON_S = 1.0
_UNWELL_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A claim on its way."""

    row: DictRow
    budget: Budget
    owner: str
    sent_at: float  # when it was first sent: its lease counts from then at the earliest


class Dispatcher:
    """Holds no state of its own but a claim whose answer was lost."""

    def __init__(self, config: Config, place: Place, launcher: Launcher, renewal: Renewal) -> None:
        """Nothing is launched yet."""
        self._config = config
        self._place = place
        self._judge = Judge(config, place, launcher)
        self._launcher = launcher
        self._renewal = renewal
        self.flights: dict[int, Flight] = {}  # what was launched and is not settled, by run
        self._gate = Gate(config, launcher, self.flights)
        self._stillborn: list[Ended] = []
        self._attempts: dict[int, int] = {}  # run → attempts its tick may have
        self._asked: dict[int, _Asked] = {}  # node → its claim that has not been answered
        self._only: set[int] | None = None  # `run --once`: nodes whose tick was due at the start
        self._claimed: set[int] = set()
        self._unwell: dict[int, float] = {}  # node → not to be looked at before
        self._launch_from = 0.0
        self.anyone_waits = False  # for room that an end may make
        self.waits_over = True  # somebody waits who was asked to stop, as far as known

    @property
    def stillborn(self) -> set[int]:
        """Claimed runs that have no process, and have to be settled all the same."""
        return {ended.flight.assignment.run_id for ended in self._stillborn}

    def take_stillborn(self) -> list[Ended]:
        """Runs that were claimed and never came up; they are the caller's now."""
        stillborn, self._stillborn = self._stillborn, []
        return stillborn

    def attempts_of(self, run_id: int) -> int:
        """How many attempts the tick of this run may have."""
        return self._attempts.get(run_id, self._config.retry.attempts)

    def land(self, run_id: int) -> None:
        """The run has been settled."""
        self.flights.pop(run_id, None)
        self._attempts.pop(run_id, None)

    def launch_due(self, connection: Connection) -> float:
        """Decide about every due node once; returns the seconds until the next look is worth it."""
        self.anyone_waits = False
        nap = self._ask_again(connection)
        due = nodes.read_due(connection, self._place.supervisor_id, budgets.PEAKS)
        read_at = boottime()
        self.waits_over = due.waits_over
        ready: Ready = []
        for row in due.rows:
            if self._is_wanted(row) and self._is_well(row):
                nap = min(nap, self._prepare_alone(connection, row, ready))
        nap = min(nap, self._launch_ready(connection, ready))
        # Fifty launches take seconds, in which what was to come has come nearer.
        coming_s = NEVER_S if due.coming_s is None else due.coming_s - (boottime() - read_at)
        return max(0.0, min(nap, coming_s))

    def restrict_to_due(self, connection: Connection) -> None:
        """From now on only what is due at this moment counts, each node for one tick."""
        for _ in range(3):  # a new node gets its first tick, one behind its time its rows, then it is due or not
            ready: Ready = []
            rows = nodes.read_due(connection, self._place.supervisor_id).rows
            if all([self._prepare_alone(connection, row, ready) > 0 for row in rows]):  # noqa: C419 - all are prepared
                break
        # What is ready, and what only its jitter still delays.
        self._only = {row["id"] for row, _ in ready} | {row["id"] for row in rows if is_due(row)}

    def is_through(self, connection: Connection, *, patient: bool) -> bool:
        """Whether every tick that counts has come to its end; without patience, those that wait for room too."""
        if self.flights or self._only is None:
            return False
        if nodes.read_open_ticks(connection, list(self._claimed), patient=patient):
            return False
        due = {row["id"] for row in nodes.read_due(connection, self._place.supervisor_id).rows}
        return not (self._only - self._claimed) & due

    def _is_wanted(self, row: DictRow) -> bool:
        if self._only is None:
            return True
        return row["id"] in self._only and (row["id"] not in self._claimed or row["open_tick"] is not None)

    def _is_well(self, row: DictRow) -> bool:
        """Whether the node has not failed us just now; one that fails at each look would be all we do."""
        return self._unwell.get(row["id"], 0.0) <= boottime()

    def _prepare_alone(self, connection: Connection, row: DictRow, ready: Ready) -> float:
        nap = _UNWELL_S
        self._unwell[row["id"]] = boottime() + _UNWELL_S
        with only_this(connection, row["name"]):
            nap = self._judge.prepare(connection, row, ready)
            del self._unwell[row["id"]]
        return nap

    def _launch_ready(self, connection: Connection, ready: Ready) -> float:
        if not ready:
            return NEVER_S  # an idle supervisor need not read its control groups at each look
        nap = NEVER_S
        for row, due in self._gate.open(connection, ready):
            if boottime() < self._launch_from:
                return _SOON_S  # the last launch failed: this machine has to recover, not the next node to suffer
            budget = self._gate.budget(row)
            match self._gate.judge(row, due, budget):
                case decide.Launch():
                    nap = min(nap, self._claim_alone(connection, row, budget))
                case decide.Wait() as decision:
                    with only_this(connection, row["name"]):
                        hold_off(connection, row, due, decision)
                    self.anyone_waits = True
                    nap = min(nap, decision.again_s)
                case decide.Refuse() as decision:
                    with only_this(connection, row["name"]):
                        refuse(connection, row, due, decision)
                    nap = min(nap, _SOON_S)  # its next tick is known from now on only
        return nap

    def _ask_again(self, connection: Connection) -> float:
        """Repeat claims whose answer was lost with its connection; what they were granted is theirs."""
        nap = NEVER_S
        for asked in list(self._asked.values()):
            if boottime() - asked.sent_at > self._config.supervisor.lease_s / 2:
                del self._asked[asked.row["id"]]  # too old a lease to start on: closed like any row that nobody watches
            else:
                nap = min(nap, self._claim_alone(connection, asked.row, asked.budget))
        return nap

    def _claim_alone(self, connection: Connection, row: DictRow, budget: Budget) -> float:
        """Launch one; answers the seconds until it is worth looking at its node again."""
        nap = _SOON_S
        self._unwell[row["id"]] = boottime() + _UNWELL_S
        with only_this(connection, row["name"]):
            following = self._following(row)
            if self._claim(connection, row, budget, following):
                coming_s = NEVER_S if following is None else (following - row["now_at"]).total_seconds()
                # Its silence has to be noticed in time, however long the poll.
                nap = min(coming_s, row["stall_s"], self._config.heartbeat.stale_after_s, BOOT_LIMIT_S)
            del self._unwell[row["id"]]
        self._asked.pop(row["id"], None)  # answered, if only by a refusal; a broken connection does not come here
        return nap

    def _following(self, row: DictRow) -> datetime | None:
        """The tick after the one that is due, if it is a tick that is due."""
        if not row["schedule"] or row["next_run_at"] is None or row["run_requested"]:
            return None
        return parse_schedule(row["schedule"], row["timezone"]).after(row["next_run_at"], row["created_at"])

    def take_stock(self, connection: Connection) -> decide.Room:
        """Connections and memory as they are now; the latter with what running scrapes have been promised."""
        self._gate.count_connections(connection)
        return self._gate.look()

    def skip_waiting(self, connection: Connection) -> None:
        """Give up on due ticks that found no room in time (`run --once`)."""
        for row in nodes.read_due(connection, self._place.supervisor_id).rows:
            if not self._is_wanted(row) or row["id"] in self._claimed or row["open_tick"] is not None:
                continue
            self._claimed.add(row["id"])
            cause = Cause(row["waiting_cause"]) if row["waiting_cause"] else Cause.NO_SLOT
            reason = row["status_reason"] or "found no room"
            refuse(connection, row, row["now_at"], decide.Refuse(cause=cause, reason=reason))

    def _claim(self, connection: Connection, row: DictRow, budget: Budget, following: datetime | None) -> bool:
        """One round trip; True if a process was started, or should have been."""
        attempts = row["max_attempts"] or self._config.retry.attempts
        # A claim whose answer is lost is repeated under the same uuid, and finds its own row.
        fresh = _Asked(row=row, budget=budget, owner=str(uuid.uuid4()), sent_at=boottime())
        asked = self._asked.setdefault(row["id"], fresh)
        claim = runs.claim_run(
            connection,
            node_id=row["id"],
            supervisor_id=self._place.supervisor_id,
            owner=asked.owner,
            lease_s=self._config.supervisor.lease_s,
            expected_tick=row["next_run_at"],
            next_run_at=following,
            budget_mb=budget.mb,
            budget_source=budget.source,
            host=self._place.host,
            boot_id=boot_id(),
            pid_ns=pid_namespace(),
            memory_domain=self._gate.domain,
            room_mb=self._gate.room.free_mb,
            max_attempts=attempts,
        )
        if claim["verdict"] != "claimed":
            if (decision := decision_of(claim["verdict"], row)) is not None:
                hold_off(connection, row, row["now_at"], decision)
            return False
        self._attempts[claim["run_id"]] = attempts
        self._claimed.add(row["id"])
        assignment = assign(self._config, self._place, row, claim, owner=asked.owner, budget_mb=budget.mb)
        self._gate.passed(row, self._start(assignment, asked.sent_at), budget)
        return True

    def _start(self, assignment: Assignment, sent_at: float) -> Flight | None:
        self._renewal.hold(assignment, sent_at)
        try:
            flight = self._launcher.launch(assignment, sent_at)
        except LaunchError as error:
            flight = Flight(assignment=assignment, pid=0, lease_sent_at=sent_at)
            flight.intent, flight.sentence = Cause.BOOT_FAILED, f"could not start: {error}"
            self._stillborn.append(Ended(flight=flight, outcome=None))
            self._launch_from = boottime() + _SOON_S
            return None
        self.flights[assignment.run_id] = flight
        events.emit("run_started", run_id=assignment.run_id, node=assignment.node, pid=flight.pid)
        return flight
