"""Hostile scrapers that never end by themselves: each is ended by the guard that it cannot deceive."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.fix_hostile import Play, Played, Row, check_end, check_neighbour, check_slots
from tests.fix_supervisor import Nodes, Start

TIMEOUT_S, STALL_S, STALE_S = 3, 2, 5
TIMED_OUT = rf"^killed after {TIMEOUT_S} s: hard timeout; last page \d+"


@pytest.fixture(scope="module")
def silent_url() -> Iterator[str]:
    """The kernel accepts, nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def _timed_out(name: str, scraper: str, **params: object) -> Row:
    node = {"timeout_s": TIMEOUT_S}
    return Row(name=name, scraper=scraper, cause="timeout", ended_by="kill", says=TIMED_OUT, params=params, node=node)


def _stalled(name: str, scraper: str, **params: object) -> Row:
    says = rf"^killed: no yield, stage or fetch for \d s, stall_s is {STALL_S}; last page \d"
    return Row(
        name=name,
        scraper=scraper,
        cause="stalled",
        ended_by="kill",
        says=says,
        params=params,
        node={"stall_s": STALL_S},
    )


def _stale(name: str, scraper: str, **params: object) -> Row:
    says = rf"^killed: no heartbeat for \d s, limit {STALE_S} s; last page \d"
    return Row(name=name, scraper=scraper, cause="stale", ended_by="kill", says=says, params=params)


ROWS = (
    _timed_out("sleeps", "hostile:sleeps"),
    _timed_out("regex", "zoo:holds_the_gil"),
    _timed_out("swallows", "hostile:swallows"),
    _timed_out("deletes", "meddlers:lingers", how="del now"),
    *(_timed_out(how, "meddlers:ignores_signals", how=how, for_ever=True) for how in ("ignore", "handle", "block")),
    _stalled("spins", "hostile:spins"),
    _stalled("server", "hostile:listens", url=""),
    replace(_stalled("holds on", "meddlers:closes_descriptors", then="hold", pause_s=0), jobs=1),
    _stale("stopped", "hostile:dies", of="stop"),
    _stale("greedy", "hostile:spins", greedy=True),
    _stale("regex too long", "zoo:holds_the_gil"),
    Row(name="mends", scraper="meddlers:mends", cause="done", params={"broken_s": 2, "well_s": STALE_S + 1}),
    Row(
        name="fetches",
        scraper="hostile:listens",
        cause="exception",
        says="^FetchError: ",
        params={"url": "", "fetch": True},
    ),
)


@pytest.fixture(scope="module")
def played(play: Play, silent_url: str) -> Played:
    rows = tuple(replace(row, params=row.params | {"url": silent_url}) for row in ROWS)
    limits = {"heartbeat__every_s": 0.5, "heartbeat__stale_after_s": STALE_S, "fetch__timeout_s": 1}
    return play(rows, slots=len(ROWS), **limits)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_ends_with_its_cause_and_a_sentence(played: Played, row: Row) -> None:
    check_end(played, row)


@pytest.mark.parametrize("row", [row for row in ROWS if row.cause == "timeout"], ids=lambda row: row.name)
def test_each_is_settled_within_two_seconds_of_its_limit(played: Played, row: Row) -> None:
    run = played.run(row.name)
    assert TIMEOUT_S <= (run["finished_at"] - run["started_at"]).total_seconds() < TIMEOUT_S + 2


def test_no_process_is_left(played: Played) -> None:
    assert played.survivors == []


def test_each_slot_is_used_again_within_two_seconds(played: Played) -> None:
    check_slots(played)


def test_the_neighbour_is_untouched(played: Played) -> None:
    check_neighbour(played)


def test_a_scraper_that_yields_on_after_its_end_is_stopped_softly_all_the_same(supervise: Start, nodes: Nodes) -> None:
    nodes.add("swallows", "hostile:swallows")
    supervise()
    nodes.wait_for_pages("swallows")
    nodes.update("swallows", stop_requested=True)
    (run,) = nodes.wait_for_ends("swallows")
    assert (run["status"], run["cause"], run["ended_by"]) == ("stopped", "requested", "soft")
    assert run["error"] == "stopped on request"
    logged = nodes.one("select message from run_logs where run_id = %s and event = 'clean_up_failed'", run["id"])
    assert logged == {"message": "RuntimeError: generator ignored GeneratorExit"}
