"""P2: whoever races for a node, one of them gets it."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fix_claims import Hand, another_hand
from tests.fix_database import Connection
from tests.fix_supervisor import Nodes

CLAIMERS = 8
CLAIMS = 1_000  # that get their run; several times as many do not
NODES = 5


class Race:
    """Claimers that run each other's nodes; a node is asked for again while it runs, once per run."""

    def __init__(self, url: str, node_ids: list[int]) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._running: set[int] = set()
        self.epochs: dict[int, list[int]] = {node_id: [] for node_id in node_ids}
        self.verdicts: Counter[str] = Counter()

    def run(self) -> None:
        """Race to the end."""
        with ThreadPoolExecutor(CLAIMERS) as pool:
            for claimer in [pool.submit(self._race, number) for number in range(CLAIMERS)]:
                claimer.result()

    def _race(self, number: int) -> None:
        dice = random.Random(number)
        hand = another_hand(self._url)
        with hand.connection:
            while self._one_more():
                node_id = dice.choice(list(self.epochs))
                owner = str(uuid.uuid4())
                claim = hand.claim(node_id, owner=owner)
                with self._lock:
                    self.verdicts[claim["verdict"]] += 1
                if claim["verdict"] == "claimed":
                    self._hold(hand, node_id, claim["run_id"], claim["epoch"])
                    assert dice.random() > 0.1 or hand.claim(node_id, owner=owner)["run_id"] == claim["run_id"]
                    self._give_back(hand, node_id, claim["epoch"], claim["run_id"])

    def _one_more(self) -> bool:
        with self._lock:
            return self.verdicts["claimed"] < CLAIMS

    def _hold(self, hand: Hand, node_id: int, run_id: int, epoch: int) -> None:
        with self._lock:
            assert node_id not in self._running
            self._running.add(node_id)
            self.epochs[node_id].append(epoch)
        row = hand.value(
            "select array_agg(id) as ids from scrape_runs where node_id = %s and finished_at is null", node_id
        )
        assert row["ids"] == [run_id]

    def _give_back(self, hand: Hand, node_id: int, epoch: int, run_id: int) -> None:
        hand.connection.execute("update nodes set run_requested = true where id = %s", (node_id,))
        with self._lock:
            self._running.remove(node_id)
        assert hand.done({"run_id": run_id, "epoch": epoch}) == "closed"


def test_eight_claimers_never_have_two_open_runs_of_a_node(
    connection: Connection, nodes: Nodes, database_url: str
) -> None:
    node_ids = [nodes.add(f"n{number}", "zoo:any") for number in range(NODES)]
    race = Race(database_url, node_ids)
    race.run()
    assert set(race.verdicts) <= {"claimed", "busy", "lease_held", "not_due"}
    for node_id, epochs in race.epochs.items():
        assert epochs == sorted(set(epochs))
        row = connection.execute(
            "select count(*) as runs, count(distinct tick) as ticks, count(distinct epoch) as epochs,"
            "       count(*) filter (where finished_at is null) as open from scrape_runs where node_id = %s",
            (node_id,),
        ).fetchone()
        # One run for each time that somebody asked, and the last wish is still there.
        assert row == {"runs": len(epochs), "ticks": len(epochs), "epochs": len(epochs), "open": 0}
        assert nodes.get(f"n{node_ids.index(node_id)}")["run_requested"] is True


@pytest.mark.parametrize("taken_over", [False, True])
def test_of_two_claims_at_once_one_is_busy_or_comes_too_late(
    hand: Hand, nodes: Nodes, database_url: str, taken_over: bool
) -> None:
    node_id = nodes.add("n", "zoo:any")
    if taken_over:
        hand.claimed(node_id, lease_s=0.0)
    hands = [another_hand(database_url) for _ in range(4)]
    barrier = threading.Barrier(len(hands))

    def claim(one: Hand) -> str:
        with one.connection:
            barrier.wait(5)
            return str(one.claim(node_id, lease_s=0.5 if taken_over else 30.0)["verdict"])

    with ThreadPoolExecutor(len(hands)) as pool:
        verdicts = list(pool.map(claim, hands))
    assert verdicts.count("claimed") == 1
    assert set(verdicts) <= {"claimed", "busy", "lease_held", "not_due"}
