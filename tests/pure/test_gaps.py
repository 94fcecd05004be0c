"""How long a process leaves a host alone by what it knows itself."""

from __future__ import annotations

import pytest

from workers.gaps import Gaps, is_loopback
from workers.records import FetchSettings


def test_a_gap_is_drawn_between_the_least_and_the_least_with_all_its_jitter() -> None:
    gaps = Gaps(FetchSettings(gap_s=2.0, gap_jitter_s=0.5, gap_loopback_s=0.25))
    drawn = [gaps.draw("board.example") for _ in range(2000)]
    assert 2.0 <= min(drawn) < 2.05
    assert 2.45 < max(drawn) <= 2.5
    assert gaps.draw("127.0.0.1") == gaps.draw("localhost") == 0.25


@pytest.mark.parametrize("name", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_what_never_leaves_the_machine_is_loopback(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["example.org", "localhost.example.org", "10.0.0.1", "", "128.0.0.1"])
def test_everything_else_is_not(name: str) -> None:
    assert not is_loopback(name)


def test_turns_follow_each_other_and_hosts_do_not_wait_for_each_other() -> None:
    gaps = Gaps(FetchSettings())
    assert [round(gaps.reserve("a", 3)) for _ in range(3)] == [0, 3, 6]
    assert gaps.reserve("b", 3) == gaps.reserve("a", 0) == 0


def test_a_turn_given_elsewhere_and_a_wish_to_be_left_alone_are_kept_in_mind() -> None:
    gaps = Gaps(FetchSettings())
    assert gaps.note("a", 4, 3) == 4
    assert round(gaps.reserve("a", 1)) == 7
    gaps.hold("a", 20)
    gaps.hold("a", 1)
    assert [round(gaps.reserve("a", gap_s)) for gap_s in (0, 5, 5)] == [20, 20, 25]
    assert round(gaps.note("a", 4, 0)) == 20, "whatever the database says: its answer may have come before"
