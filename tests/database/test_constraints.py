"""Half-states and impossible values are refused by the schema, whoever writes them."""

from __future__ import annotations

import re
import uuid
from typing import Any

import psycopg
import pytest

from tests.fix_claims import Hand, refused_by
from tests.fix_database import Connection
from tests.fix_supervisor import Nodes

POSITIVE = {"timeout_s": "nodes_timeout_positive", "stall_s": "nodes_stall_positive"}
NOT_NEGATIVE = {
    "jitter_s": "nodes_jitter_not_negative",
    "gap_s": "nodes_gap_not_negative",
    "gap_jitter_s": "nodes_gap_jitter_not_negative",
}
WHOLE = {
    "memory_mb": "nodes_memory_positive",
    "max_attempts": "nodes_max_attempts_positive",
    "pause_after": "nodes_pause_after_positive",
}
TIMES = ["created_at", "updated_at", "next_run_at", "retry_at", "schedule_since", "waiting_tick"]


@pytest.mark.parametrize("column", [*POSITIVE, *NOT_NEGATIVE])
def test_a_node_has_no_impossible_seconds(nodes: Nodes, column: str) -> None:
    nodes.add("n", "zoo:any")
    for value in ("NaN", "Infinity", "-Infinity", "-1", "1e10"):
        with refused_by({**POSITIVE, **NOT_NEGATIVE}[column]):
            nodes.update("n", **{column: value})
        with refused_by({**POSITIVE, **NOT_NEGATIVE}[column]):
            nodes.add("m", "zoo:any", None, **{column: value})


@pytest.mark.parametrize("column", [*POSITIVE, *WHOLE])
def test_a_limit_of_nothing_is_refused(nodes: Nodes, column: str) -> None:
    for value in (0, -1):
        with refused_by({**POSITIVE, **WHOLE}[column]):
            nodes.add("n", "zoo:any", None, **{column: value})


def test_no_jitter_and_no_gap_are_allowed(nodes: Nodes) -> None:
    nodes.add("n", "zoo:any", jitter_s=0, gap_s=0, gap_jitter_s=0, priority=-5, timeout_s=1e9)


def test_every_numeric_column_of_a_node_is_bounded_or_has_a_reason(connection: Connection) -> None:
    """A new number needs a constraint and its place in the lists above."""
    rows = connection.execute(
        "select column_name from information_schema.columns where table_name = 'nodes'"
        " and data_type in ('integer', 'bigint', 'double precision', 'numeric', 'real')"
    ).fetchall()
    without_bounds = {
        "id",
        "priority",
        "config_version",
        "open_attempt",
        "open_part",
        "idle_parts",
        "dead_in_a_row",
        "redrive_id",
    }
    assert {row["column_name"] for row in rows} == {*POSITIVE, *NOT_NEGATIVE, *WHOLE, *without_bounds}


@pytest.mark.parametrize("column", TIMES)
def test_a_node_has_no_time_that_a_client_cannot_read(nodes: Nodes, column: str) -> None:
    nodes.add("n", "zoo:any")
    for value in ("infinity", "-infinity", "10000-01-01", "0900-01-01"):
        with refused_by("nodes_times_readable"):
            nodes.update("n", **{column: value})


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"name": " "}, "nodes_name_printable"),
        ({"name": "a\nb"}, "nodes_name_printable"),
        ({"name": "x" * 201}, "nodes_name_printable"),
        ({"scraper": ""}, "nodes_scraper_printable"),
        ({"params": "[]"}, "nodes_params_object"),
        ({"params": "1"}, "nodes_params_object"),
        ({"status": "happy"}, "nodes_status_known"),
        ({"open_tick": "2025-01-01"}, "nodes_open_tick_whole"),
        ({"open_attempt": 1, "open_part": 0}, "nodes_open_tick_whole"),
    ],
)
def test_a_node_row_makes_sense(connection: Connection, columns: dict[str, Any], constraint: str) -> None:
    row = {"name": "n", "scraper": "zoo:any", **columns}
    statement = f"insert into nodes ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})"  # noqa: S608 (ours)
    with refused_by(constraint):
        connection.execute(statement.encode(), list(row.values()))


def test_two_nodes_cannot_share_a_name(nodes: Nodes) -> None:
    nodes.add("n", "zoo:any")
    with refused_by("nodes_name_key"):
        nodes.add("n", "zoo:any")


