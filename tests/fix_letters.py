"""Nodes whose ticks have died, and what a person types about them."""

from __future__ import annotations

import pytest
from psycopg.rows import DictRow

from tests.fix_claims import Hand
from tests.fix_supervisor import Nodes


@pytest.fixture
def letter(hand: Hand, nodes: Nodes) -> DictRow:
    """The open letter of node `n`, which died twice on its third page."""
    return dead(hand, nodes)


def dead(hand: Hand, nodes: Nodes, name: str = "n", page: int | None = 3) -> DictRow:
    """The letter of a tick that died at both attempts, after a checkpoint."""
    if nodes.one("select from nodes where name = %s", name) is None:
        nodes.add(name, "zoo:any", {"from": 1})
    nodes.update(name, run_requested=True)
    node_id = nodes.get(name)["id"]
    first = hand.claimed(node_id)
    assert hand.begin(first)
    if page is not None:
        hand.page(first, 1, checkpoint={"page": page})
    assert hand.close(first, "error", "exception", "retry", error="first") == "closed"
    second = hand.claimed(node_id)
    assert hand.close(second, "error", "crashed", "bury", error="second") == "buried"
    return hand.letters()[-1]


def ask(hand: Hand, letter: DictRow) -> None:
    """What a person types."""
    hand.connection.execute("update dead_letters set state = 'retried' where id = %s", [letter["id"]])
