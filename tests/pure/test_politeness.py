"""Turns at a host as one process takes them by itself."""

from __future__ import annotations

import time

import pytest

from workers import gaps, politeness
from workers.politeness import Politeness
from workers.records import FetchSettings

URL = "http://127.0.0.1:9/"


def test_who_wakes_up_too_late_for_its_turn_takes_another_one_up_to_three() -> None:
    polite = Politeness(FetchSettings(gap_loopback_s=0.02))
    waits: list[float] = []

    def oversleep(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds + 0.11 if seconds else 0)

    def oversleep_while_others_queue(seconds: float) -> None:
        for _ in range(8):
            polite.turn(URL, lambda _: None)
        oversleep(seconds)

    polite.turn(URL, oversleep)
    polite.turn(URL, oversleep)  # its turn is missed; the next one is free at once
    assert [round(wait, 1) for wait in waits] == [0, 0, 0]
    assert waits[1] > 0 == waits[2]
    del waits[:]
    for _ in range(3):
        polite.turn(URL, lambda _: None)
    polite.turn(URL, oversleep_while_others_queue)
    assert len(waits) == 3


class Clock:
    """Time that passes only while somebody waits, and then a little more than was asked for."""

    def __init__(self) -> None:
        """It is 0."""
        self.now = 0.0
        self.waits: list[float] = []

    def monotonic(self) -> float:
        """The seconds that have passed."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Oversleep by a millisecond, as machines do."""
        self.waits.append(seconds)
        self.now += seconds + 0.001


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of turns and gaps."""
    clock = Clock()
    for module in (politeness, gaps):
        monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_long_wait_gives_signs_of_life_and_an_address_that_nobody_can_be_asked_at_none(clock: Clock) -> None:
    alive: list[None] = []
    polite = Politeness(FetchSettings(gap_loopback_s=2), alive=lambda: alive.append(None))
    for _ in range(2):
        polite.turn(URL, clock.wait)
    assert max(clock.waits) <= 0.25
    assert round(clock.now) == 2
    assert len(alive) >= 7
    assert polite.turn("http://a b/", clock.wait).host is None
    assert polite.first_host == "127.0.0.1:9"


def test_however_long_a_wait_it_ends_in_time_for_its_turn(clock: Clock) -> None:
    polite = Politeness(FetchSettings(gap_loopback_s=120), alive=lambda: None)
    for _ in range(2):
        polite.turn(URL, clock.wait)
    assert 120 <= clock.now < 120.1
