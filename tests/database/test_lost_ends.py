"""Who closes a run whose supervisor is gone decides as that supervisor would have decided."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from psycopg.rows import DictRow

from supervisor import decide
from supervisor.tables import runs
from tests.fix_claims import Hand
from tests.fix_supervisor import Nodes
from workers.states import CAUSES_OF, Cause, RunStatus, status_of

ENDS = sorted(cause for status, causes in CAUSES_OF.items() for cause in causes if status is not RunStatus.SKIPPED)
MOST = 3
AT_ONCE = decide.Retries(base_s=0, cap_s=0)  # finding out that nobody holds the run took long enough


def lost(hand: Hand, nodes: Nodes, attempt: int, **outcome: Any) -> DictRow:
    """A run of that attempt whose child said its last word, and whose supervisor died before it was settled."""
    name = f"n{len(hand.connection.execute('select from nodes').fetchall())}"
    nodes.add(name, "zoo:any")
    claim = hand.claimed(nodes.get(name)["id"])
    for number in range(1, attempt):
        hand.close(claim, "error", "exception", "retry", error=f"attempt {number}")
        claim = hand.claimed(nodes.get(name)["id"])
    assert hand.begin(claim)
    assert hand.finish(claim, **outcome)
    return claim


def step_taken(hand: Hand, nodes: Nodes, claim: DictRow, verdict: str) -> str:
    """What followed, read from the rows."""
    run = hand.run(claim)
    node = nodes.get(run["source"])
    follows = (node["open_attempt"], node["open_part"])
    if follows == (None, None):
        return "bury" if verdict == "buried" else "over"
    return {(claim["attempt"] + 1, 0): "retry", (claim["attempt"], claim["part"] + 1): "part"}[follows]


@pytest.mark.parametrize("cause", ENDS)
def test_the_last_word_of_a_child_leads_to_the_step_that_its_supervisor_would_have_taken(
    hand: Hand, nodes: Nodes, cause: Cause
) -> None:
    for attempt, retriable, breaker in product((1, MOST), (True, False), (None, "board.test")):
        said = {"retriable": retriable, "breaker_host": breaker, "wait_s": 0.0}
        claim = lost(hand, nodes, attempt, status=status_of(cause), cause=cause, **said)
        verdict = runs.close_lost_run(hand.connection, claim["run_id"], MOST)
        end = decide.End(cause=cause, retriable=retriable, met_breaker=breaker is not None)
        wanted = decide.after(end, attempt=attempt, max_attempts=MOST, retries=AT_ONCE, uniform=0).step
        taken = step_taken(hand, nodes, claim, verdict)
        assert taken == ("over" if wanted in ("end", "stop") else wanted), (attempt, said)
        run = hand.run(claim)
        assert (run["status"], run["cause"]) == (status_of(cause), cause)


@pytest.mark.parametrize(("asked_s", "given_s"), [(0.0, 0.0), (120.0, 120.0), (1e6, decide.LONGEST_WAIT_S)])
def test_a_host_that_asked_to_be_left_alone_is_left_alone_all_the_same(
    hand: Hand, nodes: Nodes, asked_s: float, given_s: float
) -> None:
    claim = lost(hand, nodes, 1, status="error", cause="blocked", wait_s=asked_s)
    runs.close_lost_run(hand.connection, claim["run_id"], MOST)
    run = hand.run(claim)
    waits = (nodes.get(run["source"])["retry_at"] - run["finished_at"]).total_seconds()
    assert waits == pytest.approx(given_s, abs=0.5)


def test_without_a_last_word_it_is_lost_and_spends_nothing_at_any_attempt(hand: Hand, nodes: Nodes) -> None:
    for attempt in (1, MOST, MOST + 4):
        nodes.add(f"m{attempt}", "zoo:any")
        nodes.update(f"m{attempt}", open_tick="2025-01-01", open_attempt=attempt, open_part=0, run_requested=False)
        claim = hand.claimed(nodes.get(f"m{attempt}")["id"])
        verdict = runs.close_lost_run(hand.connection, claim["run_id"], MOST)
        assert step_taken(hand, nodes, claim, verdict) == "part"
    assert hand.letters() == []
