"""Turns at a host as one process takes them by itself."""

from __future__ import annotations

import time

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


def test_a_long_wait_gives_signs_of_life_and_an_address_that_nobody_can_be_asked_at_none() -> None:
    waits: list[float] = []
    alive: list[None] = []
    polite = Politeness(FetchSettings(gap_loopback_s=2), alive=lambda: alive.append(None))
    for _ in range(2):
        polite.turn(URL, waits.append)
    assert max(waits) <= 0.25
    assert round(sum(waits)) == 2
    assert len(alive) >= 7
    assert polite.turn("http://a b/", waits.append).host is None
    assert polite.first_host == "127.0.0.1:9"
