"""Hostile scrapers with children: plain ones, sessions of their own, daemons, and a bomb of forks."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

from tests.fix_hostile import Play, Played, Row, check_end, check_neighbour, check_slots

STALL_S = 4  # since the page that each commits when all of its family have come up
STALLED: Any = {
    "cause": "stalled",
    "ended_by": "kill",
    "says": rf"^killed: no yield, stage or fetch for \d+ s, stall_s is {STALL_S}; last page 1",
}
DEPTH = 3
# Not root by any other right than to open files: that to trace, to watch performance, or to administer lets one look.
BLIND = ("setpriv", "--bounding-set=-all,+dac_override", "--inh-caps=-all")


def _families(scraper: str) -> tuple[Row, ...]:
    name = scraper.partition(":")[2]
    short = {"stall_s": STALL_S}
    return (
        Row(name=f"{name} and ends", scraper=scraper, cause="done"),
        Row(name=f"{name} and exits", scraper=scraper, cause="crashed", says="status 3", params={"then": "exit"}),
        Row(name=f"{name} and hangs", scraper=scraper, params={"then": "hold"}, node=short, **STALLED),
        Row(name=f"{name} and is deaf", scraper=scraper, params={"then": "deaf"}, node=short, **STALLED),
    )


ROWS = (
    *_families("families:leaves_behind"),
    *_families("families:hides"),
    Row(
        name="bomb",
        scraper="families:bomb",
        params={"depth": DEPTH},
        node={"stall_s": STALL_S, "memory_mb": 2_000},
        **STALLED,
    ),
)


@pytest.fixture(scope="module", params=["root", "unprivileged"])
def played(play: Play, request: pytest.FixtureRequest) -> Played:
    """By a supervisor that may look into everybody, and by one that may not look into those who hide."""
    if request.param == "root":
        return play(ROWS, slots=len(ROWS))
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to take its rights from root")
    return play(ROWS, slots=len(ROWS), through=BLIND if os.geteuid() == 0 else ())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_ends_with_its_cause_and_a_sentence(played: Played, row: Row) -> None:
    check_end(played, row)


def test_all_of_each_family_had_come_up_and_nobody_is_left(played: Played) -> None:
    born = {name: len(pids) for name, pids in played.written.items()}
    assert born.pop("bomb") == 3**DEPTH
    assert set(born.values()) == {4}
    assert played.survivors == []


def test_each_slot_is_used_again_within_two_seconds(played: Played) -> None:
    check_slots(played)


def test_the_neighbour_is_untouched(played: Played) -> None:
    check_neighbour(played)


def test_spawned_families_end_alike(play: Play) -> None:
    """Their grandchildren hold the pipe that would tell of their death."""
    names = ("leaves_behind and ends", "leaves_behind and exits", "hides and ends", "hides and hangs")
    rows = tuple(row for row in ROWS if row.name in names)
    played = play(rows, slots=3, launcher__start_method="spawn")
    for row in rows:
        check_end(played, row)
    assert [len(born) for born in played.written.values()] == [4] * len(rows)
    assert played.survivors == []
    check_slots(played)
    check_neighbour(played)
