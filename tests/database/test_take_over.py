"""A run whose holder is gone is closed by whoever needs its node, in the transaction of the claim."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from supervisor.tables import runs
from tests.fix_claims import HOUR_S, Hand, another_hand, fenced
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes
from tests.wait import wait_for

SHORT_S = 0.01  # shorter than the server has been up, so that its start is no reason to wait


def take_over(hand: Hand, nodes: Nodes, **changes: Any) -> dict[str, Any]:
    return hand.claim(nodes.get("n")["id"], **{"lease_s": SHORT_S, **changes})


def test_a_claim_that_meets_an_expired_lease_closes_the_old_run_as_lost(hand: Hand, nodes: Nodes) -> None:
    old = hand.start("n")
    hand.page(old, 1, checkpoint={"page": 2})
    hand.expire("n")
    new = take_over(hand, nodes)
    closed = hand.run(old)
    assert (closed["status"], closed["cause"], closed["ended_by"]) == ("error", "lost", "kill")
    assert "page 1" in closed["error"]
    assert (new["tick"], new["attempt"], new["part"]) == (old["tick"], 1, 1)
    assert new["epoch"] > old["epoch"]
    assert new["checkpoint"] == {"page": 2}
    assert closed["finished_at"] <= hand.run(new)["started_at"]


def test_a_lease_that_still_runs_is_not_taken_over(hand: Hand, nodes: Nodes) -> None:
    old = hand.start("n")
    assert take_over(hand, nodes)["verdict"] == "lease_held"
    assert hand.run(old)["finished_at"] is None


def test_nothing_is_taken_over_within_a_leases_time_of_a_database_start(hand: Hand, nodes: Nodes) -> None:
    old = hand.start("n")
    hand.expire("n")
    assert take_over(hand, nodes, lease_s=1000 * HOUR_S)["verdict"] == "grace"
    assert hand.run(old)["finished_at"] is None
    other = another_hand(hand.connection.info.dsn)
    with other.connection:
        assert runs.read_expired(other.connection, other.supervisor_id, 1000 * HOUR_S) == []
        assert [row["id"] for row in runs.read_expired(other.connection, other.supervisor_id, SHORT_S)] == [
            old["run_id"]
        ]


def test_a_node_without_an_open_run_is_claimed_though_the_database_has_just_started(hand: Hand, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:any")
    assert hand.claim(node_id, lease_s=1000 * HOUR_S)["verdict"] == "claimed"


def test_a_taken_over_child_can_write_nothing_more(hand: Hand, nodes: Nodes) -> None:
    old = hand.start("n")
    hand.expire("n")
    assert take_over(hand, nodes)["verdict"] == "claimed"
    with fenced():
        hand.page(old, 1)
    with fenced():
        hand.finish(old, "ok", "done")
    assert (hand.beat(old), hand.begin(old)) == (False, False)
    assert hand.done(old) == "gone"
    assert hand.run(old)["cause"] == "lost"


@pytest.mark.parametrize(
    ("status", "cause", "facts", "part_or_attempt", "letters"),
    [
        ("ok", "done", {}, None, 0),
        ("ok", "recycled", {}, (1, 1), 0),
        ("stopped", "shutdown", {}, (1, 1), 0),
        ("stopped", "requested", {}, None, 0),
        ("error", "exception", {"error": "ValueError: no"}, (2, 0), 0),
        ("error", "exception", {"error": "no such scraper", "retriable": False}, None, 1),
    ],
)
def test_what_the_child_said_before_its_supervisor_died_counts(
    hand: Hand,
    nodes: Nodes,
    status: str,
    cause: str,
    facts: dict[str, Any],
    part_or_attempt: tuple[int, int] | None,
    letters: int,
) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    assert hand.finish(claim, status, cause, cpu_s=1.5, peak_rss_mb=80.0, **facts)
    assert runs.close_lost_run(hand.connection, claim["run_id"], 3) == ("buried" if letters else "closed")
    run, node = hand.run(claim), nodes.get("n")
    assert (run["status"], run["cause"], run["error"], run["cpu_s"]) == (status, cause, facts.get("error"), 1.5)
    expected = (None, None) if part_or_attempt is None else part_or_attempt
    assert (node["open_attempt"], node["open_part"]) == expected
    assert len(hand.letters()) == letters
    assert hand.checkpoint("n") == (None if cause == "done" or letters else {"page": 2})


def test_the_last_attempts_own_error_becomes_a_dead_letter_though_its_supervisor_died(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.finish(claim, "error", "exception", error="no")
    runs.close_lost_run(hand.connection, claim["run_id"], 1)
    assert nodes.get("n")["open_tick"] is None
    assert [letter["causes"][0]["cause"] for letter in hand.letters()] == ["exception"]


def test_a_last_word_that_comes_while_the_run_is_being_closed_counts(
    hand: Hand, nodes: Nodes, connection: Connection, database_url: str
) -> None:
    claim = hand.start("n")
    child = another_hand(database_url)
    closer = another_hand(database_url)
    with child.connection, closer.connection, ThreadPoolExecutor(1) as pool:
        with child.connection.transaction():
            child.finish(claim, "ok", "done")  # committed only after the closer has read the row
            answer = pool.submit(runs.close_lost_run, closer.connection, claim["run_id"], 3)
            wait_for(lambda: connection.execute("select from pg_locks where not granted").rowcount, 5, "it waits")
        assert answer.result(5) == "closed"
    assert hand.run(claim)["cause"] == "done"
    assert nodes.get("n")["open_tick"] is None


def test_closing_a_lost_run_twice_changes_nothing(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    assert runs.close_lost_run(hand.connection, claim["run_id"], 3, "its machine is gone") == "closed"
    before = (hand.run(claim), nodes.get("n"), hand.lease("n"))
    assert before[0]["error"] == "its machine is gone"
    assert runs.close_lost_run(hand.connection, claim["run_id"], 3) == "already"
    assert (hand.run(claim), nodes.get("n"), hand.lease("n")) == before
    assert runs.close_lost_run(hand.connection, 99_999, 3) == "gone"


def test_ten_lost_parts_in_a_row_are_a_dead_letter_for_the_claim_that_finds_the_tenth(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    for part in range(1, 10):
        hand.expire("n")
        claim = take_over(hand, nodes)
        assert (claim["verdict"], claim["part"]) == ("claimed", part)
    hand.expire("n")
    assert take_over(hand, nodes)["verdict"] == "not_due"
    assert len(hand.letters()[0]["causes"]) == 10
    assert nodes.get("n")["open_tick"] is None


def test_taking_over_waits_for_no_page_in_flight(hand: Hand, nodes: Nodes, database_url: str) -> None:
    claim = hand.start("n")
    hand.expire("n")
    hand.connection.execute("set lock_timeout = '2s'")
    with connect(database_url) as child, child.transaction():
        child.execute("select hold_fence('n', %s)", (claim["epoch"],))
        assert take_over(hand, nodes)["verdict"] == "lease_held"
    assert take_over(hand, nodes)["verdict"] == "claimed"
