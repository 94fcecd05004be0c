"""Nodes whose host is left alone: they wait, say why, spend nothing, and one at a time finds out whether it is over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.fix_supervisor import Nodes, Start
from tests.wait import wait_for

HOST = "board.test"
OPEN: dict[str, Any] = {"state": "open", "failures": 5, "openings": 1, "last_error": "HTTP 503 Service Unavailable"}


@pytest.fixture
def breaker(nodes: Nodes) -> Breaker:
    """The breaker of the test's host."""
    return Breaker(nodes)


class Breaker:
    """Its row, written as the scrapes of some other machine would."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def open(self, seconds: float) -> None:
        """Open for so long from now on."""
        self._nodes.connection.execute(
            "insert into circuit_breakers (host, state, failures, openings, last_error, opened_at, open_until) "
            "values (%(host)s, %(state)s, %(failures)s, %(openings)s, %(last_error)s, clock_timestamp(), "
            "clock_timestamp() + make_interval(secs => %(s)s)) on conflict (host) do update "
            "set state = excluded.state, open_until = excluded.open_until",
            {"host": HOST, "s": seconds, **OPEN},
        )

    def close(self) -> None:
        """As a person would."""
        self._nodes.connection.execute("update circuit_breakers set state = 'closed' where host = %s", (HOST,))


def test_a_node_whose_host_is_left_alone_waits_and_says_so_until_the_breaker_is_closed(
    supervise: Start, nodes: Nodes, breaker: Breaker
) -> None:
    breaker.open(600)
    nodes.add("cut", "zoo:pages", entry_host=HOST)
    nodes.add("other", "zoo:pages", {"board": "other"}, entry_host="elsewhere.test")
    supervisor = supervise()
    nodes.wait_for_ends("other")
    waiting = nodes.wait_for_status("cut", "waiting")
    assert waiting["waiting_cause"] == "breaker_open"
    assert "breaker: board.test is left alone until" in waiting["status_reason"]
    assert "HTTP 503 Service Unavailable" in waiting["status_reason"]
    assert nodes.runs("cut") == []
    breaker.close()
    (run,) = nodes.wait_for_ends("cut")
    assert run["cause"] == "done"
    assert supervisor.terminate() == 0


def test_a_tick_that_waited_for_a_breaker_is_skipped_when_the_next_one_comes(
    supervise: Start, nodes: Nodes, breaker: Breaker
) -> None:
    breaker.open(600)
    nodes.add("cut", "zoo:pages", schedule="every 1s", entry_host=HOST)
    supervise()

    def skipped() -> list[DictRow]:
        return [run for run in nodes.runs("cut") if run["cause"] == "breaker_open"]

    first, *_ = wait_for(skipped, 15, "a tick that waited for the breaker")
    assert (first["status"], first["attempt"], first["pid"]) == ("skipped", 0, None)
    assert "left alone until" in first["error"]


def test_of_many_nodes_one_is_launched_to_try_a_host_whose_time_is_over(
    supervise: Start, nodes: Nodes, breaker: Breaker
) -> None:
    breaker.open(-1)
    for number in range(4):
        nodes.add(f"n{number}", "zoo:pages", {"pause_s": 0.4, "pages": 8, "board": f"n{number}"}, entry_host=HOST)
    supervise()
    most = 0

    def one_runs_and_three_wait() -> bool:
        nonlocal most
        seen = nodes.one(
            "select count(*) filter (where status in ('starting', 'running')) as running, "
            "count(*) filter (where status_reason ~ 'tries whether') as waiting from nodes"
        )
        assert seen is not None
        most = max(most, seen["running"])
        return seen == {"running": 1, "waiting": 3}

    wait_for(one_runs_and_three_wait, 15, "one runs, and three wait for what it finds")
    assert most == 1
    breaker.close()
    for number in range(4):
        nodes.wait_for_ends(f"n{number}")


def test_a_breaker_met_in_mid_run_spends_no_attempt_and_the_run_goes_on_from_its_checkpoint(
    supervise: Start, nodes: Nodes, breaker: Breaker
) -> None:
    breaker.open(600)
    nodes.add("cut", "reluctant:meets_breaker", {"host": HOST}, max_attempts=1)
    supervise()
    (first,) = nodes.wait_for_ends("cut")
    assert (first["status"], first["cause"], first["pages_count"]) == ("error", "blocked", 1)
    assert nodes.wait_for_status("cut", "waiting")["entry_host"] == HOST
    wait_for(lambda: nodes.get("cut")["waiting_cause"] == "breaker_open", 10, "it waits for the breaker")
    assert len(nodes.runs("cut")) == 1
    breaker.close()
    _, second = nodes.wait_for_ends("cut", 2)
    assert (second["cause"], second["attempt"], second["part"], second["tick"]) == ("done", 1, 1, first["tick"])
    assert second["start_checkpoint"] == {"page": 2}


def test_a_breaker_that_is_met_ten_times_without_a_page_in_between_makes_a_dead_letter(
    supervise: Start, nodes: Nodes
) -> None:
    nodes.add("cut", "reluctant:finds_it_open", {"host": HOST}, max_attempts=1)
    supervisor = supervise()
    runs = nodes.wait_for_ends("cut", 10, limit_s=40)
    assert [(run["attempt"], run["part"]) for run in runs] == [(1, part) for part in range(10)]
    supervisor.wait_for_event("dead_letter", node="cut")
    assert nodes.get("cut")["status_reason"].startswith("dead letter after attempt 1")


def test_a_host_that_asks_for_time_gets_it_even_beyond_the_longest_delay(supervise: Start, nodes: Nodes) -> None:
    nodes.add("busy", "reluctant:is_put_off", {"wait_s": 120.0}, max_attempts=2)
    supervise()  # whose longest delay is 0.2 s
    (run,) = nodes.wait_for_ends("busy")
    assert run["cause"] == "blocked"
    node = nodes.wait_for_status("busy", "waiting")
    asked = node["retry_at"] - run["finished_at"]
    assert dt.timedelta(seconds=119) < asked < dt.timedelta(seconds=125)