SOUND = {"status": "running", "cause": None, "finished_at": None}
ENDED = {"status": "ok", "cause": "done", "finished_at": "2025-01-01"}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"finished_at": "2025-01-01"}, "scrape_runs_finished_has_time"),
        ({**ENDED, "finished_at": None}, "scrape_runs_finished_has_time"),
        ({**ENDED, "cause": None}, "scrape_runs_cause_is_stated"),
        ({"cause": "done"}, "scrape_runs_status_cause"),
        ({**ENDED, "cause": "timeout"}, "scrape_runs_status_cause"),
        ({**ENDED, "status": "error"}, "scrape_runs_status_cause"),
        ({**ENDED, "status": "happy", "cause": "happy"}, "scrape_runs_status_cause"),
        ({"pid": None}, "scrape_runs_running_has_identity"),
        ({"start_ticks": None}, "scrape_runs_running_has_identity"),
        ({"boot_id": None}, "scrape_runs_running_has_identity"),
        ({"pid_ns": None}, "scrape_runs_running_has_identity"),
        ({"heartbeat_at": None}, "scrape_runs_running_has_identity"),
        ({"progress_at": None}, "scrape_runs_running_has_identity"),
        ({"attempt": 0}, "scrape_runs_skipped_had_no_process"),
        ({**ENDED, "status": "skipped", "cause": "missed"}, "scrape_runs_skipped_had_no_process"),
        ({**ENDED, "status": "skipped", "cause": "missed", "attempt": 0}, "scrape_runs_skipped_had_no_process"),
        ({"owner": None}, "scrape_runs_claimed_has_owner"),
        ({"epoch": None}, "scrape_runs_claimed_has_owner"),
        ({"supervisor_id": None}, "scrape_runs_claimed_has_owner"),
        ({"part": -1}, "scrape_runs_counts_not_negative"),
        ({"inserted_count": -1}, "scrape_runs_counts_not_negative"),
        ({"updated_count": -1}, "scrape_runs_counts_not_negative"),
        ({"unchanged_count": -1}, "scrape_runs_counts_not_negative"),
        ({"rejected_count": -1}, "scrape_runs_counts_not_negative"),
        ({"pages_count": -1}, "scrape_runs_counts_not_negative"),
        ({"tick_count": 0}, "scrape_runs_tick_count_positive"),
        ({**ENDED, "ended_by": "magic"}, "scrape_runs_ended_by_known"),
    ],
)
def test_a_run_is_never_half_a_state(hand: Hand, change: dict[str, Any], constraint: str) -> None:
    hand.start("n")
    changes = ", ".join(f"{name} = %s" for name in change)
    statement = f"update scrape_runs set {changes}"  # noqa: S608 (names from the list above)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        hand.connection.execute(statement.encode(), list(change.values()))
    # A row may break two of them; which one is named is then up to the server.
    broken = caught.value.diag.constraint_name
    assert broken == constraint or broken in ALSO.get(constraint, set())


ALSO = {
    "scrape_runs_skipped_had_no_process": {"scrape_runs_counts_not_negative"},
    "scrape_runs_finished_has_time": {"scrape_runs_status_cause"},
}


def test_a_node_has_one_open_run_and_a_tick_each_part_once(hand: Hand) -> None:
    claim = hand.start("n")
    copied = (
        "insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, part)"
        " select node_id, source, supervisor_id, owner, epoch, tick, attempt, %s from scrape_runs"
    )
    with refused_by("scrape_runs_one_open_per_node"):
        hand.connection.execute(copied, (1,))
    hand.done(claim)
    with refused_by("scrape_runs_tick_key"):
        hand.connection.execute(copied, (0,))


def test_small_tables_know_their_words(hand: Hand) -> None:
    claim = hand.start("n")
    run_id = claim["run_id"]
    with refused_by("run_pages_status_known"):
        hand.page(claim, 1, fetches='[{"url": "https://x", "status": "happy"}]')
    with refused_by("run_logs_level_known"):
        hand.connection.execute("insert into run_logs (run_id, level, event) values (%s, 'shout', 'x')", (run_id,))
    hand.close(claim, "error", "exception", "bury")
    with refused_by("dead_letters_state_known"):
        hand.connection.execute("update dead_letters set state = 'forgotten'")
    with refused_by("dead_letters_count_positive"):
        hand.connection.execute("update dead_letters set count = 0")


def test_every_constraint_has_a_name_that_somebody_chose(connection: Connection) -> None:
    rows = connection.execute(
        "select c.conname, r.relname, c.contype::text from pg_constraint c join pg_class r on r.oid = c.conrelid"
        " where c.connamespace = 'public'::regnamespace and c.contype <> 'n'"
    ).fetchall()
    assert len(rows) > 30
    automatic = [row["conname"] for row in rows if re.search(r"_check\d*$|_excl\d*$|_key\d+$", row["conname"])]
    assert automatic == []
    assert [row["conname"] for row in rows if not row["conname"].startswith(row["relname"])] == []


def test_epochs_come_from_one_sequence_for_all_leases(hand: Hand) -> None:
    epochs = []
    for number in range(3):
        claim = hand.start(f"n{number}")
        hand.done(claim)
        epochs += [claim["epoch"], hand.lease(f"n{number}")["epoch"]]
    hand.connection.execute("delete from scrape_leases")
    hand.connection.execute("select try_acquire_scrape_lease('n0', %s, 60)", (uuid.uuid4(),))
    epochs.append(hand.lease("n0")["epoch"])
    assert epochs == sorted(set(epochs))
