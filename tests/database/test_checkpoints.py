"""Rule 3: one checkpoint per node, and when it is kept, copied and dropped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fix_claims import Hand
from tests.fix_supervisor import Nodes


def test_a_page_saves_its_checkpoint_and_an_omitted_one_keeps_the_last(hand: Hand) -> None:
    claim = hand.start("n")
    assert hand.checkpoint("n") is None
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.page(claim, 2)
    assert hand.checkpoint("n") == {"page": 2}
    hand.page(claim, 3, checkpoint={"page": 4})
    assert hand.checkpoint("n") == {"page": 4}


@pytest.mark.parametrize(
    ("status", "cause", "step", "kept"),
    [
        ("ok", "done", "end", False),
        ("error", "exception", "bury", False),
        ("ok", "recycled", "part", True),
        ("error", "lost", "part", True),
        ("error", "timeout", "retry", True),
        ("stopped", "requested", "stop", True),
        ("stopped", "shutdown", "part", True),
    ],
)
def test_an_end_keeps_the_checkpoint_or_drops_it(hand: Hand, status: str, cause: str, step: str, kept: bool) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.close(claim, status, cause, step)
    assert hand.checkpoint("n") == ({"page": 2} if kept else None)
    assert [letter["checkpoint"] for letter in hand.letters()] == ([{"page": 2}] if step == "bury" else [])


def test_a_stopped_node_goes_on_from_its_checkpoint_at_its_next_tick(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.close(claim, "stopped", "requested", "stop")
    nodes.update("n", run_requested=True)
    following = hand.claimed(nodes.get("n")["id"])
    assert following["tick"] > claim["tick"]
    assert following["checkpoint"] == {"page": 2}
    assert hand.run(following)["start_checkpoint"] == {"page": 2}


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"params": '{"other": 1}'}, False),
        ({"scraper": "zoo:other"}, False),
        ({"params": "{}"}, True),
        ({"timeout_s": 5}, True),
        ({"schedule": "every 1h"}, True),
    ],
)
def test_only_a_change_of_scraper_or_params_drops_the_checkpoint(
    hand: Hand, nodes: Nodes, change: dict[str, Any], kept: bool
) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    version = nodes.get("n")["config_version"]
    nodes.update("n", **change)
    assert hand.checkpoint("n") == ({"page": 2} if kept else None)
    assert nodes.get("n")["config_version"] == version + (not kept)


def test_what_a_run_saves_after_a_change_of_params_is_worth_nothing_to_the_next(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    nodes.update("n", params='{"other": 1}')
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.close(claim, "error", "lost", "part")
    following = hand.claimed(nodes.get("n")["id"])
    assert (following["params"], following["checkpoint"]) == ({"other": 1}, None)


def test_a_dead_letter_copies_the_checkpoint_that_belongs_to_its_params_whatever_the_node_has_been_made_into(
    hand: Hand, nodes: Nodes
) -> None:
    claim = hand.start("n")
    nodes.update("n", params='{"other": 1}')
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.close(claim, "error", "exception", "bury")
    assert [(letter["params"], letter["checkpoint"]) for letter in hand.letters()] == [({}, {"page": 2})]


def test_a_checkpoint_of_a_later_epoch_is_not_overwritten(hand: Hand) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.connection.execute("update checkpoints set epoch = epoch + 1000")
    hand.page(claim, 2, checkpoint={"page": 3})
    assert hand.checkpoint("n") == {"page": 2}
