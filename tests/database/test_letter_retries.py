"""The retry of a dead letter: asked for once, by whoever can run an UPDATE, and begun where its tick had got to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from psycopg.rows import DictRow

from supervisor.tables import dead_letters as table
from supervisor.tables import nodes as node_table
from tests.fix_claims import Hand, refused_by
from tests.fix_database import connect
from tests.fix_letters import ask, dead
from tests.fix_supervisor import Nodes
from tests.wait import wait_for

CLICKS = 10


def test_a_retry_asks_the_node_for_a_run(hand: Hand, nodes: Nodes, letter: DictRow) -> None:
    assert nodes.get("n")["run_requested"] is False
    ask(hand, letter)
    node = nodes.get("n")
    assert (node["run_requested"], node["redrive_id"]) == (True, letter["id"])
    assert hand.letters()[0]["decided_at"] is not None


def test_its_run_goes_on_where_the_tick_had_got_to_and_names_the_letter(
    hand: Hand, nodes: Nodes, letter: DictRow
) -> None:
    ask(hand, letter)
    claim = hand.claimed(nodes.get("n")["id"])
    assert (claim["attempt"], claim["part"], claim["checkpoint"]) == (1, 0, {"page": 3})
    assert claim["tick"] > letter["tick"]
    assert hand.letters()[0]["redriven_run_id"] == claim["run_id"]
    assert nodes.get("n")["redrive_id"] is None
    # Lost before its first page, then tried again: still the same retry, from the same place.
    hand.close(claim, "error", "lost", "part")
    part = hand.claimed(nodes.get("n")["id"])
    assert (part["attempt"], part["part"], part["checkpoint"]) == (1, 1, {"page": 3})
    hand.close(part, "error", "exception", "retry")
    hand.close(hand.claimed(nodes.get("n")["id"]), "ok", "done", "end")
    assert [run["dead_letter_id"] for run in nodes.runs("n")] == [None, None, *[letter["id"]] * 3]
    assert hand.letters()[0]["redriven_run_id"] == claim["run_id"]
    nodes.update("n", run_requested=True)
    hand.claimed(nodes.get("n")["id"])
    assert nodes.last("n")["dead_letter_id"] is None


def test_a_letter_without_a_checkpoint_begins_at_the_beginning(hand: Hand, nodes: Nodes) -> None:
    letter = dead(hand, nodes, page=None)
    claim = hand.start("other")
    hand.page(claim, 1, checkpoint={"page": 9})
    hand.connection.execute("update checkpoints set node_id = %s", [letter["node_id"]])  # as a stopped run leaves it
    ask(hand, letter)
    assert hand.claimed(letter["node_id"])["checkpoint"] is None


@pytest.mark.parametrize("change", ["scraper = 'zoo:other'", "params = '{\"from\": 2}'"])
def test_a_checkpoint_means_nothing_to_another_scraper_or_other_params(
    hand: Hand, nodes: Nodes, letter: DictRow, change: str
) -> None:
    nodes.connection.execute(f"update nodes set {change}".encode())  # noqa: S608 - the test's own
    ask(hand, letter)
    claim = hand.claimed(nodes.get("n")["id"])
    assert claim["checkpoint"] is None
    assert hand.letters()[0]["redriven_run_id"] == claim["run_id"]


def test_a_checkpoint_that_a_person_has_mended_counts(hand: Hand, nodes: Nodes, letter: DictRow) -> None:
    mended = "update dead_letters set checkpoint = '{\"page\": 4}', state = 'retried' where id = %s"
    hand.connection.execute(mended.encode(), [letter["id"]])
    assert hand.claimed(nodes.get("n")["id"])["checkpoint"] == {"page": 4}


def test_a_retry_that_was_refused_is_the_next_run_that_is_asked_for(hand: Hand, nodes: Nodes, letter: DictRow) -> None:
    ask(hand, letter)
    node_table.skip_request(hand.connection, letter["node_id"], "too_big", "needs 2000 MB")
    assert hand.claim(letter["node_id"])["verdict"] == "not_due"
    nodes.update("n", run_requested=True)
    claim = hand.claimed(letter["node_id"])
    assert (claim["checkpoint"], hand.letters()[0]["redriven_run_id"]) == ({"page": 3}, claim["run_id"])


def test_a_retry_that_dies_again_is_a_new_letter_that_names_the_old_one(
    hand: Hand, nodes: Nodes, letter: DictRow
) -> None:
    ask(hand, letter)
    again = dead(hand, nodes, page=None)
    assert (again["id"] != letter["id"], again["again_of"], again["state"]) == (True, letter["id"], "open")
    found = table.get_dead_letter(hand.connection, letter["id"])
    assert found is not None
    assert (found["again_as"], found["retry_cause"], found["retry_attempt"]) == (again["id"], "crashed", 2)


def test_nobody_retries_a_letter_of_a_node_that_was_removed(hand: Hand, nodes: Nodes, letter: DictRow) -> None:
    nodes.connection.execute("delete from nodes")
    with refused_by("dead_letters_node_is_there"):
        ask(hand, letter)
    hand.connection.execute("update dead_letters set state = 'discarded'")


def test_a_letter_waits_while_another_one_of_its_node_is_waiting_to_be_retried(
    hand: Hand, nodes: Nodes, letter: DictRow
) -> None:
    # A tick was in hand when the first one was asked for, and died before its retry began.
    nodes.update("n", run_requested=True)
    claim = hand.claimed(nodes.get("n")["id"])
    ask(hand, letter)
    hand.close(claim, "error", "exception", "bury")
    second = hand.letters()[-1]
    assert second["id"] != letter["id"]
    with refused_by("dead_letters_one_retry_at_a_time"):
        ask(hand, second)
    assert nodes.get("n")["redrive_id"] == letter["id"]
    hand.close(hand.claimed(nodes.get("n")["id"]), "ok", "done", "end")
    ask(hand, second)
    assert nodes.get("n")["redrive_id"] == second["id"]


def test_of_ten_requests_at_once_one_retries_and_one_run_follows(
    hand: Hand, nodes: Nodes, letter: DictRow, database_url: str
) -> None:
    """P10."""
    start = Barrier(CLICKS)

    def click(number: int) -> bool:
        with connect(database_url) as connection:
            start.wait(10)
            if number % 2:  # half of them as a person would
                done = connection.execute("update dead_letters set state = 'retried' where state = 'open'")
                return done.rowcount > 0
            return table.retry_dead_letter(connection, letter["id"], fresh=False) is not None

    with ThreadPoolExecutor(CLICKS) as pool:
        assert sorted(pool.map(click, range(CLICKS))) == [False] * (CLICKS - 1) + [True]
    claim = hand.claimed(letter["node_id"])
    hand.close(claim, "ok", "done", "end")
    assert hand.claim(letter["node_id"])["verdict"] == "not_due"
    retries = [run for run in nodes.runs("n") if run["dead_letter_id"] == letter["id"]]
    assert [run["id"] for run in retries] == [claim["run_id"]]


def test_settling_gives_way_to_who_retries_the_letter_at_the_same_moment(
    hand: Hand, nodes: Nodes, letter: DictRow, database_url: str
) -> None:
    """The one holds the node's row and wants the letter's, the other way round the other."""
    nodes.update("n", run_requested=True)
    claim = hand.claimed(letter["node_id"])
    with connect(database_url) as person, connect(database_url) as watcher, ThreadPoolExecutor(1) as pool:
        with hand.connection.transaction(force_rollback=True):
            hand.connection.execute("select from nodes for no key update")
            asked = pool.submit(ask, Hand(person), letter)
            wait_for(lambda: watcher.execute("select from pg_locks where not granted").rowcount, 5, "it waits")
            with pytest.raises(psycopg.errors.LockNotAvailable), hand.connection.transaction():
                hand.close(claim, "error", "exception", "bury")
        asked.result(5)
    assert hand.close(claim, "error", "exception", "bury") == "buried"
    assert [each["state"] for each in hand.letters()] == ["retried", "open"]


def test_a_person_who_holds_a_letter_delays_settling_only(hand: Hand, letter: DictRow, database_url: str) -> None:
    hand.connection.execute("update nodes set run_requested = true")
    claim = hand.claimed(letter["node_id"])
    with connect(database_url) as person, person.transaction():
        person.execute("update dead_letters set checkpoint = '{\"page\": 4}'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            hand.close(claim, "error", "exception", "bury")
        assert hand.run(claim)["finished_at"] is None
    assert hand.close(claim, "error", "exception", "bury") == "buried"
