"""P15: every tick between a node's creation and now is accounted for once, by the real statements."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from supervisor import ticks
from supervisor.schedule import parse_schedule
from supervisor.tables import nodes as node_table
from supervisor.tables import runs
from tests.fix_claims import Hand
from tests.fix_supervisor import Nodes

STEPS = 400
SCHEDULE = parse_schedule("every 10s")
WAITS = ["no_memory", "no_slot", "lease_held"]


class Days:
    """A loop as the product's, with a clock of its own: the node's times lie in the past, so all its ticks are due."""

    def __init__(self, hand: Hand, nodes: Nodes, seed: int) -> None:
        self.hand = hand
        self.nodes = nodes
        self.dice = random.Random(seed)
        self.begun = hand.value("select date_trunc('second', clock_timestamp() - interval '300 days') as at")["at"]
        nodes.add("n", "zoo:any", schedule="every 10s", created_at=self.begun)
        self.now: datetime = self.begun + timedelta(seconds=3)
        self.awake_since = self.now
        self.claim: Any = None
        self.done: list[datetime] = []

    def step(self) -> None:
        """Time passes, with or without a supervisor; then one look, and something happens."""
        away = self.dice.random() < 0.1
        self.now += timedelta(seconds=self.dice.uniform(0, 200 if away else 14))
        if away:
            self.awake_since = self.now
        self.account()
        if self.claim is not None:
            if self.dice.random() < 0.4:
                self.end()
        elif self.due():
            self.dice.choice([self.run, self.run, self.wait])()

    def account(self) -> None:
        """What `launch_due` does before anything else."""
        node = self.nodes.get("n")
        if node["next_run_at"] is None:
            first = ticks.first_tick(node, SCHEDULE)
            node_table.set_next_run(
                self.hand.connection, id=node["id"], updated_at=node["updated_at"], next_run_at=first
            )
            node = self.nodes.get("n")
        account = ticks.account(node, SCHEDULE, self.now, self.awake_since)
        if account.next is not None:
            passed = {"node_id": node["id"], "expected": node["next_run_at"], "next": account.next}
            # Two supervisors may do the same sum; the second one's answer is that it has been done.
            for done in (True, False):
                rows = json.dumps(account.rows)
                assert runs.pass_over_ticks(self.hand.connection, **passed, rows=rows) is done

    def due(self) -> bool:
        """Whether a tick is due at this loop's time."""
        node = self.nodes.get("n")
        return node["open_tick"] is not None or node["next_run_at"] <= self.now

    def run(self) -> None:
        """Claim what is due."""
        node = self.nodes.get("n")
        tick = node["next_run_at"]
        following = SCHEDULE.after(tick, node["created_at"])
        self.claim = self.hand.claimed(node["id"], expected_tick=tick, next_run_at=following)

    def wait(self) -> None:
        """Say what it waits for."""
        node = self.nodes.get("n")
        tick = None if node["open_tick"] is not None else node["next_run_at"]
        cause = self.dice.choice(WAITS)
        wait = {"reason": f"waits: {cause}", "tick": tick, "cause": cause, "since": node["next_run_at"]}
        node_table.set_waiting(self.hand.connection, id=node["id"], **wait)

    def end(self) -> None:
        """The run ends, or goes on in a further part or attempt."""
        ends = [("ok", "done", "end"), ("ok", "done", "end"), ("error", "lost", "part"), ("error", "timeout", "retry")]
        status, cause, step = self.dice.choice(ends)
        assert self.hand.close(self.claim, status, cause, step) == "closed"
        self.claim = None


@pytest.mark.parametrize("seed", range(3))
def test_every_tick_is_accounted_for_once(hand: Hand, nodes: Nodes, seed: int) -> None:
    days = Days(hand, nodes, seed)
    for _ in range(STEPS):
        days.step()
    accounted: Counter[datetime] = Counter()
    for run in nodes.runs("n"):
        if run["status"] != "skipped" and (run["attempt"], run["part"]) != (1, 0):
            continue  # a further part or attempt of a tick that has been counted
        for number in range(run["tick_count"]):
            accounted[run["tick"] + number * timedelta(seconds=10)] += 1
    until = nodes.get("n")["next_run_at"]
    expected = [
        days.begun + number * timedelta(seconds=10) for number in range((until - days.begun) // timedelta(seconds=10))
    ]
    assert accounted == Counter(expected)
    assert days.now - timedelta(seconds=10) < until
    causes = Counter(run["cause"] for run in nodes.runs("n") if run["status"] == "skipped")
    assert {"missed", "still_running"} <= set(causes)
    assert set(causes) & set(WAITS)


def test_ticks_are_not_passed_over_for_a_node_that_was_stopped_or_moved_meanwhile(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any", schedule="every 10s", next_run_at="2025-01-01")
    tick = nodes.get("n")["next_run_at"]
    row = json.dumps([{"tick": tick.isoformat(), "cause": "missed", "error": "missed", "tick_count": 1}])
    moved = {"node_id": node_id, "next": tick + timedelta(seconds=10), "rows": row}
    assert not runs.pass_over_ticks(hand.connection, expected=tick - timedelta(seconds=10), **moved)
    hand.connection.execute("alter table nodes disable trigger nodes_before_write")
    for column, value in (("enabled", False), ("stop_requested", True)):
        nodes.update("n", **{column: value})
        assert not runs.pass_over_ticks(hand.connection, expected=tick, **moved)
        nodes.update("n", **{column: not value})
    assert nodes.runs("n") == []
    assert runs.pass_over_ticks(hand.connection, expected=tick, **moved)
    assert [(run["status"], run["attempt"], run["part"], run["pid"]) for run in nodes.runs("n")] == [
        ("skipped", 0, 0, None)
    ]


def test_stopped_disabled_and_paused_nodes_are_not_due(hand: Hand, nodes: Nodes) -> None:
    nodes.add("running", "zoo:any", schedule="every 10s")
    others: dict[str, dict[str, Any]] = {
        "stopped": {"stop_requested": True},
        "disabled": {"enabled": False},
        "paused": {"status": "paused"},
        "later": {"next_run_at": "2200-01-01"},
        "without": {"schedule": None},
    }
    for name, columns in others.items():
        nodes.add(name, "zoo:any", None, **{"schedule": "every 10s", **columns})
    due = {row["name"] for row in node_table.read_due(hand.connection, hand.supervisor_id).rows}
    assert due == {"running"}
    nodes.connection.execute("update nodes set run_requested = true")
    due = {row["name"] for row in node_table.read_due(hand.connection, hand.supervisor_id).rows}
    assert due == {"running", "disabled", "paused", "later", "without"}
