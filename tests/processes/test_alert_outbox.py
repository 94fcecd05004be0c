"""The outbox of a receiver: few tries with pauses, a short queue, one complaint, and an end in time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from supervisor.alerts.message import Message
from supervisor.alerts.outbox import Outbox, Undelivered
from tests.fix_alerts import MESSAGE
from tests.wait import wait_for
from workers import events


def end(outbox: Outbox, limit_s: float) -> None:
    """As the supervisor does when it leaves."""
    outbox.close(time.monotonic() + limit_s)
    wait_for(lambda: outbox.is_through, limit_s + 1, "its end")
    outbox.cut()


class Deaf:
    """A receiver that fails as often as it is told to."""

    name, shown, limit_s = "deaf", "nowhere", 1.0

    def __init__(self, failures: int, *, final: bool = False) -> None:
        self.failures, self.final = failures, final
        self.tries: list[float] = []
        self.delivered: list[Message] = []

    def send(self, message: Message, limit_s: float) -> None:
        """Note the try."""
        self.tries.append(limit_s)
        if len(self.tries) <= self.failures:
            raise Undelivered("it is deaf", final=self.final)
        self.delivered.append(message)

    def cut(self) -> None:
        """Nothing to cut."""


@pytest.fixture
def said() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Events of alerts."""
    heard: list[tuple[str, dict[str, Any]]] = []
    unsubscribe = events.subscribe(lambda name, facts: heard.append((name, facts)))
    yield heard
    unsubscribe()


def test_a_failure_is_tried_again_after_a_pause_and_said_once(said: list[tuple[str, dict[str, Any]]]) -> None:
    receiver = Deaf(failures=1)
    outbox = Outbox(receiver)
    outbox.put(MESSAGE)
    wait_for(lambda: receiver.delivered, 5, "delivered at the second try")
    assert len(receiver.tries) == 2
    receiver.failures = 3
    receiver.final = True
    outbox.put(MESSAGE)
    wait_for(lambda: len(said) == 3, 5, "all is said")
    end(outbox, 5)
    assert [name for name, _ in said] == ["alert_failed", "alert_sent", "alert_failed"]
    assert said[0][1] == {"receiver": "deaf", "kind": "stuck_run", "reason": "it is deaf"}


def test_an_outbox_keeps_the_newest_fifty_and_says_that_it_dropped_some(
    said: list[tuple[str, dict[str, Any]]],
) -> None:
    receiver = Deaf(failures=1)  # the first message rests a second before its next try
    outbox = Outbox(receiver)
    outbox.put(MESSAGE)
    wait_for(lambda: receiver.tries, 5, "the first try")
    for _ in range(60):
        outbox.put(MESSAGE)
    wait_for(lambda: len(receiver.delivered) == 51, 5, "the first and the newest fifty")
    end(outbox, 5)
    assert len(receiver.delivered) == 51
    assert [name for name, _ in said].count("alert_failed") == 1


def test_closing_gives_each_message_one_try_within_one_limit_for_all() -> None:
    receiver = Deaf(failures=9)
    outbox = Outbox(receiver)
    for _ in range(3):
        outbox.put(MESSAGE)
    began = time.monotonic()
    end(outbox, 2)
    assert time.monotonic() - began < 1.5
    assert len(receiver.tries) == 3
