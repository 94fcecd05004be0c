"""Accounts for every tick once: which one to run, and which rows the others get. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from supervisor.schedule import Schedule
from workers.states import Cause

_MOST_ROWS = 1_000  # one each, at a time; the rest follows at the next look
_NOBODY_LOOKED = "no supervisor was running, or none could reach the database"
_LOOKED_LATE = "the node's jitter_s or a late loop let the next tick come first"
_STILL_RUNNING = "skipped: the run of an earlier tick was still under way"

Node = DictRow | dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What to write, and the next tick; `next` is None when nothing has to change."""

    next: datetime | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)


def first_tick(node: Node, schedule: Schedule) -> datetime:
    """The first tick that counts: from the creation, or from the last change of schedule or flags."""
    since = node["schedule_since"] or node["created_at"]
    return schedule.first_at_or_after(since, node["created_at"])


def account(node: Node, schedule: Schedule, now: datetime, awake_since: datetime) -> Account:
    """Rows for the ticks that will not run.

    While a tick is open, each tick that falls due gets a `still_running` row. Otherwise the newest due tick is the
    one to run; older ones get a `skipped` row each with what they waited for, and those nobody looked at, because no
    supervisor ran, one `missed` row together. `awake_since`: database time from which this supervisor looked.
    """
    first = node["next_run_at"]
    if first is None or first > now:
        return Account()
    if node["open_tick"] is not None:
        return _behind_open_tick(node, schedule, now, awake_since)
    newest = schedule.due_ticks(first, now, node["created_at"]).newest
    if newest is None or newest <= first:
        return Account()
    return _before_newest(node, schedule, newest, awake_since)


def _behind_open_tick(node: Node, schedule: Schedule, now: datetime, awake_since: datetime) -> Account:
    tick: datetime = node["next_run_at"]
    rows: list[dict[str, Any]] = []
    if tick < awake_since:
        gap = schedule.due_ticks(tick, min(now, awake_since), node["created_at"])
        rows.append(_missed(tick, gap.next, gap.count, _NOBODY_LOOKED))
        tick = gap.next
    until = schedule.due_ticks(tick, now, node["created_at"]).next
    behind, following = _walk(schedule, tick, until, node["created_at"])
    rows += [_row(each, Cause.STILL_RUNNING, _STILL_RUNNING) for each in behind]
    return Account(next=following, rows=rows)


def _before_newest(node: Node, schedule: Schedule, newest: datetime, awake_since: datetime) -> Account:
    anchor = node["created_at"]
    tick: datetime = node["next_run_at"]
    rows: list[dict[str, Any]] = []
    waited = Cause(node["waiting_cause"]) if node["waiting_cause"] else None
    told = f"skipped: {node['status_reason']}"
    if waited is not None and node["waiting_tick"] == tick:
        rows.append(_row(tick, waited, told))
        tick = schedule.after(tick, anchor)
    looked_from = min(newest, schedule.first_at_or_after(awake_since, anchor))
    if tick < looked_from:
        count = schedule.due_ticks(tick, looked_from, anchor).count - 1
        rows.append(_missed(tick, looked_from, count, _NOBODY_LOOKED))
        tick = looked_from
    if tick >= newest:
        return Account(next=newest, rows=rows)
    if waited is None:
        count = schedule.due_ticks(tick, newest, anchor).count - 1
        return Account(next=newest, rows=[*rows, _missed(tick, newest, count, _LOOKED_LATE)])
    older, following = _walk(schedule, tick, newest, anchor)
    return Account(next=following, rows=[*rows, *(_row(each, waited, told) for each in older)])


def _walk(schedule: Schedule, tick: datetime, until: datetime, anchor: datetime) -> tuple[list[datetime], datetime]:
    """Ticks from `tick` to before `until`, as many as may be written at a time, and the one after them."""
    ticks: list[datetime] = []
    while tick < until and len(ticks) < _MOST_ROWS:
        ticks.append(tick)
        tick = schedule.after(tick, anchor)
    return ticks, tick


def _row(tick: datetime, cause: Cause, error: str, count: int = 1) -> dict[str, Any]:
    return {"tick": tick.isoformat(), "cause": str(cause), "error": error, "tick_count": count}


def _missed(oldest: datetime, until: datetime, count: int, why: str) -> dict[str, Any]:
    count = max(count, 1)  # next_run_at may have been written by hand, where the schedule has no tick
    plural = "tick" if count == 1 else "ticks"
    sentence = f"missed {count} {plural} from {oldest:%Y-%m-%d %H:%M:%S} UTC on, before {until:%Y-%m-%d %H:%M:%S} UTC: "
    return _row(oldest, Cause.MISSED, sentence + why, count)
