"""Rows as a person with psql may write them: whatever the table takes, the loop goes on and says what is wrong."""

from __future__ import annotations

import random
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.fix_supervisor import Connection, Nodes, Start
from tests.wait import wait_for

SECONDS = [0.0, 5e-324, 1e-9, 0.01, 600.0, 1e9, 1e308, float("inf"), float("nan"), -1.0]
WHOLE = [None, 0, 1, 7, 64, 2**31 - 1, -1, -(2**31)]
MOMENTS = ["1970-01-01", "2026-01-01", "8999-12-31", "infinity", "-infinity", "0001-01-01", "9999-12-31"]
VALUES: dict[str, list[Any]] = {
    "name": [" ", "\u202eemos", "a\u0301" * 100, "\U0001f600", "'; drop table nodes; --", "%s{}$1", "x" * 200],
    "scraper": ["nowhere:x", "html", "feed", "command", "\x1b[31m\n", "a" * 500, "zoo:__builtins__", "zoo:Page", "..:x",
                "os:system", "workers.scrapers.command:scrape", "\u202ehtml", "broken:x", "zoo:nothing", ":"],
    "schedule": ["every 3650d", "every 0s", "0 0 29 2 *", "0 0 31 2 *", "EVERY  2 S", "@daily", "every 999999999d", "",
                 "99 * * * *", "* * * * * *", "\u0661 * * * *", "\x1b[2J", "x" * 5000, " ", "every 1s; drop"],
    "timezone": ["utc", "Africa/El_Aaiun", "../../etc/passwd", "/etc/localtime", "", "\u202e", "y" * 5000, "Etc", "\n"],
    "params": [{"pages": "many"}, {"pages": -1}, {"pages": 10**400}, {"pages": None}, {"": {"": []}}, {"pages": [[]]},
               {"url": "${HOME}"}, {"url": "${\u202e}"}, {"a" * 5000: "\u202e\x01"}, {"deep": [[[[[{}]]]]]}, [], "x",
               {"many": list(range(9999))}, {"pause_s": -1}],
    "jitter_s": SECONDS,
    "timeout_s": SECONDS,
    "stall_s": SECONDS,
    "gap_s": SECONDS,
    "gap_jitter_s": SECONDS,
    "priority": WHOLE,
    "memory_mb": WHOLE,
    "max_attempts": WHOLE,
    "data_limit": [False],
    "proxy_pool": ["", "\x1b", "p" * 9999],
    "enabled": [False],
    "status": ["waiting", "running", "stopping", "paused", "stopped", "asleep"],
    "status_reason": ["", "\x1b[31m", "r" * 99_999],
    "created_at": MOMENTS,
    "next_run_at": MOMENTS,
    "retry_at": MOMENTS,
    "schedule_since": MOMENTS,
    "updated_at": MOMENTS,
    "waiting_tick": MOMENTS,
    "waiting_cause": ["hunger", "", "no_memory"],
    "config_version": [0, -1, 2**62],
    "idle_parts": [-5, 9, 10, 2**30],
    "open_attempt": [0, 1, 9, -1, 2**31 - 1],
}  # fmt: skip
DUE = {"scraper": "zoo:pages", "schedule": "every 1h", "next_run_at": "2026-01-01", "params": {"pages": 1}}


def odd_rows() -> list[dict[str, Any]]:
    """Each odd value by itself, scheduled and requested, and some of them together."""
    chance = random.Random(20)
    changes = [{column: value} for column, values in VALUES.items() for value in values]
    columns = sorted(set(VALUES) - {"open_attempt"})
    changes += [{name: chance.choice(VALUES[name]) for name in chance.sample(columns, 3)} for _ in range(50)]
    rows = []
    for number, change in enumerate(changes):
        row: dict[str, Any] = {"name": f"odd {number}", **DUE, "run_requested": number % 2 == 0, **change}
        if "open_attempt" in change:
            row |= {"open_tick": "2026-01-01", "open_part": 0}
        rows.append(row)
    return rows


def insert(connection: Connection, row: dict[str, Any]) -> bool:
    """Whether the table takes it."""
    row = {**row, "params": Jsonb(row["params"])}
    places = ", ".join(f"%({key})s" for key in row)
    statement = f"insert into nodes ({', '.join(row)}) values ({places})"  # noqa: S608 - ours
    try:
        connection.execute(statement.encode(), row)
    except psycopg.Error:
        return False
    return True


ANSWERED = """
select name from nodes
where run_requested and open_tick is null
   or exists (select from scrape_runs r where r.node_id = nodes.id and r.finished_at is null and name like 'odd %')
"""
SAID = """
select name, status_reason as said from nodes where status = 'paused' and status_reason is not null
union all select source, error from scrape_runs where error is not null
"""


def test_no_row_that_the_table_takes_stops_the_loop(supervise: Start, nodes: Nodes, connection: Connection) -> None:
    rows = odd_rows()
    taken = [row for row in rows if insert(connection, row)]
    assert len(rows) / 2 < len(taken) < len(rows)
    nodes.add("healthy", "zoo:pages", {"pages": 1}, schedule="every 1s", priority=2**31 - 1)
    supervisor = supervise(memory__default_budget_mb=100)
    wait_for(lambda: [run["cause"] for run in nodes.runs("healthy")].count("done") >= 6, 60, "six runs beside them")
    assert "error" not in [run["status"] for run in nodes.runs("healthy")]
    wait_for(lambda: not connection.execute(ANSWERED).fetchall(), 60, "every wish is answered, every run is over")
    for row in connection.execute(SAID).fetchall():
        assert row["said"].isprintable(), row
        assert len(row["said"]) < 1_200
    for event in ("row_failed", "database_failed", "loop_was_late"):
        assert supervisor.happened(event) == []
    assert supervisor.process.poll() is None


@pytest.mark.parametrize("change", [{"waiting_cause": "hunger"}, {"idle_parts": -1}, {"open_attempt": 0}])
def test_notes_that_the_loop_would_never_write_are_refused(change: dict[str, Any], connection: Connection) -> None:
    assert insert(connection, {"name": "good", **DUE})
    open_tick = {"open_tick": "2026-01-01", "open_attempt": 1, "open_part": 0}
    assert not insert(connection, {"name": "odd", **DUE, **open_tick, **change})
