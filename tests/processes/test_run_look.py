"""The loop looks at the tables when something falls due there, however long its poll."""

from __future__ import annotations

import time

from psycopg.rows import DictRow

from tests.fix_database import connect
from tests.fix_supervisor import Nodes, Start
from tests.wait import wait_for

SELDOM = {"supervisor__poll_s": 20}
LATE_S = 1.0
STEP_S = 4
READY = (
    "select count(*) as n from pg_stat_activity "
    "where application_name = 'scrapewarden scrape' and datname = current_database()"
)


def test_a_schedule_that_is_set_during_a_run_is_kept_from_its_first_tick_on(supervise: Start, nodes: Nodes) -> None:
    nodes.add("n", "zoo:pages", {"pages": 2, "pause_s": 0.7})
    supervise(**SELDOM)
    nodes.wait_for_pages("n")
    nodes.update("n", schedule=f"every {STEP_S}s")

    def launched() -> list[DictRow]:
        return [run for run in nodes.runs("n") if run["attempt"] > 0][1:]

    first, *_ = wait_for(launched, 15, "a run by the schedule")
    assert (first["started_at"] - first["tick"]).total_seconds() < LATE_S


def test_each_tick_that_can_never_run_is_refused_in_its_own_time(supervise: Start, nodes: Nodes) -> None:
    nodes.add("giant", "zoo:pages", schedule=f"every {STEP_S}s", memory_mb=10_000_000)
    supervise(**SELDOM)

    def refused() -> list[DictRow]:
        rows = nodes.runs("giant")
        return rows if len(rows) >= 3 else []

    rows = wait_for(refused, 15, "three ticks")
    assert [row["cause"] for row in rows[1:3]] == ["too_big", "too_big"]  # the first may have come before the loop
    assert all((row["started_at"] - row["tick"]).total_seconds() < LATE_S for row in rows[1:3])


def test_a_person_who_holds_many_rows_does_not_slow_down_the_other_nodes(
    supervise: Start, nodes: Nodes, database_url: str
) -> None:
    held = [f"held{number}" for number in range(6)]
    nodes.add("other", "zoo:pages", {"pages": 1}, run_requested=False)
    supervisor = supervise()
    for name in held:
        nodes.add(name, "zoo:pages", {"pages": 1, "pause_s": 1})
    wait_for(lambda: all(nodes.runs(name) and nodes.last(name)["pid"] for name in held), 15, "six runs")
    with connect(database_url) as person, person.transaction():
        person.execute("update nodes set priority = 1 where name like 'held%'")
        wait_for(
            lambda: all(supervisor.happened("row_failed", node=name) for name in held), 15, "ends that have to wait"
        )
        began = time.monotonic()
        for number in range(4):
            nodes.update("other", run_requested=True)
            nodes.wait_for_ends("other", number + 1)
        assert time.monotonic() - began < 6
    for name in held:
        assert nodes.wait_for_ends(name)[0]["cause"] == "done"


def test_the_next_process_is_made_ready_as_soon_as_nothing_runs(supervise: Start, nodes: Nodes) -> None:
    nodes.add("n", "zoo:pages", {"pages": 1}, run_requested=False)
    supervise(**SELDOM)
    for number in range(3):
        wait_for(lambda: nodes.one(READY) == {"n": 1}, 5, "a process that is connected and has no run")
        nodes.update("n", run_requested=True)
        nodes.wait_for_ends("n", number + 1)
