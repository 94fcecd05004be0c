"""What a daily snapshot holds, and that there is one a date."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes
from tests.snapshot_rows import DAY, HOUR, NOON, ended, job, of_jobs, of_nodes, take
from tests.wait import wait_for


def test_a_day_without_a_node_or_a_job_has_a_row_all_the_same(connection: Connection) -> None:
    before = datetime.now(UTC)
    (row,) = connection.execute("select take_daily_snapshots() as rows").fetchall()
    assert row["rows"] == 1
    total = of_jobs(connection)
    assert (total["jobs_count"], total["countries"], total["timezone"]) == (0, {}, "UTC")
    assert before - HOUR < total["created_at"] < datetime.now(UTC) + HOUR


def test_a_second_call_of_a_day_inserts_nothing_and_changes_nothing(connection: Connection, nodes: Nodes) -> None:
    nodes.add("n", "zoo:pages")
    assert take(connection, NOON) == 3
    before = connection.execute("select * from job_snapshots order by source").fetchall()
    nodes.add("later", "zoo:pages")
    job(connection, "a", "n", NOON)
    assert take(connection, NOON + HOUR) == 0
    assert connection.execute("select * from job_snapshots order by source").fetchall() == before
    assert of_nodes(connection, "later") == []
    assert take(connection, NOON + DAY) == 5


def test_of_two_callers_at_once_the_second_waits_and_inserts_nothing(
    connection: Connection, database_url: str, nodes: Nodes
) -> None:
    nodes.add("n", "zoo:pages")
    answers: list[int] = []
    with connect(database_url) as first, connect(database_url) as second:
        other = threading.Thread(target=lambda: answers.append(take(second, NOON + HOUR)))
        with first.transaction():
            assert take(first, NOON) == 3
            other.start()
            waits = "select from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"
            wait_for(lambda: connection.execute(waits, (second.info.backend_pid,)).rowcount, 5, "the second waits")
            nodes.add("seen by the second alone", "zoo:pages")
        other.join(5)
    assert answers == [0]
    assert of_nodes(connection, "seen by the second alone") == []


def test_a_node_is_written_down_as_it_is_with_what_its_runs_did(connection: Connection, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:pages", schedule="every 1h", enabled=False)
    counts: dict[str, Any] = {"inserted_count": 2, "updated_count": 1, "unchanged_count": 4, "pages_count": 3}
    ended(connection, node_id, NOON - HOUR, peak_rss_mb=80, **counts)
    ended(connection, node_id, NOON - 2 * HOUR, status="error", took_s=40, peak_rss_mb=120, **counts)
    ended(connection, node_id, NOON - 3 * HOUR, status="stopped", took_s=10)
    ended(connection, node_id, NOON - 4 * HOUR, status="skipped", tick_count=7)
    connection.execute(
        "insert into dead_letters (node_id, source, tick, causes, params) values (%s, 'n', now(), '[]', '{}')",
        (node_id,),
    )
    take(connection, NOON)
    (row,) = of_nodes(connection, "n")
    assert row["node_id"] == node_id
    assert (row["scraper"], row["schedule"], row["enabled"], row["status"]) == ("zoo:pages", "every 1h", False, "idle")
    assert row["open_dead_letter"]
    assert (row["runs_count"], row["ok_count"], row["error_count"], row["stopped_count"]) == (3, 1, 1, 1)
    assert row["skipped_count"] == 7
    assert (row["fetched_count"], row["inserted_count"], row["updated_count"]) == (14, 4, 2)
    assert (row["pages_count"], row["average_s"], row["longest_s"], row["peak_rss_mb"]) == (6, 20, 40, 120)


def test_days_in_a_row_count_every_run_once_however_late_their_snapshots_came(
    connection: Connection, nodes: Nodes
) -> None:
    node_id = nodes.add("n", "zoo:pages")
    midnight = datetime(2026, 5, 10, tzinfo=UTC)
    taken = [midnight + timedelta(minutes=5), midnight + DAY + 17 * HOUR, midnight + 2 * DAY + timedelta(minutes=5)]
    for hours in range(72):
        ended(connection, node_id, midnight - DAY + timedelta(minutes=5) + hours * HOUR)
    for at in taken:
        take(connection, at)
    rows = of_nodes(connection, "n")
    assert [row["runs_count"] for row in rows] == [24, 40, 7]
    assert [row["counted_from"] for row in rows[1:]] == [row["counted_until"] for row in rows[:-1]] == taken[:2]


def test_after_a_missed_day_no_more_than_24_hours_are_counted(connection: Connection, nodes: Nodes) -> None:
    node_id = nodes.add("n", "zoo:pages")
    for days in range(3):
        ended(connection, node_id, NOON + days * DAY - 2 * HOUR)
    take(connection, NOON)
    take(connection, NOON + 2 * DAY - HOUR)
    first, second = of_nodes(connection, "n")
    assert (first["runs_count"], second["runs_count"]) == (1, 1)
    assert second["counted_until"] - second["counted_from"] == DAY


def test_jobs_are_counted_for_each_source_and_for_all(connection: Connection, nodes: Nodes) -> None:
    nodes.add("without jobs", "zoo:pages")
    long_ago = NOON - 30 * DAY
    for number in range(12):
        job(connection, f"old-{number}", "a", long_ago, country=f"A{chr(65 + number)}", remote=number % 2 == 0)
    job(connection, "de", "a", long_ago, country="AA", salary_min=1)
    ids = [job(connection, f"new-{n}", "b", NOON - HOUR, country="DE", salary_max=9) for n in range(3)]
    job(connection, "tomorrow", "b", NOON + HOUR)
    for job_id, at in zip(ids, (NOON - HOUR, NOON - 2 * DAY, NOON + HOUR), strict=True):
        connection.execute("insert into job_seen (job_id, last_seen_at) values (%s, %s)", (job_id, at))
    assert take(connection, NOON) == 1 + 4
    total, a, b = of_jobs(connection), of_jobs(connection, "a"), of_jobs(connection, "b")
    figures = ["jobs_count", "new_count", "seen_count", "remote_count", "with_pay_count"]
    assert [a[name] for name in figures] == [13, 0, 0, 6, 1]
    assert [b[name] for name in figures] == [4, 3, 1, 0, 3]
    assert [total[name] for name in figures] == [17, 3, 1, 6, 4]
    assert [of_jobs(connection, "without jobs")[name] for name in figures] == [0] * 5
    assert b["countries"] == {"DE": 3}
    assert len(a["countries"]) == len(total["countries"]) == 10
    assert (total["countries"]["DE"], total["countries"]["AA"]) == (3, 2)


def test_a_job_whose_source_has_no_name_spoils_no_snapshot(connection: Connection) -> None:
    job(connection, "somebody's own", "", NOON - HOUR)
    assert take(connection, NOON) == 1
    assert of_jobs(connection)["jobs_count"] == 1


def test_what_is_removed_keeps_its_history(connection: Connection, nodes: Nodes) -> None:
    first = nodes.add("n", "zoo:pages")
    take(connection, NOON)
    connection.execute("delete from nodes")
    take(connection, NOON + DAY)
    second = nodes.add("n", "zoo:chatty")
    take(connection, NOON + 2 * DAY)
    assert [(row["node_id"], row["scraper"]) for row in of_nodes(connection, "n")] == [
        (first, "zoo:pages"),
        (second, "zoo:chatty"),
    ]


def test_a_snapshot_reads_no_row_of_jobs(connection: Connection) -> None:
    connection.execute("set synchronous_commit = on")  # else VACUUM leaves new rows to be looked at
    connection.execute(
        "insert into jobs (url, source, title, content_hash, location_raw) "
        "select 'https://x.test/' || n, 's' || n % 5, 't', 'h', repeat('x', 1000) from generate_series(1, 3000) n"
    )
    connection.execute("vacuum analyze jobs")
    with connection.transaction():
        take(connection, NOON)
        row = connection.execute(
            "select seq_scan, coalesce(idx_tup_fetch, 0) as fetched from pg_stat_xact_user_tables "
            "where relname = 'jobs'"
        ).fetchone()
    assert of_jobs(connection)["jobs_count"] == 3000
    assert row == {"seq_scan": 0, "fetched": 0}
