"""The metrics views say what the rows say."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
import pytest

from supervisor.metrics import Metrics
from supervisor.prometheus import expose
from supervisor.tables import metrics
from tests.fix_claims import Hand
from tests.fix_database import Connection
from tests.fix_past import Past
from tests.fix_supervisor import Nodes
from workers.states import UNCHARGED, Cause, RunStatus, status_of

DAY_S = 86_400.0
PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
NOTHING: dict[str, Any] = defaultdict(int)
RESULTS = ("completed", "failed", "stopped", "skipped", "continued")


def meaning(cause: Cause) -> str:
    """What an end means for the work, by the rules of states.py."""
    if cause in UNCHARGED:
        return "continued"
    status = status_of(cause)
    return {RunStatus.OK: "completed", RunStatus.ERROR: "failed"}.get(status, str(status))


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_means_one_result_and_uncharged_ends_are_none(connection: Connection, cause: Cause) -> None:
    row = connection.execute("select run_result(%s) as result", [str(cause)]).fetchone()
    assert row == {"result": meaning(cause)}


def test_every_ended_run_is_counted_once_by_what_its_end_means(connection: Connection, past: Past) -> None:
    for number, cause in enumerate(Cause):
        for _ in range(number % 3 + 1):
            past.run("a", cause)
    whole = metrics.read_overall(connection, DAY_S)
    rows = connection.execute("select count(*) as n from scrape_runs").fetchone()
    assert rows == {"n": whole["total"]}
    assert sum(whole[result] for result in RESULTS) == whole["total"]
    charged = [c for c in Cause for _ in range(list(Cause).index(c) % 3 + 1) if meaning(c) in {"completed", "failed"}]
    assert whole["completed"] + whole["failed"] == len(charged)
    assert whole["error_rate"] == pytest.approx(whole["failed"] / len(charged))
    by_cause = metrics.read_by_cause(connection, DAY_S)
    assert {row["cause"] for row in by_cause} == set(Cause)
    assert sum(row["runs"] for row in by_cause) == whole["total"]
    assert sum(row["share"] for row in by_cause) == pytest.approx(1)


def test_only_what_ended_within_the_window_counts_and_open_runs_do_not(
    connection: Connection, past: Past, hand: Hand
) -> None:
    past.run("a", "done", ago_s=3500)
    past.run("a", "done", ago_s=3700)
    hand.start("open")
    assert metrics.read_overall(connection, 3600)["total"] == 1
    assert metrics.read_overall(connection, DAY_S)["total"] == 2
    assert metrics.read_now(connection)["processing"] == 1


def test_throughput_is_per_minute_of_the_window_or_of_the_history_if_that_is_younger(
    connection: Connection, past: Past
) -> None:
    for cause in ("done", "exception", "recycled", "still_running"):
        past.run("a", cause, ago_s=600, took_s=0)
    young = metrics.read_overall(connection, DAY_S)
    assert young["window_s"] == pytest.approx(600, abs=5)
    assert young["per_minute"] == pytest.approx(0.2, rel=0.02)
    past.run("a", "done", ago_s=2 * DAY_S)
    old = metrics.read_overall(connection, DAY_S)
    assert old["window_s"] == DAY_S
    assert old["per_minute"] == pytest.approx(2 / 1440)


def test_durations_are_those_of_results_and_p95_is_at_most_one_per_cent_too_large(
    connection: Connection, past: Past
) -> None:
    for seconds in range(1, 101):
        past.run("a", "done" if seconds % 2 else "timeout", took_s=seconds, ago_s=1)
    past.run("a", "recycled", took_s=9_000)
    past.run("a", "missed")
    whole = metrics.read_overall(connection, DAY_S)
    assert whole["average_s"] == pytest.approx(50.5, abs=0.1)
    assert 94.9 <= whole["p95_s"] <= 96
    (node,) = metrics.read_by_node(connection, DAY_S)
    assert (node["average_s"], node["p95_s"]) == pytest.approx((whole["average_s"], whole["p95_s"]))
    causes = {row["cause"]: row for row in metrics.read_by_cause(connection, DAY_S)}
    assert causes["done"]["p95_s"] == pytest.approx(95, abs=1)
    assert causes["recycled"]["average_s"] == pytest.approx(9_000, abs=1)
    assert (causes["missed"]["average_s"], causes["missed"]["p95_s"]) == (None, None)


def test_nodes_come_with_their_causes_worst_first_and_also_without_runs_or_removed(
    connection: Connection, past: Past, nodes: Nodes
) -> None:
    for name in ("quiet", "well", "ill"):
        nodes.add(name, "feed", schedule="every 1h")
    past.run("well", "done")
    past.run("well", "exception", ago_s=2 * DAY_S)
    past.run("removed", "missed")
    for cause in ("blocked", "blocked", "done", "lost"):
        past.run("ill", cause)
    rows = {row["node"]: row for row in metrics.read_by_node(connection, DAY_S)}
    assert next(iter(rows)) == "ill"
    assert set(rows) == {"quiet", "well", "ill", "removed"}
    assert rows["ill"]["causes"] == {"blocked": 2, "done": 1, "lost": 1}
    assert rows["ill"]["error_rate"] == pytest.approx(2 / 3)
    assert (rows["well"]["total"], rows["well"]["error_rate"]) == (1, 0)
    assert (rows["quiet"]["total"], rows["quiet"]["error_rate"], rows["quiet"]["causes"]) == (0, None, {})
    assert (rows["removed"]["status"], rows["removed"]["skipped"]) == (None, 1)
    assert [row["node"] for row in metrics.read_by_node(connection, DAY_S, "well")] == ["well"]


def test_an_empty_database_has_figures_too(connection: Connection) -> None:
    whole = metrics.read_overall(connection, DAY_S)
    assert (whole["total"], whole["per_minute"], whole["error_rate"], whole["p95_s"]) == (0, 0, None, None)
    assert metrics.read_by_cause(connection, DAY_S) == metrics.read_by_node(connection, DAY_S) == []
    assert metrics.read_now(connection)["queued"] == 0


@pytest.mark.parametrize(
    ("columns", "queued", "retrying"),
    [
        ({"run_requested": True}, 1, 0),
        ({"schedule": "every 1h"}, 0, 0),
        ({"schedule": "every 1h", "due": "-90 s"}, 1, 0),
        ({"schedule": "every 1h", "due": "90 s"}, 0, 0),
        ({"schedule": "every 1h", "due": "-90 s", "enabled": False}, 0, 0),
        ({"schedule": "every 1h", "due": "-90 s", "status": "paused"}, 0, 0),
        ({"schedule": "every 1h", "due": "-90 s", "stop_requested": True}, 0, 0),
        ({"retry": "90 s"}, 1, 1),
        ({"retry": "-1 s"}, 1, 0),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else None,
)
def test_the_queue_is_what_wants_to_run_and_does_not(
    connection: Connection, nodes: Nodes, columns: dict[str, object], queued: int, retrying: int
) -> None:
    due, retry = columns.get("due"), columns.get("retry")
    given: dict[str, Any] = {name: value for name, value in columns.items() if name not in {"due", "retry"}}
    nodes.add("n", "feed", **{"run_requested": False, **given})
    connection.execute("update nodes set next_run_at = clock_timestamp() + %s::interval", [due])
    if retry is not None:
        connection.execute(
            "update nodes set open_tick = clock_timestamp(), open_attempt = 2, open_part = 0,"
            " retry_at = clock_timestamp() + %s::interval",
            [retry],
        )
    now = metrics.read_now(connection)
    assert (now["nodes"], now["queued"], now["retrying"]) == (1, queued, retrying)
    if due == "-90 s" and queued:
        assert now["oldest_wait_s"] == pytest.approx(90, abs=10)


def test_what_a_person_has_to_look_at_is_counted(connection: Connection, nodes: Nodes) -> None:
    nodes.add("paused", "feed", status="paused", run_requested=False)
    nodes.add("stopped", "feed", stop_requested=True, run_requested=False)
    nodes.add("disabled", "feed", enabled=False, run_requested=False)
    for state, host in (("open", "a"), ("half_open", "b"), ("closed", "c")):
        connection.execute("insert into circuit_breakers (host, state) values (%s, %s)", [host, state])
    connection.execute(
        "insert into dead_letters (source, tick, causes, params) values ('x', clock_timestamp(), '[]', '{}')"
    )
    now = metrics.read_now(connection)
    counted = ("nodes_paused", "nodes_stopped", "nodes_disabled", "breakers_open", "dead_letters_open")
    assert [now[key] for key in counted] == [1, 1, 1, 2, 1]


def test_a_heartbeat_that_raises_the_peak_writes_to_no_index(connection: Connection, hand: Hand) -> None:
    claim = hand.start("n")
    with connection.transaction():
        for mb in (60.0, 70.0, 80.0):
            assert hand.beat(claim, rss_mb=mb)
        hand.page(claim, 1, rss_mb=90.0)
        row = connection.execute(
            "select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where relname = 'scrape_runs'"
        ).fetchone()
    assert row is not None
    assert row["n_tup_hot_upd"] == row["n_tup_upd"] >= 4


@pytest.mark.parametrize("column", ["fds", "threads", "rss_mb"])
def test_what_a_supervisor_takes_is_never_negative(connection: Connection, column: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks, fds, threads, rss_mb)"
            " values (gen_random_uuid(), 'h', 'b', 'n', 1, 1, %(fds)s, %(threads)s, %(rss_mb)s)",
            {"fds": 1, "threads": 1, "rss_mb": 1, column: -1},
        )


def test_the_statements_of_the_page_can_be_asked(connection: Connection) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    statements = [text for block in blocks for text in block.split(";") if text.strip()]
    assert len(statements) >= 3
    for text in statements:
        connection.execute(text.encode())


@pytest.mark.parametrize("view", ["now", "24h", "by_node", "by_cause", "supervisors"])
def test_the_page_names_every_column_of_the_views(connection: Connection, view: str) -> None:
    cursor = connection.execute(f"select * from metrics_{view}".encode())  # noqa: S608 - these names
    section = PAGE.split("## What is counted")[0]
    known = {"node", "id", "host", "pid", "version", "started_at", "seen_at", "seen_age_s"}
    columns = {column.name for column in cursor.description or []} - known
    assert {name for name in columns if not re.search(rf"\b{name}\b", section)} == set()


def test_the_page_names_every_metric_for_prometheus() -> None:
    empty = Metrics(now=NOTHING, overall=NOTHING, causes=[], nodes=[], supervisors=[])
    names = re.findall(r"# TYPE scrapewarden_(\w+)", expose(empty))
    assert [name for name in names if f"`{name}`" not in PAGE] == []
