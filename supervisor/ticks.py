"""Accounts for every tick once: which one to run, and which rows the others get. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from supervisor.schedule import Schedule
from workers.states import Cause

_MOST_ROWS = 1_000  # of still_running, one each; a longer gap becomes one row


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What to write, and the next tick; `next` is None when nothing has to change."""

    next: datetime | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)


def first_tick(node: DictRow | dict[str, Any], schedule: Schedule) -> datetime:
    """The first tick that counts: from the creation, or from the last change of schedule or flags."""
    since = node["schedule_since"] or node["created_at"]
    return schedule.first_at_or_after(since, node["created_at"])


def account(node: DictRow | dict[str, Any], schedule: Schedule, now: datetime, awake_since: datetime) -> Account:
    """Rows for the ticks that will not run.

    While a tick is open, each tick that falls due gets a `still_running` row. Otherwise the newest due tick is the
    one to run; an older one gets a `skipped` row with what it waited for, and those nobody looked at, because no
    supervisor ran, one `missed` row together. `awake_since`: database time from which this supervisor looked.
    """
    first = node["next_run_at"]
    if first is None or first > now:
        return Account()
    due = schedule.due_ticks(first, now, node["created_at"])
    if node["open_tick"] is not None:
        return _behind_open_tick(node, schedule, now, awake_since)
    if due.count <= 1 or due.newest is None:
        return Account()
    rows: list[dict[str, Any]] = []
    lost_from = first
    if node["waiting_tick"] == first and node["waiting_cause"]:
        rows.append(_row(first, Cause(node["waiting_cause"]), f"skipped: {node['status_reason']}"))
        lost_from = schedule.after(first, node["created_at"])
    if lost_from < due.newest:
        lost = schedule.due_ticks(lost_from, due.newest, node["created_at"])
        rows.append(_missed(lost_from, due.newest, lost.count - 1))
    return Account(next=due.newest, rows=rows)


def _behind_open_tick(
    node: DictRow | dict[str, Any], schedule: Schedule, now: datetime, awake_since: datetime
) -> Account:
    anchor = node["created_at"]
    tick: datetime = node["next_run_at"]
    rows: list[dict[str, Any]] = []
    if tick < awake_since:
        gap = schedule.due_ticks(tick, min(now, awake_since), anchor)
        rows.append(_missed(tick, gap.next, gap.count))
        tick = gap.next
    while tick <= now and len(rows) < _MOST_ROWS:
        rows.append(_row(tick, Cause.STILL_RUNNING, "skipped: the run of an earlier tick was still under way"))
        tick = schedule.after(tick, anchor)
    return Account(next=tick, rows=rows)


def _row(tick: datetime, cause: Cause, error: str, count: int = 1) -> dict[str, Any]:
    return {"tick": tick.isoformat(), "cause": str(cause), "error": error, "tick_count": count}


def _missed(oldest: datetime, until: datetime, count: int) -> dict[str, Any]:
    plural = "tick" if count == 1 else "ticks"
    sentence = f"missed {count} {plural} from {oldest:%Y-%m-%d %H:%M:%S} UTC on, before {until:%Y-%m-%d %H:%M:%S} UTC: "
    return _row(oldest, Cause.MISSED, sentence + "no supervisor was running", max(count, 1))
