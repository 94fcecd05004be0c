"""Nodes that are set aside after so many dead letters in a row, and what is owed when they go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from supervisor import recover, ticks
from supervisor.schedule import parse_schedule
from supervisor.tables import nodes as table
from supervisor.tables import runs
from tests.fix_claims import Hand, refused_by
from tests.fix_supervisor import Nodes
from workers import events

MINUTELY = parse_schedule("every 1m")


def end(hand: Hand, nodes: Nodes, step: str) -> None:
    """One more run of the node that dies, or ends well."""
    nodes.update("n", run_requested=True)
    claim = hand.claimed(nodes.get("n")["id"])
    status, cause = ("ok", "done") if step == "end" else ("error", "exception")
    hand.close(claim, status, cause, step, error=f"dead of {step}")


def test_a_node_pauses_after_its_dead_letters_in_a_row_with_the_way_out(hand: Hand, nodes: Nodes) -> None:
    nodes.add("n", "zoo:any", pause_after=2, schedule="every 1m")
    end(hand, nodes, "bury")
    assert nodes.get("n")["status"] == "idle"
    end(hand, nodes, "bury")
    node = nodes.get("n")
    assert (node["status"], node["dead_in_a_row"], node["next_run_at"]) == ("paused", 2, None)
    assert node["status_reason"].startswith("paused after 2 dead letters in a row, the last: dead of bury")
    assert "`supervisor start n`" in node["status_reason"]


def test_a_good_end_in_between_counts_afresh(hand: Hand, nodes: Nodes) -> None:
    nodes.add("n", "zoo:any", pause_after=2)
    for step in ("bury", "end", "bury"):
        end(hand, nodes, step)
    assert (nodes.get("n")["status"], nodes.get("n")["dead_in_a_row"]) == ("idle", 1)


def test_without_the_wish_a_node_is_never_set_aside(hand: Hand, nodes: Nodes) -> None:
    nodes.add("n", "zoo:any")
    for _ in range(5):
        end(hand, nodes, "bury")
    assert (nodes.get("n")["status"], nodes.get("n")["dead_in_a_row"]) == ("idle", 5)


@pytest.mark.parametrize("way", ["start", "edit", "stop and start"])
def test_whoever_lets_it_run_again_owes_it_no_tick_and_all_its_chances(hand: Hand, nodes: Nodes, way: str) -> None:
    hour_ago = hand.value("select clock_timestamp() - interval '1 hour' as at")["at"]
    nodes.add("n", "zoo:any", pause_after=1, schedule="every 1m", created_at=hour_ago)
    end(hand, nodes, "bury")
    if way == "edit":
        nodes.update("n", timeout_s=5)
    if way == "stop and start":
        nodes.update("n", stop_requested=True)
        table.halt_stopped(hand.connection)
    table.request_start(hand.connection, "n")
    table.wake_started(hand.connection)
    node = nodes.get("n")
    assert (node["status"], node["next_run_at"], node["dead_in_a_row"]) == ("idle", None, 0)
    now = hand.value("select clock_timestamp() as at")["at"]
    assert timedelta(0) < ticks.first_tick(node, MINUTELY) - now <= timedelta(minutes=1)


def test_a_run_that_a_person_asks_for_ends_the_pause_if_it_ends_well(hand: Hand, nodes: Nodes) -> None:
    hour_ago = hand.value("select clock_timestamp() - interval '1 hour' as at")["at"]
    nodes.add("n", "zoo:any", pause_after=1, schedule="every 1m", created_at=hour_ago)
    end(hand, nodes, "bury")
    end(hand, nodes, "bury")
    assert (nodes.get("n")["status"], nodes.get("n")["dead_in_a_row"]) == ("paused", 2)
    end(hand, nodes, "end")
    node = nodes.get("n")
    assert (node["status"], node["dead_in_a_row"]) == ("idle", 0)
    assert ticks.first_tick(node, MINUTELY) > hand.value("select clock_timestamp() as at")["at"]


def test_a_run_that_had_to_wait_and_died_leaves_the_node_set_aside(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", pause_after=3, schedule="every 1m")
    for _ in range(3):
        end(hand, nodes, "bury")
    nodes.update("n", run_requested=True)
    now = hand.value("select clock_timestamp() as at")["at"]
    assert table.set_waiting(hand.connection, id=node_id, reason="breaker", tick=None, cause="breaker_open", since=now)
    end(hand, nodes, "bury")
    assert (nodes.get("n")["status"], nodes.get("n")["dead_in_a_row"]) == ("paused", 4)


@pytest.mark.parametrize("waited", [False, True])
def test_a_run_that_was_refused_leaves_the_node_set_aside(hand: Hand, nodes: Nodes, waited: bool) -> None:
    node_id = nodes.add("n", "zoo:any", pause_after=1, schedule="every 1m")
    end(hand, nodes, "bury")
    nodes.update("n", run_requested=True)
    if waited:
        now = hand.value("select clock_timestamp() as at")["at"]
        table.set_waiting(hand.connection, id=node_id, reason="slots", tick=None, cause="no_slot", since=now)
    table.skip_request(hand.connection, node_id, "too_big", "needs 9999 MB")
    table.set_note(hand.connection, node_id, "needs 9999 MB")
    node = nodes.get("n")
    assert (node["status"], node["status_reason"], node["dead_in_a_row"]) == ("paused", "needs 9999 MB", 1)


def test_who_closes_the_lost_run_of_another_tells_of_the_pause(hand: Hand) -> None:
    claim = hand.start("n", pause_after=1)
    hand.finish(claim, "error", "exception", retriable=False)
    heard: list[str] = []
    unsubscribe = events.subscribe(lambda name, _facts: heard.append(name))
    recover.tell_buried(hand.run(claim), runs.close_lost_run(hand.connection, claim["run_id"], 3))
    unsubscribe()
    assert heard == ["dead_letter", "node_paused"]


def test_a_stop_is_no_pause(hand: Hand, nodes: Nodes) -> None:
    nodes.add("n", "zoo:any", pause_after=1)
    claim = hand.claimed(nodes.get("n")["id"])
    nodes.update("n", stop_requested=True)
    hand.close(claim, "error", "exception", "bury")
    assert nodes.get("n")["status"] == "stopped"


def test_a_pause_after_nothing_is_refused(nodes: Nodes) -> None:
    with refused_by("nodes_pause_after_positive"):
        nodes.add("n", "zoo:any", pause_after=0)
