"""The words of workers/states.py and the CHECK constraints of a migrated database are the same."""

from __future__ import annotations

import re
from itertools import product

import psycopg
import pytest

from tests.fix_claims import Hand
from tests.fix_database import Connection
from workers.states import CAUSES_OF, FINAL, Cause, EndedBy, NodeStatus, RunStatus


def words_of(connection: Connection, constraint: str) -> set[str]:
    row = connection.execute(
        "select pg_get_constraintdef(oid) as text from pg_constraint where conname = %s", (constraint,)
    ).fetchone()
    assert row is not None, constraint
    return set(re.findall(r"'(\w+)'::text", row["text"]))


def test_node_states_are_those_of_the_schema(connection: Connection) -> None:
    assert words_of(connection, "nodes_status_known") == set(NodeStatus)


def test_rungs_are_those_of_the_schema(connection: Connection) -> None:
    assert words_of(connection, "scrape_runs_ended_by_known") == set(EndedBy)


def test_run_states_and_causes_are_those_of_the_schema(connection: Connection) -> None:
    assert words_of(connection, "scrape_runs_status_cause") == {*RunStatus, *Cause}


def test_what_a_tick_can_wait_for_is_what_it_can_be_skipped_for(connection: Connection) -> None:
    assert words_of(connection, "nodes_waiting_cause_known") == set(CAUSES_OF[RunStatus.SKIPPED])


def test_the_schema_allows_exactly_the_pairs_of_the_table(hand: Hand) -> None:
    claim = hand.start("n")
    columns = "update scrape_runs set status = %s, cause = %s, finished_at = clock_timestamp(), attempt = %s, pid = %s"
    allowed = set()
    for status, cause in product(FINAL, Cause):
        attempt, pid = (0, None) if status is RunStatus.SKIPPED else (1, 1)
        try:
            with hand.connection.transaction(force_rollback=True):
                hand.connection.execute(columns, (status, cause, attempt, pid))
                allowed.add((status, cause))
        except psycopg.errors.CheckViolation:
            continue
    assert allowed == {(status, cause) for status in FINAL for cause in CAUSES_OF[status]}
    assert hand.run(claim)["status"] == "running"


def test_no_cause_is_written_before_the_end(hand: Hand) -> None:
    hand.start("n")
    for status, cause in product(set(RunStatus) - FINAL, Cause):
        with pytest.raises(psycopg.errors.CheckViolation):
            hand.connection.execute("update scrape_runs set status = %s, cause = %s", (status, cause))
