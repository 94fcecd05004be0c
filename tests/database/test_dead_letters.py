"""Dead letters: what they tell, and what may become of them."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.rows import DictRow

from supervisor.tables import dead_letters as table
from tests.fix_claims import Hand, refused_by
from tests.fix_database import Connection
from tests.fix_letters import dead
from tests.fix_supervisor import Nodes


def test_a_letter_tells_what_every_attempt_died_of(letter: DictRow) -> None:
    told = [(each["attempt"], each["part"], each["cause"], each["error"], each["pages"]) for each in letter["causes"]]
    assert told == [(1, 0, "exception", "first", 1), (2, 0, "crashed", "second", 0)]
    assert [each["ended_by"] for each in letter["causes"]] == ["self", "self"]
    assert all(each["started_at"] and each["finished_at"] and each["run_id"] for each in letter["causes"])
    assert (letter["scraper"], letter["params"], letter["checkpoint"]) == ("zoo:any", {"from": 1}, {"page": 3})
    assert (letter["state"], letter["count"], letter["earlier"], letter["decided_at"]) == ("open", 1, [], None)


def test_a_letter_tells_what_died_and_not_what_the_node_has_been_made_into_since(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n", params={"from": 1})
    nodes.connection.execute("update nodes set scraper = 'zoo:other', params = '{\"from\": 2}'")
    hand.page(claim, 1, checkpoint={"page": 7})
    hand.close(claim, "error", "exception", "bury")
    (letter,) = hand.letters()
    assert (letter["scraper"], letter["params"], letter["checkpoint"]) == ("zoo:any", {"from": 1}, {"page": 7})


def test_a_later_dead_tick_of_an_open_letter_keeps_the_earlier_one_in_short(
    hand: Hand, nodes: Nodes, letter: DictRow
) -> None:
    nodes.connection.execute("update nodes set params = '{\"from\": 2}'")
    again = dead(hand, nodes, page=None)
    assert (again["id"], again["count"], again["params"], again["checkpoint"]) == (letter["id"], 2, {"from": 2}, None)
    (before,) = again["earlier"]
    assert {key: before[key] for key in ("cause", "error", "attempt", "checkpoint", "scraper", "params")} == {
        "cause": "crashed",
        "error": "second",
        "attempt": 2,
        "checkpoint": {"page": 3},
        "scraper": "zoo:any",
        "params": {"from": 1},
    }
    assert before["run_id"] == letter["causes"][-1]["run_id"]
    assert again["created_at"] == letter["created_at"] <= letter["last_at"] < again["last_at"]


def test_a_letter_does_not_grow_for_ever(hand: Hand, nodes: Nodes) -> None:
    for number in range(13):
        dead(hand, nodes, page=number)
    (letter,) = hand.letters()
    assert letter["count"] == 13
    assert [each["checkpoint"]["page"] for each in letter["earlier"]] == list(range(11, 1, -1))


def test_of_a_crawl_in_many_parts_the_end_of_every_attempt_and_the_last_fifty_are_told(
    hand: Hand, nodes: Nodes
) -> None:
    claim = hand.start("n")
    for attempt in (1, 2):
        for part in range(60):
            hand.connection.execute(
                "insert into scrape_runs (node_id, source, tick, attempt, part, status, cause, finished_at, owner, "
                "epoch, supervisor_id) values (%(node)s, 'n', %(tick)s, %(attempt)s, %(part)s, 'ok', 'recycled', "
                "now(), gen_random_uuid(), 1, gen_random_uuid()) on conflict do nothing",
                {"node": nodes.get("n")["id"], "tick": claim["tick"], "attempt": attempt, "part": part},
            )
    hand.close(claim, "error", "exception", "bury")
    (letter,) = hand.letters()
    told = [(each["attempt"], each["part"]) for each in letter["causes"]]
    assert told == [(1, 59), *((2, part) for part in range(10, 60))]


def test_a_checkpoint_that_somebody_has_spoilt_keeps_no_tick_from_being_buried(hand: Hand) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.connection.execute("update checkpoints set state = '[1]'")
    assert hand.close(claim, "error", "exception", "bury") == "buried"
    assert hand.letters()[0]["checkpoint"] is None


@pytest.mark.parametrize("first", ["retried", "discarded"])
@pytest.mark.parametrize("then", ["open", "retried", "discarded"])
def test_a_letter_is_decided_once(hand: Hand, nodes: Nodes, letter: DictRow, first: str, then: str) -> None:
    hand.connection.execute("update dead_letters set state = %s", [first])
    nodes.update("n", run_requested=False, redrive_id=None)
    if first == then:  # the second click changes nothing
        hand.connection.execute("update dead_letters set state = %s where id = %s", [then, letter["id"]])
    else:
        with refused_by("dead_letters_state_is_final"):
            hand.connection.execute("update dead_letters set state = %s", [then])
    assert nodes.get("n")["run_requested"] is False


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ("decided_at = now()", "dead_letters_decided_has_time"),
        ("state = 'mended'", "dead_letters_state_known"),
        ("earlier = '{}'", "dead_letters_lists"),
        ("causes = '7'", "dead_letters_lists"),
        ("checkpoint = '[1]'", "dead_letters_checkpoint_object"),
        ("tick = 'infinity'", "dead_letters_times_readable"),
        ("redriven_run_id = (causes -> 0 ->> 'run_id')::bigint", "dead_letters_redriven_was_retried"),
    ],
)
@pytest.mark.usefixtures("letter")
def test_half_states_of_a_letter_are_refused(connection: Connection, columns: str, constraint: str) -> None:
    with refused_by(constraint):
        connection.execute(f"update dead_letters set {columns}".encode())  # noqa: S608 - the test's own


def test_letters_are_listed_by_state_and_node_the_newest_first(hand: Hand, nodes: Nodes, letter: DictRow) -> None:
    dead(hand, nodes, "m")

    def listed(**wanted: Any) -> list[tuple[str, str]]:
        given = {"state": None, "source": None, "limit": 9, **wanted}
        return [(row["source"], row["state"]) for row in table.list_dead_letters(hand.connection, **given)]

    assert listed() == [("m", "open"), ("n", "open")]
    assert listed(limit=1) == [("m", "open")]
    hand.connection.execute("update dead_letters set state = 'discarded' where id = %s", [letter["id"]])
    assert listed(state="open") == [("m", "open")]
    assert listed(source="n") == [("n", "discarded")]
    row = table.list_dead_letters(hand.connection, state="open", source=None, limit=9)[0]
    assert (row["last_cause"], row["last_error"], row["attempts"]) == ("crashed", "second", 2)
