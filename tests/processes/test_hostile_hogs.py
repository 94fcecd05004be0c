"""Hostile scrapers that take more than there is: threads, descriptors, memory, log, disk."""

from __future__ import annotations

from typing import Any

import pytest

from supervisor.cgroups import pids_room
from tests.fix_hostile import Play, Played, Row, check_end, check_neighbour, check_slots

# As many as this container allows, less what the others of the table need.
THREADS = min(10_000, (pids_room() or 1_000_000) - 500)
KILLED_AT_ONCE: Any = {"cause": "memory", "ended_by": "kill", "says": "^killed at once, far over its memory budget: "}
OWN_END: Any = {"cause": "memory", "says": "^ran out of memory: MemoryError at its data limit"}
COMMAND = "import sys; sys.stdout.write('x' * 50_000_000); sys.stdout.flush(); import time; time.sleep(600)"
ROWS = (
    Row(
        name="threads",
        scraper="hogs:threads",
        cause="exception",
        says="^RuntimeError: can't start new thread",
        params={"count": 10_000},
    ),
    Row(
        name="more threads",
        scraper="hogs:threads",
        cause="timeout",
        ended_by="kill",
        says=r"^killed after 8 s: hard timeout; last page \d",
        params={"count": THREADS, "hold": True},
        node={"data_limit": False, "memory_mb": 2_000, "timeout_s": 8},
    ),
    Row(name="files", scraper="hogs:descriptors", cause="done", params={"then": "go on"}),
    Row(
        name="files raise",
        scraper="hogs:descriptors",
        cause="exception",
        says="^OSError: .Errno 24. Too many open files",
        params={"then": "raise"},
    ),
    Row(name="burst", scraper="hogs:memory", params={"mb": 2_048}, **OWN_END),
    Row(
        name="burst of limits",
        scraper="hogs:memory",
        params={"mb": 2_048},
        node={"data_limit": False},
        **KILLED_AT_ONCE,
    ),
    Row(name="shared burst", scraper="hogs:memory", params={"mb": 2_048, "shared": True}, **KILLED_AT_ONCE),
    Row(name="brim", scraper="hogs:brim", cause="done", params={"seconds": 4}),
    Row(name="brim raise", scraper="hogs:brim", params={"seconds": 0, "then": "raise"}, **OWN_END),
    Row(name="long line", scraper="hogs:line", cause="done", params={"mb": 50}),
    Row(name="flood", scraper="hogs:flood", cause="done", params={"seconds": 3, "fd": 1}),
    Row(name="flood of errors", scraper="hogs:flood", cause="done", params={"seconds": 3, "fd": 2}),
    Row(
        name="disk",
        scraper="hogs:disk",
        cause="exception",
        says="^OSError: .Errno 27. File too large",
        params={"mb": 5},
    ),
    Row(
        name="program",
        scraper="command",
        cause="exception",
        says="^ValueError: a line of stdout is longer than 1,000,000 bytes: print smaller pages",
        params={"argv": ["python3", "-c", COMMAND]},
    ),
)


@pytest.fixture(scope="module")
def played(play: Play) -> Played:
    return play(ROWS, slots=6, heartbeat__every_s=0.5, heartbeat__stale_after_s=6)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_ends_with_its_cause_and_a_sentence(played: Played, row: Row) -> None:
    check_end(played, row)


def test_no_process_is_left(played: Played) -> None:
    assert played.survivors == []


def test_each_slot_is_used_again_within_two_seconds(played: Played) -> None:
    check_slots(played)


def test_the_neighbour_is_untouched(played: Played) -> None:
    check_neighbour(played)


def test_the_rest_of_an_endless_line_is_left_out_and_the_next_is_whole(played: Played) -> None:
    for event, end in (("stdout", "the end of 1"), ("stderr", "the end of 2")):
        long, short = [line["message"] for line in played.log("long line", event)]
        assert long == "x" * 8_000
        assert short == end


@pytest.mark.parametrize(("name", "event"), [("flood", "stdout"), ("flood of errors", "stderr")])
def test_a_flood_of_output_holds_nobody_up_and_is_written_in_part(played: Played, name: str, event: str) -> None:
    """A burst of 4 MB and 20 kB a second from then on; the scraper has printed hundreds of megabytes."""
    seconds = (played.run(name)["finished_at"] - played.run(name)["started_at"]).total_seconds()
    written = sum(len(line["message"]) for line in played.log(name, event))
    assert 2_000_000 < written < 4_000_000 + 20_000 * (seconds + 1)
    dropped = [int(line["message"].split()[0]) for line in played.log(name, "log_dropped")]
    assert sum(dropped) > len(played.log(name, event))


def test_a_leak_of_descriptors_ends_at_a_limit_of_the_scrapes_own(played: Played) -> None:
    (line,) = played.log("files", "opened")
    assert line["facts"]["count"] < 4_096
