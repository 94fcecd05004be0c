"""What is due: judges node rows, sets aside what cannot run, and accounts for ticks that will not be run."""

from __future__ import annotations

from datetime import datetime, timedelta

from psycopg.rows import DictRow

from supervisor import budgets, ticks
from supervisor.assign import Place, scraper_settings
from supervisor.config import Config
from supervisor.launchers import Launcher
from supervisor.schedule import Schedule, jitter_offset, parse_schedule
from supervisor.tables import nodes, runs
from workers import events
from workers.database import Connection
from workers.errors import ConfigError
from workers.plain import to_jsonb
from workers.scrapers import judge_scraper

NEVER_S = 3600.0
_AT_ONCE_S = 0.0
_SOON_S = 1.0

Ready = list[tuple[DictRow, datetime]]  # rows that may start now, and since when they are due


class Judge:
    """Judges rows as read; keeps nothing."""

    def __init__(self, config: Config, place: Place, launcher: Launcher) -> None:
        """For the supervisor at that place; `launcher` says what a fresh scrape weighs."""
        self._config = config
        self._place = place
        self._launcher = launcher

    def prepare(self, connection: Connection, row: DictRow, ready: Ready) -> float:
        """Judge one row; appends it to `ready` if it may start now, else answers when to look again."""
        if (complaint := self._complaint(row)) and not row["run_requested"]:
            return self._pause(connection, row, complaint)
        try:
            schedule = parse_schedule(row["schedule"], row["timezone"]) if row["schedule"] else None
        except ConfigError as error:
            if row["run_requested"] or row["open_tick"] is not None:
                schedule = row["schedule"] = None  # for this look: whoever claims it would stumble over it again
            else:
                return self._pause(connection, row, str(error))
        if schedule is not None and row["enabled"] and row["status"] != "paused":
            if row["next_run_at"] is None:
                return self._begin_ticks(connection, row, schedule, ready)
            if self._account(connection, row, schedule):
                return _AT_ONCE_S
        return self._consider(row, ready)

    def _begin_ticks(self, connection: Connection, row: DictRow, schedule: Schedule, ready: Ready) -> float:
        first = ticks.first_tick(row, schedule)
        written = nodes.set_next_run(connection, id=row["id"], updated_at=row["updated_at"], next_run_at=first)
        if not (row["run_requested"] or row["retry_at"] or row["open_run_id"]):
            return _AT_ONCE_S if written else _SOON_S  # somebody may hold the row
        # There may be no other look before its first tick, of which this one knew nothing yet.
        first_s = max(0.0, (first - row["now_at"]).total_seconds()) if written else _SOON_S
        return min(first_s, self._consider(row, ready))

    def _complaint(self, row: DictRow) -> str | None:
        floor = budgets.floor_mb(self._launcher.fresh_mb)
        return judge_scraper(row["scraper"], scraper_settings(self._config)) or budgets.too_small(
            row["memory_mb"], floor
        )

    def _consider(self, row: DictRow, ready: Ready) -> float:
        now: datetime = row["now_at"]
        if row["open_run_id"] is not None and (
            row["lease_live"] or str(row["open_run_supervisor"]) == self._place.supervisor_id
        ):
            return NEVER_S  # it runs, here or elsewhere; what is ours we settle, never take over
        due: datetime
        if row["open_tick"] is not None:
            due = row["retry_at"] or now
        elif row["run_requested"]:
            due = now
        elif row["next_run_at"] is not None and row["next_run_at"] <= now and row["enabled"]:
            offset = jitter_offset(row["name"], row["next_run_at"], row["jitter_s"])
            due = row["next_run_at"] + timedelta(seconds=offset)
        else:
            return NEVER_S
        if due > now:
            return (due - now).total_seconds()
        ready.append((row, due))
        return NEVER_S

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
        return NEVER_S


def is_due(row: DictRow) -> bool:
    """Whether a tick of the row has come, jitter or not."""
    if row["open_run_id"] is not None and row["lease_live"]:
        return False
    scheduled = row["enabled"] and row["next_run_at"] is not None and row["next_run_at"] <= row["now_at"]
    return bool(scheduled and row["open_tick"] is None and row["status"] != "paused")
