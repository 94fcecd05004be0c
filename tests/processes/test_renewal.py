"""The thread that keeps leases, on a real database: whom it renews, and when."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from psycopg.rows import DictRow

from supervisor.guard import Guard, boottime
from supervisor.lifeline import Lifeline
from supervisor.renewal import Renewal
from tests.fix_claims import Hand
from tests.fix_supervisor import Nodes
from tests.pure.test_verdicts import ASSIGNMENT
from tests.wait import wait_for
from workers.records import Assignment

LEASE_S = 3.0
RENEW_S = 0.5


@pytest.fixture
def renewal(database_url: str) -> Iterator[Renewal]:
    """With short terms; nothing is held yet."""
    guard, lifeline = Guard(cut_off_s=60), Lifeline("renewal-test")
    renewal = Renewal(database_url, guard, lifeline, lease_s=LEASE_S, renew_s=RENEW_S)
    yield renewal
    renewal.close()
    lifeline.close()
    guard.close()


def assignment(claim: DictRow, node: str) -> Assignment:
    return replace(ASSIGNMENT, run_id=claim["run_id"], epoch=claim["epoch"], node=node)


def test_a_run_that_waits_to_be_settled_is_renewed_while_others_come_and_go(
    renewal: Renewal, hand: Hand, nodes: Nodes
) -> None:
    waiting = hand.claimed(nodes.add("waiting", "zoo:any"), lease_s=LEASE_S)
    renewal.hold(assignment(waiting, "waiting"), boottime())
    claimed_until = hand.lease("waiting")["lease_until"]
    wait_for(lambda: hand.lease("waiting")["lease_until"] > claimed_until, 5, "its first renewal")
    renewal.rest(assignment(waiting, "waiting"))
    quick = nodes.add("quick", "zoo:any", run_requested=False)
    until = time.monotonic() + LEASE_S + 2 * RENEW_S
    while time.monotonic() < until:
        nodes.update("quick", run_requested=True)
        claim = hand.claimed(quick, lease_s=LEASE_S)
        renewal.hold(assignment(claim, "quick"), boottime())
        time.sleep(RENEW_S / 5)
        hand.done(claim)
        renewal.drop(assignment(claim, "quick"))
    assert hand.lease("waiting")["live"]
