"""Ticks are accounted for once: which one runs, and which rows the others get."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from supervisor import ticks
from supervisor.schedule import Schedule, parse_schedule

BORN = datetime(2025, 3, 30, 0, 30, tzinfo=UTC)  # half an hour before clocks change in Europe
MINUTE = timedelta(minutes=1)
MINUTELY = parse_schedule("every 1m")


def node(**columns: Any) -> dict[str, Any]:
    """A node's row as far as ticks need it."""
    row = {"created_at": BORN, "schedule_since": None, "next_run_at": BORN, "open_tick": None}
    return {**row, "waiting_tick": None, "waiting_cause": None, "status_reason": None, **columns}


def told(account: ticks.Account) -> list[tuple[int, str, int]]:
    """Rows as minutes since birth, cause and number of ticks."""
    rows = account.rows
    minutes = [(datetime.fromisoformat(row["tick"]) - BORN) // MINUTE for row in rows]
    return [(minute, row["cause"], row["tick_count"]) for minute, row in zip(minutes, rows, strict=True)]


def at(minutes: float) -> datetime:
    return BORN + minutes * MINUTE


@pytest.mark.parametrize("now", [-1, 0, 0.5, 0.99])
def test_a_tick_that_is_not_due_or_the_only_one_due_needs_no_row(now: float) -> None:
    assert ticks.account(node(), MINUTELY, at(now), BORN) == ticks.Account()


def test_a_node_without_a_next_tick_has_nothing_to_account_for() -> None:
    assert ticks.account(node(next_run_at=None), MINUTELY, at(5), BORN) == ticks.Account()


def test_after_downtime_one_row_tells_of_the_gap_and_the_newest_lost_tick_runs() -> None:
    account = ticks.account(node(), MINUTELY, at(10.5), awake_since=at(10.4))
    assert (account.next, told(account)) == (at(10), [(0, "missed", 10)])
    assert account.rows[0]["error"] == (
        "missed 10 ticks from 2025-03-30 00:30:00 UTC on, before 2025-03-30 00:40:00 UTC: "
        "no supervisor was running, or none could reach the database"
    )


def test_one_lost_tick_is_told_in_the_singular() -> None:
    account = ticks.account(node(), MINUTELY, at(1.5), awake_since=at(1.4))
    assert account.rows[0]["error"].startswith("missed 1 tick from ")


def test_a_tick_that_waited_is_skipped_with_what_it_waited_for_when_the_next_is_due() -> None:
    waiting = node(waiting_tick=BORN, waiting_cause="no_memory", status_reason="memory: no room")
    account = ticks.account(waiting, MINUTELY, at(1), BORN)
    assert (account.next, told(account)) == (at(1), [(0, "no_memory", 1)])
    assert account.rows[0]["error"] == "skipped: memory: no room"


def test_ticks_that_fell_due_behind_a_waiting_one_waited_for_the_same() -> None:
    waiting = node(waiting_tick=BORN, waiting_cause="no_slot", status_reason="slots")
    account = ticks.account(waiting, MINUTELY, at(3.5), BORN)
    assert (account.next, told(account)) == (at(3), [(minute, "no_slot", 1) for minute in range(3)])


def test_a_tick_that_waited_before_a_downtime_and_the_gap_are_told_apart() -> None:
    waiting = node(waiting_tick=BORN, waiting_cause="lease_held", status_reason="lease")
    account = ticks.account(waiting, MINUTELY, at(9.5), awake_since=at(5.5))
    expected = [
        (0, "lease_held", 1),
        (1, "missed", 5),
        (6, "lease_held", 1),
        (7, "lease_held", 1),
        (8, "lease_held", 1),
    ]
    assert (account.next, told(account)) == (at(9), expected)


def test_ticks_that_a_waking_supervisor_did_not_get_to_are_not_blamed_on_downtime() -> None:
    account = ticks.account(node(), MINUTELY, at(3.5), awake_since=BORN)
    assert (account.next, told(account)) == (at(3), [(0, "missed", 3)])
    assert "jitter_s or a late loop" in account.rows[0]["error"]


def test_each_tick_that_falls_due_behind_an_open_one_gets_its_row() -> None:
    account = ticks.account(node(open_tick=at(-1)), MINUTELY, at(2.5), BORN)
    assert (account.next, told(account)) == (at(3), [(minute, "still_running", 1) for minute in range(3)])


def test_behind_an_open_tick_a_downtime_is_one_row_and_the_rest_one_each() -> None:
    account = ticks.account(node(open_tick=at(-1)), MINUTELY, at(9.5), awake_since=at(7.5))
    assert (account.next, told(account)) == (
        at(10),
        [(0, "missed", 8), (8, "still_running", 1), (9, "still_running", 1)],
    )


def test_a_long_open_tick_is_written_up_in_portions() -> None:
    since = node(open_tick=at(-1))
    rows = 0
    for _ in range(3):
        account = ticks.account(since, MINUTELY, at(2_499.5), BORN)
        assert account.next is not None
        rows += len(account.rows)
        since["next_run_at"] = account.next
    assert (rows, since["next_run_at"]) == (2_500, at(2_500))
    assert ticks.account(since, MINUTELY, at(2_499.5), BORN) == ticks.Account()


def test_the_first_tick_is_the_creation_or_follows_a_change() -> None:
    assert ticks.first_tick(node(), MINUTELY) == BORN
    assert ticks.first_tick(node(schedule_since=at(3.2)), MINUTELY) == at(4)


SCHEDULES = ["every 7m", "every 90s", "*/20 * * * *", "30 2 * * *", "0,30 1-3 * * *"]
STEPS = some.lists(
    some.tuples(
        some.sampled_from(["run", "end", "no_memory", "no_slot", "lease_held", "down", "look"]),
        some.floats(0.1, 200),  # minutes
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=150)
@given(text=some.sampled_from(SCHEDULES), zone=some.sampled_from(["UTC", "Europe/Berlin"]), steps=STEPS)
def test_every_tick_from_birth_to_now_is_accounted_for_exactly_once(
    text: str, zone: str, steps: list[tuple[str, float]]
) -> None:
    schedule = parse_schedule(text, zone)
    row = node(next_run_at=ticks.first_tick(node(), schedule))
    accounted: Counter[datetime] = Counter()
    now = awake_since = BORN
    for step, minutes in steps:
        now += minutes * MINUTE
        awake_since = now if step == "down" else awake_since
        row = look(row, schedule, now, awake_since, accounted)
        row = act(step, row, schedule, now, accounted)
    upcoming = row["next_run_at"]
    assert accounted == Counter(walk(schedule, upcoming))
    assert upcoming > now or schedule.after(upcoming, BORN) > now


def look(
    row: dict[str, Any], schedule: Schedule, now: datetime, awake_since: datetime, accounted: Counter[datetime]
) -> dict[str, Any]:
    """What the loop does with the account of a node."""
    account = ticks.account(row, schedule, now, awake_since)
    for passed in account.rows:
        tick = datetime.fromisoformat(passed["tick"])
        for _ in range(passed["tick_count"]):
            accounted[tick] += 1
            tick = schedule.after(tick, BORN)
    return row if account.next is None else {**row, "next_run_at": account.next}


def act(
    step: str, row: dict[str, Any], schedule: Schedule, now: datetime, accounted: Counter[datetime]
) -> dict[str, Any]:
    """What becomes of the newest due tick, if there is one."""
    tick = row["next_run_at"]
    if row["open_tick"] is not None:
        return {**row, "open_tick": None} if step == "end" else row
    if tick > now or step in {"end", "down", "look"}:
        return row
    if step == "run":
        accounted[tick] += 1
        started = {"open_tick": tick, "next_run_at": schedule.after(tick, BORN)}
        return {**row, **started, "waiting_tick": None, "waiting_cause": None}
    return {**row, "waiting_tick": tick, "waiting_cause": step, "status_reason": f"waits: {step}"}


def walk(schedule: Schedule, until: datetime) -> list[datetime]:
    found = []
    tick = schedule.first_at_or_after(BORN, BORN)
    while tick < until:
        found.append(tick)
        tick = schedule.after(tick, BORN)
    return found
