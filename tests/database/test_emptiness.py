"""A run that is done and found nothing, against the history of its node."""

from __future__ import annotations

from typing import Any

import pytest

from supervisor import emptiness
from tests.fix_claims import Hand, posting
from tests.fix_supervisor import Nodes

BEGUN = {"run_requested": True}


@pytest.fixture
def node_id(nodes: Nodes) -> int:
    """A node whose last four ticks found five postings each."""
    return nodes.add("n", "zoo:any")


def tick(hand: Hand, node_id: int, *parts: int, rejected: int = 0) -> int:
    """One more tick that is done, with so many new postings in each part; answers its last run."""
    hand.connection.execute("update nodes set run_requested = true where id = %s", (node_id,))
    for number, count in enumerate(parts, start=1):
        claim = hand.claimed(node_id)
        assert hand.begin(claim)
        jobs = [posting(f"http://x.test/{claim['run_id']}-{each}") for each in range(count)]
        hand.page(claim, 1, jobs, {"page": number}, rejected=rejected)
        if number < len(parts):
            hand.close(claim, "ok", "recycled", "part")
        else:
            hand.done(claim)
    return int(claim["run_id"])


def lines(hand: Hand, run_id: int) -> list[dict[str, Any]]:
    statement = "select level, event, message, facts from run_logs where run_id = %s"
    return hand.connection.execute(statement, (run_id,)).fetchall()


def test_an_empty_run_after_full_ones_gets_a_line_in_its_log(hand: Hand, node_id: int) -> None:
    for count in (3, 4, 5):
        tick(hand, node_id, count)
    run_id = tick(hand, node_id, 0)
    emptiness.look(hand.connection, run_id, "n")
    (line,) = lines(hand, run_id)
    assert (line["level"], line["event"]) == ("warning", "suspiciously_empty")
    assert line["message"].startswith("found nothing; the 3 runs before it found 4 on average: ")
    assert line["facts"] == {"node": "n", "average": 4.0, "ticks": 3}


def test_all_parts_of_a_tick_count_here_and_in_its_history(hand: Hand, node_id: int) -> None:
    for _ in range(3):
        tick(hand, node_id, 5, 0)
    recycled = tick(hand, node_id, 5, 0)
    emptiness.look(hand.connection, recycled, "n")
    assert lines(hand, recycled) == []
    empty = tick(hand, node_id, 0, 0)
    emptiness.look(hand.connection, empty, "n")
    assert lines(hand, empty)[0]["facts"]["average"] == 5.0


def test_postings_that_were_all_rejected_were_not_found(hand: Hand, node_id: int) -> None:
    for _ in range(3):
        tick(hand, node_id, 5)
    run_id = tick(hand, node_id, 0, rejected=5)
    assert hand.value("select fetched_count from scrape_runs where id = %s", run_id) == {"fetched_count": 5}
    emptiness.look(hand.connection, run_id, "n")
    assert len(lines(hand, run_id)) == 1


def test_only_ticks_that_were_done_and_only_the_last_ten_count(hand: Hand, node_id: int) -> None:
    for count in [5] * 12 + [0] * 6:
        tick(hand, node_id, count)
    run_id = tick(hand, node_id, 0)  # four of the last ten found something, and twelve of all
    emptiness.look(hand.connection, run_id, "n")
    assert lines(hand, run_id) == []


def test_a_tick_that_went_on_from_another_ones_checkpoint_had_only_the_rest_to_do(hand: Hand, node_id: int) -> None:
    for _ in range(3):
        tick(hand, node_id, 5)
    hand.connection.execute("update nodes set run_requested = true where id = %s", (node_id,))
    stopped = hand.claimed(node_id)
    assert hand.begin(stopped)
    hand.page(stopped, 1, [posting("http://x.test/last")], {"page": 9})
    hand.close(stopped, "stopped", "shutdown", "stop")
    rest = tick(hand, node_id, 0)
    assert hand.value("select start_checkpoint from scrape_runs where id = %s", rest)["start_checkpoint"]
    emptiness.look(hand.connection, rest, "n")
    assert lines(hand, rest) == []


def test_a_node_without_a_history_may_find_nothing(hand: Hand, node_id: int) -> None:
    run_id = tick(hand, node_id, 0)
    emptiness.look(hand.connection, run_id, "n")
    assert lines(hand, run_id) == []
