"""A storm is one message: gathered for a moment, then held back for a while that grows as long as it goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from supervisor.alerts.grouping import LONGEST_S, Groups
from supervisor.alerts.kinds import BREAKER_OPEN, DEAD_LETTER, KINDS, STUCK_RUN, Kind
from supervisor.alerts.message import Message

START = datetime(2026, 1, 2, tzinfo=UTC)
GATHER_S, EVERY_S = 5.0, 300.0


class Clock:
    """Groups, and a time that only the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.groups = Groups(gather_s=GATHER_S, every_s=EVERY_S)

    def add(self, kind: Kind = STUCK_RUN, **facts: object) -> None:
        """One alert, now."""
        self.groups.add(kind, facts, at=START + timedelta(seconds=self.now), now=self.now)

    def after(self, seconds: float) -> list[Message]:
        """What is due that much later."""
        self.now += seconds
        return self.groups.take(self.now)


@pytest.fixture
def clock() -> Clock:
    """Nothing has come."""
    return Clock()


def test_the_first_alert_of_a_kind_goes_out_after_the_gathering(clock: Clock) -> None:
    assert clock.groups.next_s(clock.now) is None
    clock.add(node="n", run_id=7, cause="timeout", error="killed")
    assert clock.groups.next_s(clock.now) == GATHER_S
    assert clock.after(GATHER_S - 0.1) == []
    (message,) = clock.after(0.1)
    assert (message.count, message.nodes, message.run_ids) == (1, ("n",), (7,))
    assert message.first_at == message.last_at == START + timedelta(seconds=1_000)
    assert message.sentence == "n: run 7 was stuck (timeout): killed; see `supervisor logs n`"
    assert clock.groups.next_s(clock.now) is None


def test_a_storm_of_five_hundred_is_one_message_that_names_the_first(clock: Clock) -> None:
    for number in range(500):
        clock.add(node=f"n{number}", run_id=number, cause="timeout")
        clock.now += 0.005
    (message,) = clock.after(GATHER_S)
    assert message.count == 500
    assert message.nodes == tuple(f"n{number}" for number in range(20))
    assert message.run_ids == tuple(range(20))
    assert message.sentence.startswith("500 runs were stuck and killed (n0, n1, n2, n3, n4 and others); ")
    assert message.last_at - message.first_at == timedelta(seconds=2.495)


def test_what_comes_meanwhile_waits_for_the_next_message_of_its_kind_only(clock: Clock) -> None:
    clock.add(node="a")
    clock.after(GATHER_S)
    clock.add(node="b")
    clock.add(DEAD_LETTER, node="c")
    assert [message.kind for message in clock.after(GATHER_S)] == ["dead_letter"]
    clock.add(node="d")
    assert clock.after(EVERY_S - GATHER_S - 0.1) == []
    (message,) = clock.after(0.1)
    assert (message.count, message.nodes) == (2, ("b", "d"))


def test_a_kind_that_goes_on_is_told_of_ever_more_rarely(clock: Clock) -> None:
    sent = []
    for _ in range(24 * 3600):
        clock.add(node="n")
        sent += clock.after(1.0)
    gaps = [later.last_at - earlier.last_at for earlier, later in pairwise(sent)]
    assert [gap.total_seconds() for gap in gaps[:5]] == [300, 600, 1200, 2400, 3600]
    assert {gap.total_seconds() for gap in gaps[4:]} == {LONGEST_S}
    assert sum(message.count for message in sent) > 23 * 3600


def test_a_kind_that_has_been_quiet_begins_anew(clock: Clock) -> None:
    clock.add(node="n")
    clock.after(GATHER_S)
    clock.add(node="n")
    assert len(clock.after(EVERY_S)) == 1  # the next rest is twice as long
    clock.now += 4 * EVERY_S
    clock.add(node="n")
    assert len(clock.after(GATHER_S)) == 1
    clock.add(node="n")
    assert len(clock.after(EVERY_S)) == 1


def test_memory_is_bounded_by_the_kinds_and_a_message_by_its_facts(clock: Clock) -> None:
    for number in range(10_000):
        for kind in KINDS:
            clock.add(kind, node="n" * 10_000 + str(number), run_id=number, error="x" * 100_000, odd=object())
    messages = clock.after(GATHER_S)
    assert len(messages) == len(KINDS)
    assert max(len(message.as_json()) for message in messages) < 20_000


def test_a_message_of_breakers_names_hosts(clock: Clock) -> None:
    clock.add(BREAKER_OPEN, host="down.test", node="n", failures=5, error="it answered 503")
    (message,) = clock.after(GATHER_S)
    assert message.nodes == ("down.test",)
    assert message.sentence.startswith("down.test is left alone after 5 failures, the last: it answered 503; ")


def test_all_of_a_message_is_json(clock: Clock) -> None:
    clock.add(node="n\0\ud800", run_id=7, error=ValueError("odd"), when=START, missing=None, share=0.5, dead=True)
    (message,) = clock.after(GATHER_S)
    assert json.loads(message.as_json())["facts"] == {
        "node": "n\0\ud800", "run_id": 7, "error": "odd", "when": str(START), "missing": None, "share": 0.5,
        "dead": True,
    }  # fmt: skip
