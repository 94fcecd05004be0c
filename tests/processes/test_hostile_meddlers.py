"""Hostile scrapers that change what the engine stands on: signals, descriptors, limits, modules, forks of itself."""

from __future__ import annotations

import pytest

from tests.fix_hostile import Play, Played, Row, check_end, check_neighbour, check_slots

PATCHED = "ZeroDivisionError: patched"
ROWS = (
    *(
        Row(name=how, scraper="meddlers:ignores_signals", cause="done", params={"how": how})
        for how in ("ignore", "handle", "block")
    ),
    Row(name="alarms", scraper="meddlers:alarms", cause="exception", says="TimeoutError: ring"),
    Row(name="closes", scraper="meddlers:closes_descriptors", cause="done", jobs=1),
    Row(
        name="closes raises",
        scraper="meddlers:closes_descriptors",
        cause="exception",
        says="ValueError: nothing is open any more",
        params={"then": "raise"},
        jobs=1,
    ),
    Row(
        name="closes and takes all",
        scraper="meddlers:closes_descriptors",
        cause="exception",
        says="OSError: .Errno 24. Too many open files",
        params={"then": "take all"},
        jobs=1,
    ),
    Row(name="world", scraper="meddlers:changes_the_world", cause="done", jobs=1),
    Row(name="exits", scraper="meddlers:patches", cause="done", params={"what": ["exits"]}),
    *(
        # Its pages are committed, but its verdict comes by the pool alone.
        Row(
            name=what, scraper="meddlers:patches", cause="exception", says=PATCHED, params={"what": [what]}, wrote=False
        )
        for what in ("time", "psycopg")
    ),
    Row(name="modules", scraper="meddlers:patches", cause="done", params={"what": ["modules"]}),
    *(
        Row(name=what, scraper="meddlers:limits_itself", cause="done", params={"what": what})
        for what in ("NPROC", "FSIZE", "DATA", "STACK")
    ),
    Row(  # not even the wait for an answer is possible then
        name="NOFILE",
        scraper="meddlers:limits_itself",
        cause="timeout",
        ended_by="kill",
        says="^killed after 3 s: hard timeout; last page 2,",
        params={"what": "NOFILE"},
        node={"timeout_s": 3},
    ),
    *(
        Row(name=how, scraper="meddlers:lingers", cause="done", params={"how": how})
        for how in ("atexit", "thread", "del")
    ),
    Row(name="parent", scraper="meddlers:writes_to_parent", cause="done"),
    *(
        Row(name=f"copy {then}", scraper="families:forks_back", cause="done", params={"then": then}, jobs=2)
        for then in ("exit", "raise", "return", "yield")
    ),
    Row(name="swaps", scraper="families:swaps", cause="crashed", says="status 0 without a result"),
)


@pytest.fixture(scope="module")
def played(play: Play) -> Played:
    return play(ROWS, slots=8)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_ends_with_its_cause_and_a_sentence(played: Played, row: Row) -> None:
    check_end(played, row)


def test_no_process_is_left(played: Played) -> None:
    assert played.survivors == []
    assert played.written["swaps"]


def test_each_slot_is_used_again_within_two_seconds(played: Played) -> None:
    check_slots(played)


def test_the_neighbour_is_untouched(played: Played) -> None:
    check_neighbour(played)


def test_the_supervisors_output_is_open_to_a_scrape_and_that_harms_nobody(played: Played) -> None:
    assert {"event": "from_below"} in played.events
