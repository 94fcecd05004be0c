"""The daily snapshot as real supervisors take it: by the way, and one of them alone."""

from __future__ import annotations

from supervisor.tables import snapshots
from tests.fix_supervisor import Nodes, Start
from tests.wait import wait_for

AT_ONCE = {"snapshots__at": "00:00"}


def test_the_loop_takes_todays_at_boot_and_the_next_boot_leaves_it_alone(supervise: Start, nodes: Nodes) -> None:
    nodes.add("n", "zoo:pages", run_requested=False)
    first = supervise(**AT_ONCE)
    told = first.wait_for_event("snapshot_taken", rows=3)
    before = snapshots.last_snapshot(nodes.connection)
    assert before is not None
    assert told["date"] == str(before["snapshot_date"])
    assert first.terminate() == 0
    second = supervise(**AT_ONCE)
    nodes.update("n", run_requested=True)
    nodes.wait_for_ends("n")
    assert second.terminate() == 0
    assert not second.happened("snapshot_taken")
    assert snapshots.last_snapshot(nodes.connection) == before


def test_run_once_takes_it_though_nothing_is_due(supervise: Start, nodes: Nodes) -> None:
    assert supervise(once_wait_s=0, **AT_ONCE).wait() == 0
    assert snapshots.last_snapshot(nodes.connection) is not None


def test_of_supervisors_that_start_at_once_one_takes_it(supervise: Start, nodes: Nodes) -> None:
    several = [supervise(once_wait_s=0, **AT_ONCE) for _ in range(3)]
    assert [each.wait() for each in several] == [0, 0, 0]
    assert len([told for each in several for told in each.happened("snapshot_taken")]) == 1
    assert nodes.one("select count(*) as n from job_snapshots where source = ''") == {"n": 1}


def test_a_person_who_holds_todays_row_holds_up_no_run(supervise: Start, nodes: Nodes) -> None:
    nodes.add("n", "zoo:pages", {"pages": 2})
    with nodes.connection.transaction():
        nodes.one("select take_daily_snapshots() as rows")
        supervisor = supervise(**AT_ONCE)
        other = supervisor.wait_for_event("run_ended", limit_s=20, node="n")
        assert other["cause"] == "done"
    wait_for(lambda: snapshots.last_snapshot(nodes.connection), 5, "the person's own")
    assert supervisor.terminate() == 0
    assert not supervisor.happened("snapshot_taken")
    assert not supervisor.happened("database_failed") + supervisor.happened("row_failed")


def test_one_that_takes_longer_than_a_step_may_is_taken_all_the_same(supervise: Start, nodes: Nodes) -> None:
    nodes.connection.execute(
        "create or replace function snapshot_nodes(p_day date, p_from timestamptz, p_until timestamptz) "
        "returns integer language plpgsql as $$ begin perform pg_sleep(6); return 0; end $$"
    )
    supervisor = supervise(**AT_ONCE)
    supervisor.wait_for_event("snapshot_taken", limit_s=20)
    nodes.add("n", "zoo:pages")
    assert nodes.wait_for_ends("n")[0]["cause"] == "done"
    assert supervisor.terminate() == 0
    assert not supervisor.happened("database_failed") + supervisor.happened("row_failed")
