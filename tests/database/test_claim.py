"""A claim is judged on what is true under the locks."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from supervisor.tables import nodes as node_table
from tests.fix_claims import Hand, another_hand
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes


def due_tick(nodes: Nodes, name: str) -> datetime:
    """Give a scheduled node a tick that is due."""
    row = nodes.connection.execute(
        "update nodes set next_run_at = date_trunc('second', clock_timestamp()) where name = %s returning next_run_at",
        (name,),
    ).fetchone()
    assert row is not None
    tick: datetime = row["next_run_at"]
    return tick


def test_a_claim_answers_with_all_that_a_launch_needs(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", {"pages": 3}, timeout_s=77)
    owner = str(uuid.uuid4())
    claim = hand.claim(node_id, owner=owner, budget_mb=123)
    assert (claim["verdict"], claim["scraper"], claim["params"]) == ("claimed", "zoo:any", {"pages": 3})
    assert (claim["attempt"], claim["part"], claim["checkpoint"]) == (1, 0, None)
    run, lease, node = hand.run(claim), hand.lease("n"), nodes.get("n")
    assert (run["status"], run["epoch"], str(run["owner"])) == ("starting", claim["epoch"], owner)
    assert (run["budget_mb"], run["timeout_s"], run["source"]) == (123, 77, "n")
    assert (lease["epoch"], str(lease["lease_owner"]), lease["live"]) == (claim["epoch"], owner, True)
    assert (node["status"], node["open_tick"]) == ("starting", claim["tick"])


def test_a_claim_repeated_under_its_uuid_finds_its_own_run(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any")
    owner = str(uuid.uuid4())
    first, again = hand.claim(node_id, owner=owner), hand.claim(node_id, owner=owner)
    assert {**first, "now_at": None} == {**again, "now_at": None}
    assert len(nodes.runs("n")) == 1
    assert hand.claim(node_id)["verdict"] == "lease_held"


@pytest.mark.parametrize("flags", [{"stop_requested": True}, {"kill_requested": True}])
def test_a_node_that_was_asked_to_stop_is_not_claimed(hand: Hand, nodes: Nodes, flags: dict[str, Any]) -> None:
    node_id = nodes.add("n", "zoo:any", **flags)
    assert hand.claim(node_id)["verdict"] == "stopped"
    assert nodes.get("n")["run_requested"] is True


def test_a_kill_wish_alone_keeps_a_node_from_being_claimed(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", kill_requested=True)
    nodes.update("n", stop_requested=False)
    assert hand.claim(node_id)["verdict"] == "stopped"


def test_a_scheduled_tick_is_claimed_once_and_moves_the_schedule(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", schedule="every 1h")
    tick = due_tick(nodes, "n")
    following = tick + timedelta(hours=1)
    claim = hand.claimed(node_id, expected_tick=tick, next_run_at=following)
    assert (claim["tick"], nodes.get("n")["next_run_at"]) == (tick, following)
    hand.done(claim)
    assert hand.claim(node_id, expected_tick=tick, next_run_at=following)["verdict"] == "not_due"


def test_a_tick_that_somebody_else_has_moved_is_not_claimed(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", schedule="every 1h")
    tick = due_tick(nodes, "n")
    assert hand.claim(node_id, expected_tick=tick - timedelta(hours=1))["verdict"] == "not_due"
    assert hand.claim(node_id, expected_tick=None)["verdict"] == "not_due"


def test_a_tick_that_lies_ahead_is_not_claimed(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", schedule="every 1h")
    tick = due_tick(nodes, "n") + timedelta(hours=1)
    nodes.update("n", next_run_at=tick)
    assert hand.claim(node_id, expected_tick=tick)["verdict"] == "not_due"


def test_a_disabled_node_runs_on_request_only(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", schedule="every 1h", enabled=False)
    tick = due_tick(nodes, "n")
    assert hand.claim(node_id, expected_tick=tick)["verdict"] == "not_due"
    nodes.update("n", run_requested=True)
    assert hand.claim(node_id, expected_tick=tick)["verdict"] == "claimed"


def test_a_requested_run_clears_the_wish_and_leaves_the_schedule_alone(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", schedule="every 1h", run_requested=True)
    tick = due_tick(nodes, "n")
    claim = hand.claimed(node_id, expected_tick=tick, next_run_at=tick + timedelta(hours=1))
    node = nodes.get("n")
    assert (node["run_requested"], node["next_run_at"]) == (False, tick)
    assert claim["tick"] > tick
    assert hand.value("select clock_timestamp() - %s < interval '1 minute' as now", claim["tick"])["now"]


def test_a_wish_during_a_run_starts_exactly_one_more(hand: Hand, nodes: Nodes) -> None:
    first = hand.start("n")
    nodes.update("n", run_requested=True)
    nodes.update("n", run_requested=True)
    hand.done(first)
    second = hand.claimed(nodes.get("n")["id"])
    hand.done(second)
    assert hand.claim(nodes.get("n")["id"])["verdict"] == "not_due"


def test_a_scheduled_claim_does_not_swallow_a_wish(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.close(claim, "error", "exception", "retry")
    nodes.update("n", run_requested=True)
    retried = hand.claimed(nodes.get("n")["id"])
    assert (retried["tick"], retried["attempt"]) == (claim["tick"], 2)
    assert nodes.get("n")["run_requested"] is True


def test_a_retry_is_not_claimed_before_its_time(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.close(claim, "error", "exception", "retry", retry_s=3600.0)
    nodes.update("n", run_requested=True)
    assert hand.claim(nodes.get("n")["id"])["verdict"] == "not_due"


def test_a_tick_in_hand_without_a_time_goes_on_at_once(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.close(claim, "error", "exception", "retry", retry_s=3600.0)
    nodes.update("n", retry_at=None)
    assert [row["name"] for row in node_table.read_due(hand.connection, hand.supervisor_id).rows] == ["n"]
    assert hand.claimed(nodes.get("n")["id"])["attempt"] == 2


def test_a_tick_that_has_had_its_run_is_passed_over(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", schedule="every 1h")
    tick = due_tick(nodes, "n")
    following = tick + timedelta(hours=1)
    hand.done(hand.claimed(node_id, expected_tick=tick, next_run_at=following))
    nodes.update("n", next_run_at=tick)
    assert hand.claim(node_id, expected_tick=tick, next_run_at=following)["verdict"] == "not_due"
    assert nodes.get("n")["next_run_at"] == following
    assert hand.lease("n")["live"] is False


def test_a_row_that_a_person_holds_makes_a_claim_busy_at_once(hand: Hand, nodes: Nodes, database_url: str) -> None:
    node_id = nodes.add("n", "zoo:any")
    hand.connection.execute("set lock_timeout = '2s'")
    with connect(database_url) as person, person.transaction():
        person.execute("update nodes set priority = 5 where id = %s", (node_id,))
        assert hand.claim(node_id)["verdict"] == "busy"
    assert hand.claim(node_id)["verdict"] == "claimed"


def test_a_lease_row_that_somebody_holds_makes_it_lease_held_at_once(
    hand: Hand, nodes: Nodes, database_url: str
) -> None:
    node_id = nodes.add("n", "zoo:any")
    hand.connection.execute("set statement_timeout = '3s'")
    take = "select try_acquire_scrape_lease('n', gen_random_uuid(), 0)"
    with connect(database_url) as person, person.transaction():
        person.execute(take)  # a new lease, not committed yet
        assert hand.claim(node_id)["verdict"] == "lease_held"
    with connect(database_url) as person, person.transaction():
        person.execute(take)
        assert hand.claim(node_id)["verdict"] == "lease_held"
    assert hand.claim(node_id)["verdict"] == "claimed"


def test_a_claim_that_comes_to_nothing_leaves_rows_that_every_client_can_read(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", run_requested=False)
    assert hand.claim(node_id)["verdict"] == "not_due"
    nodes.update("n", run_requested=True)
    assert [row["name"] for row in node_table.read_due(hand.connection, hand.supervisor_id).rows] == ["n"]


def test_memory_promised_to_another_supervisor_of_the_container_is_not_given_away_again(
    hand: Hand, nodes: Nodes, database_url: str
) -> None:
    first, second, third = (nodes.add(name, "zoo:any") for name in ("a", "b", "c"))
    other = another_hand(database_url)
    with other.connection:
        running = other.claimed(first, budget_mb=300)
    assert hand.claim(second, budget_mb=300, room_mb=500)["verdict"] == "no_memory"
    assert hand.claim(second, budget_mb=300, room_mb=500, memory_domain="elsewhere")["verdict"] == "claimed"
    hand.connection.execute("update scrape_runs set measured_mb = 290 where id = %s", (running["run_id"],))
    assert hand.claim(third, budget_mb=300, room_mb=500)["verdict"] == "claimed"


def test_a_node_that_is_gone_is_busy_and_leaves_nothing(hand: Hand, connection: Connection) -> None:
    assert hand.claim(12345)["verdict"] == "busy"
    assert connection.execute("select from scrape_leases").rowcount == 0
