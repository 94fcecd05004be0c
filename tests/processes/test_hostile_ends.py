"""Hostile scrapers that end by themselves, each in its own bad way."""

from __future__ import annotations

import pytest

from tests.fix_hostile import Play, Played, Row, check_end, check_neighbour, check_slots

WITHOUT = "without a result"
ROWS = (
    *(
        Row(name=f"exit {code}", scraper="hostile:leaves", cause="crashed", says=f"exited with status {code} {WITHOUT}",
            params={"code": code})
        for code in (0, 1, 75, 255)
    ),
    Row(name="segfault", scraper="hostile:dies", cause="crashed", says="SIGSEGV in its own", params={"of": "segfault"}),
    Row(name="abort", scraper="hostile:dies", cause="crashed", says="SIGABRT in its own", params={"of": "abort"}),
    Row(name="processor", scraper="hostile:dies", cause="crashed", says="SIGXCPU in its", params={"of": "processor"}),
    Row(name="alarm", scraper="hostile:dies", cause="crashed", says="SIGALRM in its own", params={"of": "alarm"}),
    Row(name="killed", scraper="hostile:dies", cause="killed", ended_by="kill", says="SIGKILL from a stranger",
        params={"of": "SIGKILL"}),
    Row(name="hung up", scraper="hostile:dies", cause="killed", ended_by="kill", says="SIGHUP from a stranger",
        params={"of": "SIGHUP"}),
    Row(name="terminated", scraper="zoo:killed", cause="killed", says="SIGTERM from a stranger",
        params={"signal": 15}),
    Row(name="odd", scraper="hostile:raises", cause="exception", says="_Odd: an exception whose text cannot be made",
        params={"kind": "odd"}),
    Row(name="word", scraper="hostile:raises", cause="exception", says="_Speaks: ", params={"kind": "word"}),
    Row(name="leaving", scraper="hostile:raises", cause="exception", says="called sys.exit",
        params={"kind": "exit"}),
    *(
        Row(name=kind, scraper="hostile:raises", cause="exception", says=says, params={"kind": kind})
        for kind, says in (("interrupt", "KeyboardInterrupt"), ("generator exit", "GeneratorExit"),
                           ("stop", "RuntimeError: generator raised StopIteration"),
                           ("group", "BaseExceptionGroup: several"), ("recursion", "RecursionError: "))
    ),
    Row(name="import twice", scraper="unborn_twice:scrape", cause="done", jobs=1),
    *(
        Row(name=f"import {kind}", scraper=f"unborn_{kind}:scrape", cause=cause, says=says)
        for kind, cause, says in (("raises", "exception", "does not import: RecursionError"),
                                  ("exits", "exception", "does not import: SystemExit"),
                                  ("interrupts", "exception", "KeyboardInterrupt"),
                                  ("leaves", "crashed", f"exited with status 0 {WITHOUT}"))
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def played(play: Play) -> Played:
    return play(ROWS, slots=9)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_ends_with_its_cause_and_a_sentence(played: Played, row: Row) -> None:
    check_end(played, row)


def test_no_process_is_left(played: Played) -> None:
    assert played.survivors == []


def test_each_slot_is_used_again_within_two_seconds(played: Played) -> None:
    check_slots(played)


def test_the_neighbour_is_untouched(played: Played) -> None:
    check_neighbour(played)
