"""Of each source and field the samples met last stay; the others are only counted, and all of them grow old."""

from __future__ import annotations

import json

import pytest

from tests.fix_database import Connection
from tests.fix_old_rows import OldRows


@pytest.fixture
def run_id(old_rows: OldRows) -> int:
    """An open run of the source `board`."""
    node = old_rows.nodes.add("board", "zoo:any")
    return old_rows.run(0, node, status="running", cause=None, source="board")


def note(connection: Connection, run_id: int, *samples: str, count: int = 1) -> None:
    """What a run could not read, in a statement of its own."""
    values = [{"field": "posted", "sample": sample, "count": count} for sample in samples]
    connection.execute("select note_unread(id, epoch, %s) from scrape_runs where id = %s", (json.dumps(values), run_id))


def kept(connection: Connection) -> dict[str, int]:
    rows = connection.execute("select sample, count from unread_values where source = 'board'").fetchall()
    return {row["sample"]: row["count"] for row in rows}


def test_the_twenty_met_last_stay_and_no_count_is_lost(connection: Connection, run_id: int) -> None:
    for number in range(30):
        note(connection, run_id, f"sample {number}", count=2)
        note(connection, run_id, "again and again")
    found = kept(connection)
    assert sorted(found) == sorted(["", "again and again", *(f"sample {number}" for number in range(11, 30))])
    assert (found["again and again"], found[""], sum(found.values())) == (30, 22, 90)


def test_what_no_run_has_met_for_long_goes_with_the_logs(
    connection: Connection, run_id: int, old_rows: OldRows
) -> None:
    note(connection, run_id, "old", "young")
    connection.execute("update unread_values set last_seen_at = now() - interval '15 days' where sample = 'old'")
    old_rows.sweep(logs_days=0)
    assert sorted(kept(connection)) == ["old", "young"]
    old_rows.sweep()
    assert sorted(kept(connection)) == ["young"]
    assert old_rows.deleted_from("unread_values") == [1]
