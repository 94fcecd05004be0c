"""What the loop writes into node rows: never over a run, and never behind a person's open transaction."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg.rows import DictRow

from supervisor.tables import nodes as table
from supervisor.tables import runs
from tests.fix_claims import Hand
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes
from tests.wait import wait_for

# Statement triggers fire after the statement's view of the data is fixed, and before it looks for rows.
WAIT_AT_THE_GATE = """
create function wait_at_the_gate() returns trigger language plpgsql as $$
begin
    if current_setting('application_name') = 'late' then
        perform pg_advisory_lock(1);
    end if;
    return null;
end
$$;
create trigger wait_at_the_gate before update on nodes execute function wait_at_the_gate();
"""
SINCE = datetime(2026, 1, 5, tzinfo=UTC)
WAIT = {"reason": "memory: no room", "tick": None, "cause": "no_memory", "since": SINCE}


def writes(node: dict[str, Any]) -> dict[str, Callable[[Connection], Any]]:
    """Every statement by which the loop writes to a node that does not run."""
    node_id, updated_at = node["id"], node["updated_at"]
    at = datetime.fromisoformat("2030-01-01T00:00:00Z")
    return {
        "set_waiting": lambda c: table.set_waiting(c, id=node_id, **WAIT),
        "set_note": lambda c: table.set_note(c, node_id, "a note"),
        "pause_node": lambda c: table.pause_node(c, id=node_id, updated_at=updated_at, reason="unreadable"),
        "set_next_run": lambda c: table.set_next_run(c, id=node_id, updated_at=updated_at, next_run_at=at),
        "skip_request": lambda c: table.skip_request(c, node_id, "too_big", "too big"),
        "halt_stopped": table.halt_stopped,
        "wake_started": table.wake_started,
        "pass_over_ticks": lambda c: runs.pass_over_ticks(c, node_id=node_id, expected=None, next=at, rows="[]"),
    }


READY: dict[str, dict[str, Any]] = {
    "wake_started": {"status": "stopped", "run_requested": False},
    "halt_stopped": {"stop_requested": True},
}
NAMES = list(writes({"id": 0, "updated_at": None}))


@pytest.mark.parametrize("name", NAMES)
def test_the_loop_waits_for_no_person(nodes: Nodes, connection: Connection, database_url: str, name: str) -> None:
    nodes.add("n", "zoo:any", None, **READY.get(name, {"run_requested": True}))
    write = writes(before := nodes.get("n"))[name]
    assert_waits_for_no_person(nodes, connection, database_url, before, lambda: write(connection))


def test_showing_a_runs_status_waits_for_no_person(
    hand: Hand, nodes: Nodes, connection: Connection, database_url: str
) -> None:
    claim = hand.start("n")

    def write() -> None:
        table.set_run_status(connection, claim["run_id"], "stopping")

    assert_waits_for_no_person(nodes, connection, database_url, nodes.get("n"), write)


def test_a_node_shows_its_run_as_soon_as_the_process_says_so_unless_a_person_holds_it(
    hand: Hand, nodes: Nodes, database_url: str
) -> None:
    hand.start("n")
    assert nodes.get("n")["status"] == "running"
    hand.connection.execute("set lock_timeout = '2s'")
    held = hand.claim(nodes.add("held", "zoo:any"))
    with connect(database_url) as person, person.transaction():
        person.execute("update nodes set priority = priority where name = 'held'")
        assert hand.begin(held)
    assert (nodes.get("held")["status"], hand.run(held)["status"]) == ("starting", "running")


def assert_waits_for_no_person(
    nodes: Nodes, connection: Connection, url: str, before: DictRow, write: Callable[[], Any]
) -> None:
    connection.execute("set lock_timeout = '2s'")
    with connect(url) as person, person.transaction():
        person.execute("update nodes set priority = priority where name = 'n'")
        write()
        assert nodes.get("n") == before
    write()
    assert nodes.get("n") != before


def test_a_node_waits_with_its_reason_and_says_so_once(nodes: Nodes, connection: Connection) -> None:
    node_id = nodes.add("n", "zoo:any")
    assert table.set_waiting(connection, id=node_id, **WAIT) is True
    assert table.set_waiting(connection, id=node_id, **WAIT) is False
    node = nodes.get("n")
    assert (node["status"], node["status_reason"], node["waiting_cause"]) == ("waiting", WAIT["reason"], "no_memory")


def test_how_long_a_node_waits_is_counted_from_the_beginning_of_this_wait(nodes: Nodes, connection: Connection) -> None:
    node_id = nodes.add("n", "zoo:any")
    later = {"reason": "memory: less room", "since": SINCE + timedelta(hours=1)}
    table.set_waiting(connection, id=node_id, **WAIT)
    table.set_waiting(connection, id=node_id, **(WAIT | later))
    assert nodes.get("n")["waiting_since"] == SINCE
    nodes.update("n", status="idle")
    table.set_waiting(connection, id=node_id, **(WAIT | later))
    assert nodes.get("n")["waiting_since"] == later["since"]


@pytest.mark.parametrize("name", ["set_waiting", "set_note", "pause_node"])
def test_nothing_is_written_over_a_node_that_runs(hand: Hand, nodes: Nodes, connection: Connection, name: str) -> None:
    hand.start("n")
    before = nodes.get("n")
    writes(before)[name](connection)
    assert nodes.get("n") == before


@pytest.mark.parametrize("name", ["set_waiting", "set_note", "pause_node"])
def test_nothing_is_written_over_a_claim_that_comes_in_between(
    hand: Hand, nodes: Nodes, connection: Connection, database_url: str, name: str
) -> None:
    """A statement that began before the claim sees the row as claimed, but not the run: the row must be enough."""
    node_id = nodes.add("n", "zoo:any")
    before = nodes.get("n")
    connection.execute(WAIT_AT_THE_GATE)
    with connect(database_url) as gate, connect(database_url) as late, ThreadPoolExecutor(1) as pool:
        gate.execute("select pg_advisory_lock(1)")
        late.execute("set application_name = 'late'")
        answer = pool.submit(writes(before)[name], late)
        wait_for(lambda: connection.execute("select from pg_locks where not granted").rowcount, 5, "it waits")
        assert hand.claim(node_id)["verdict"] == "claimed"
        gate.execute("select pg_advisory_unlock(1)")
        answer.result(5)
    assert nodes.get("n")["status"] == "starting"
