"""Launches what is due: judge the row, account for its ticks, admit it, claim it, start it."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import DictRow

from supervisor import decide, ticks
from supervisor.config import Config
from supervisor.guard import boottime
from supervisor.launchers import Ended, Flight, Launcher, LaunchError
from supervisor.memory import read_memory, reserve_mb
from supervisor.renewal import Renewal
from supervisor.schedule import Schedule, jitter_offset, parse_schedule
from supervisor.tables import nodes, runs
from workers import events
from workers.database import Connection
from workers.errors import ConfigError
from workers.plain import to_jsonb
from workers.processes import boot_id, pid_namespace, rss_mb
from workers.records import Assignment, FetchSettings, ScraperSettings
from workers.scrapers import judge_scraper
from workers.states import Cause

_AT_ONCE_S = 0.0
_SOON_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where and as whom this supervisor launches."""

    supervisor_id: str
    host: str
    database_url: str
    awake_since: datetime  # database time


class Dispatcher:
    """Holds no state of its own but a claim whose answer was lost."""

    def __init__(self, config: Config, place: Place, launcher: Launcher, renewal: Renewal) -> None:
        """Nothing is launched yet."""
        self._config = config
        self._place = place
        self._launcher = launcher
        self._renewal = renewal
        self._flights: dict[int, Flight] = {}
        self._owners: dict[int, str] = {}  # node → uuid of its claim in progress
        self.stillborn: list[Ended] = []
        self.max_attempts: dict[int, int] = {}  # run → attempts

    def launch_due(
        self, connection: Connection, flights: dict[int, Flight], *, only: set[int] | None = None
    ) -> float:
        """Decide about every due node once; returns the seconds until the next look is worth it."""
        self._flights = flights
        rows = nodes.read_due(connection, self._place.supervisor_id)
        rows = [row for row in rows if only is None or row["id"] in only]
        nap = 3600.0
        ready: list[tuple[DictRow, datetime]] = []
        for row in rows:
            wait_s = self._prepare(connection, row, ready)
            nap = min(nap, wait_s)
        nap = min(nap, self._launch_ready(connection, ready))
        coming = nodes.next_due_s(connection)
        return max(0.0, min(nap, coming if coming is not None else nap))

    def _prepare(self, connection: Connection, row: DictRow, ready: list[tuple[DictRow, datetime]]) -> float:
        """Judge one row; appends it to `ready` if it may start now, else answers when to look again."""
        if (complaint := judge_scraper(row["scraper"], self._scraper_settings())) and not row["run_requested"]:
            return self._pause(connection, row, complaint)
        try:
            schedule = parse_schedule(row["schedule"], row["timezone"]) if row["schedule"] else None
        except ConfigError as error:
            if row["run_requested"] or row["open_tick"] is not None:
                schedule = None
            else:
                return self._pause(connection, row, str(error))
        if schedule is not None and row["enabled"] and row["status"] != "paused":
            if row["next_run_at"] is None:
                first = ticks.first_tick(row, schedule)
                nodes.set_next_run(connection, id=row["id"], updated_at=row["updated_at"], next_run_at=first)
                if not (row["run_requested"] or row["retry_at"] or row["open_run_id"]):
                    return _AT_ONCE_S
            elif self._account(connection, row, schedule):
                return _AT_ONCE_S
        return self._consider(row, ready)

    def _consider(self, row: DictRow, ready: list[tuple[DictRow, datetime]]) -> float:
        now: datetime = row["now_at"]
        if row["open_run_id"] is not None and row["lease_live"]:
            return 3600.0  # it runs, here or elsewhere
        due: datetime
        if row["open_tick"] is not None:
            due = row["retry_at"] or now
        elif row["run_requested"]:
            due = now
        elif row["next_run_at"] is not None and row["next_run_at"] <= now and row["enabled"]:
            offset = jitter_offset(row["name"], row["next_run_at"], row["jitter_s"])
            due = row["next_run_at"] + timedelta(seconds=offset)
        else:
            return 3600.0
        if due > now:
            return (due - now).total_seconds()
        ready.append((row, due))
        return 3600.0

    def _account(self, connection: Connection, row: DictRow, schedule: Schedule) -> bool:
        """Write rows for ticks that nobody will run; True if the row must be read again."""
        account = ticks.account(row, schedule, row["now_at"], self._place.awake_since)
        if account.next is None:
            return False
        done = runs.pass_over_ticks(
            connection,
            node_id=row["id"],
            expected=row["next_run_at"],
            next=account.next,
            rows=to_jsonb(account.rows),
        )
        for passed in account.rows if done else []:
            events.emit("tick_skipped", node=row["name"], cause=passed["cause"], ticks=passed["tick_count"])
        return done

    def _pause(self, connection: Connection, row: DictRow, reason: str) -> float:
        if row["open_run_id"] is None and nodes.pause_node(
            connection, id=row["id"], updated_at=row["updated_at"], reason=reason
        ):
            events.emit("node_paused", node=row["name"], reason=reason)
        return 3600.0

    def _launch_ready(self, connection: Connection, ready: list[tuple[DictRow, datetime]]) -> float:
        ageing_s = self._config.supervisor.ageing_s
        room = self.room()
        holding: str | None = None
        nap = 3600.0
        for row, due in sorted(ready, key=lambda pair: _rank(*pair, ageing_s)):
            budget_mb, source = self._budget(row)
            decision = self._admit(budget_mb, room, holding)
            match decision:
                case decide.Launch():
                    launched = self._claim(connection, row, budget_mb, source, room)
                    if launched:
                        # Each launch of one look takes its full budget: nothing of it can be measured yet.
                        room = _with_promise(room, budget_mb)
                    nap = min(nap, _AT_ONCE_S if launched else _SOON_S)
                case decide.Wait():
                    self._wait(connection, row, decision)
                    waited_s = (row["now_at"] - due).total_seconds()
                    if decision.cause is Cause.NO_MEMORY and decide.held_back(waited_s, ageing_s):
                        holding = holding or row["name"]
                    nap = min(nap, _SOON_S)
                case decide.Refuse():
                    self._refuse(connection, row, decision)
        return nap

    def room(self) -> decide.Room:
        """Memory as it is now, with what running scrapes have been promised."""
        memory = self._config.memory
        reading = read_memory(memory.cgroup_root, memory.proc_root)
        self.domain = reading.domain
        promised = sum(max(0.0, f.assignment.budget_mb - f.measured_mb) for f in self._flights.values())
        return decide.Room(
            available_mb=reading.available_mb,
            limit_mb=reading.limit_mb,
            source=reading.source,
            reserve_mb=reserve_mb(reading, memory.reserve_percent, memory.reserve_mb),
            promised_mb=promised,
            own_mb=rss_mb(os.getpid()),
            running=len(self._flights),
        )

    def _budget(self, row: DictRow) -> tuple[int, str]:
        if row["memory_mb"]:
            return row["memory_mb"], "memory_mb"
        return self._config.memory.default_budget_mb, "default"

    def _admit(self, budget_mb: int, room: decide.Room, holding: str | None) -> decide.Launch | decide.Wait | decide.Refuse:
        decision = decide.admit(budget_mb, room)
        if isinstance(decision, decide.Refuse):
            return decision
        slots = self._launcher.room()
        if slots.slots <= 0:
            return decide.Wait(cause=Cause.NO_SLOT, reason=slots.reason)
        if holding is not None and isinstance(decision, decide.Launch):
            return decide.Wait(cause=Cause.NO_MEMORY, reason=f"memory: {holding} has waited longest and goes first")
        return decision

    def _wait(self, connection: Connection, row: DictRow, decision: decide.Wait) -> None:
        tick = None if row["open_tick"] is not None or row["run_requested"] else row["next_run_at"]
        if nodes.set_waiting(
            connection, id=row["id"], reason=decision.reason, tick=tick, cause=str(decision.cause)
        ) and (row["status"], row["waiting_cause"]) != ("waiting", str(decision.cause)):
            events.emit("node_waits", node=row["name"], cause=str(decision.cause), reason=decision.reason)

    def _refuse(self, connection: Connection, row: DictRow, decision: decide.Refuse) -> None:
        if row["open_tick"] is not None:
            self._wait(connection, row, decide.Wait(cause=decision.cause, reason=decision.reason))
            return
        if row["run_requested"]:
            nodes.skip_request(connection, row["id"], str(decision.cause), decision.reason)
        else:
            schedule = parse_schedule(row["schedule"], row["timezone"])
            tick = {"tick": row["next_run_at"], "cause": str(decision.cause), "error": decision.reason, "tick_count": 1}
            following = schedule.after(row["next_run_at"], row["created_at"])
            runs.pass_over_ticks(
                connection, node_id=row["id"], expected=row["next_run_at"], next=following, rows=to_jsonb([tick])
            )
        nodes.set_note(connection, row["id"], decision.reason)
        events.emit("node_refused", node=row["name"], cause=str(decision.cause), reason=decision.reason)

    def skip_waiting(self, connection: Connection, only: set[int]) -> None:
        """Give up on due ticks that found no room in time (`run --once`)."""
        for row in nodes.read_due(connection, self._place.supervisor_id):
            if row["id"] not in only or row["open_tick"] is not None or row["open_run_id"] is not None:
                continue
            cause = Cause(row["waiting_cause"]) if row["waiting_cause"] else Cause.NO_SLOT
            self._refuse(connection, row, decide.Refuse(cause=cause, reason=row["status_reason"] or "found no room"))

    def _claim(self, connection: Connection, row: DictRow, budget_mb: int, source: str, room: decide.Room) -> bool:
        """One round trip; True if a process was started."""
        following = None
        if row["schedule"] and row["next_run_at"] is not None and not row["run_requested"]:
            following = parse_schedule(row["schedule"], row["timezone"]).after(row["next_run_at"], row["created_at"])
        attempts = row["max_attempts"] or self._config.retry.attempts
        # A claim whose answer is lost is repeated under the same uuid, and finds its own row.
        owner = self._owners.setdefault(row["id"], str(uuid.uuid4()))
        sent_at = boottime()
        claim = runs.claim_run(
            connection,
            node_id=row["id"],
            supervisor_id=self._place.supervisor_id,
            owner=owner,
            lease_s=self._config.supervisor.lease_s,
            expected_tick=row["next_run_at"],
            next_run_at=following,
            budget_mb=budget_mb,
            budget_source=source,
            host=self._place.host,
            boot_id=boot_id(),
            pid_ns=pid_namespace(),
            memory_domain=self.domain,
            room_mb=room.free_mb,
            max_attempts=attempts,
        )
        del self._owners[row["id"]]
        if claim["verdict"] != "claimed":
            self._not_claimed(connection, row, claim["verdict"])
            return False
        self.max_attempts[claim["run_id"]] = attempts
        self._start(self._assignment(row, claim, owner, budget_mb), sent_at)
        return True

    def _not_claimed(self, connection: Connection, row: DictRow, verdict: str) -> None:
        if verdict == "lease_held":
            until = f" until {row['lease_until']:%H:%M:%S} UTC" if row["lease_live"] else ""
            reason = f"lease: held by {row['lease_owner']}{until}" if row["lease_owner"] else "lease: held by another"
            self._wait(connection, row, decide.Wait(cause=Cause.LEASE_HELD, reason=reason))
        elif verdict == "no_memory":
            reason = "memory: what is free has been promised to another supervisor in this container"
            self._wait(connection, row, decide.Wait(cause=Cause.NO_MEMORY, reason=reason))
        elif verdict == "grace":
            reason = "lease: the database has just started, its holder may still renew"
            self._wait(connection, row, decide.Wait(cause=Cause.LEASE_HELD, reason=reason))

    def _start(self, assignment: Assignment, sent_at: float) -> None:
        self._renewal.hold(assignment, sent_at)
        try:
            flight = self._launcher.launch(assignment, sent_at)
        except LaunchError as error:
            flight = Flight(assignment=assignment, pid=0, lease_sent_at=sent_at)
            flight.intent, flight.sentence = Cause.BOOT_FAILED, f"could not start: {error}"
            self.stillborn.append(Ended(flight=flight, outcome=None))
            return
        self._flights[assignment.run_id] = flight
        events.emit("run_started", run_id=assignment.run_id, node=assignment.node, pid=flight.pid)

    def _assignment(self, row: DictRow, claim: DictRow, owner: str, budget_mb: int) -> Assignment:
        config = self._config
        beat_s = min(config.heartbeat.every_s, row["stall_s"] / 3, config.heartbeat.stale_after_s / 3)
        return Assignment(
            run_id=claim["run_id"],
            node_id=row["id"],
            node=row["name"],
            epoch=claim["epoch"],
            owner=owner,
            supervisor_id=self._place.supervisor_id,
            scraper=claim["scraper"],
            params=claim["params"],
            checkpoint=claim["checkpoint"],
            tick=claim["tick"],
            attempt=claim["attempt"],
            part=claim["part"],
            now=claim["now_at"],
            launched_at=boottime(),
            timeout_s=row["timeout_s"],
            database_url=self._place.database_url,
            budget_mb=budget_mb,
            data_limit=row["data_limit"],
            recycle_percent=config.memory.recycle_percent,
            heartbeat_s=max(beat_s, 0.05),
            fetch=self._fetch_settings(row),
            scrapers=self._scraper_settings(),
        )

    def _fetch_settings(self, row: DictRow) -> FetchSettings:
        fetch = self._config.fetch
        return FetchSettings(
            timeout_s=fetch.timeout_s,
            max_body_mb=fetch.max_body_mb,
            user_agent=fetch.user_agent,
            contact=fetch.contact,
            gap_s=fetch.gap_s if row["gap_s"] is None else row["gap_s"],
            gap_jitter_s=fetch.gap_jitter_s if row["gap_jitter_s"] is None else row["gap_jitter_s"],
            gap_loopback_s=fetch.gap_loopback_s if row["gap_s"] is None else row["gap_s"],
        )

    def _scraper_settings(self) -> ScraperSettings:
        scrapers = self._config.scrapers
        return ScraperSettings(
            allow=tuple(scrapers.allow),
            path=tuple(str(folder) for folder in self._config.scraper_folders),
            env=tuple(scrapers.env),
            allow_command=scrapers.allow_command,
        )


def _rank(row: DictRow, due: datetime, ageing_s: float) -> tuple[Any, ...]:
    """Aged nodes first, then priority; within it continuations, then the longest due."""
    aged = decide.held_back((row["now_at"] - due).total_seconds(), ageing_s) and row["status"] == "waiting"
    continued = row["open_tick"] is not None and (row["open_part"] or 0) > 0
    return (not aged, -row["priority"], not continued, due, row["id"])


def _with_promise(room: decide.Room, budget_mb: int) -> decide.Room:
    return decide.Room(
        available_mb=room.available_mb,
        limit_mb=room.limit_mb,
        source=room.source,
        reserve_mb=room.reserve_mb,
        promised_mb=room.promised_mb + budget_mb,
        own_mb=room.own_mb,
        running=room.running + 1,
    )
