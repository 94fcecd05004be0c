"""The log of runs: by source, by cause, and page by page."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from psycopg.rows import DictRow

from supervisor.tables import logs, pages, runs
from tests.fix_claims import Hand
from tests.fix_database import Connection
from tests.fix_past import Past
from tests.fix_supervisor import Nodes
from workers.states import CAUSES_OF, RunStatus

SEVERAL = 105


def streaks(connection: Connection, source: str) -> tuple[int, int]:
    (row,) = runs.runs_by_source(connection, source)
    return row["failed_streak"], row["skipped_streak"]


@pytest.mark.parametrize(
    ("oldest_first", "failed", "skipped"),
    [
        ("done", 0, 0),
        ("exception exception", 2, 0),
        ("done blocked timeout", 2, 0),
        ("timeout done blocked", 1, 0),
        ("exception missed no_slot", 1, 2),
        ("exception recycled lost exception", 2, 0),
        ("done lease_held lease_held", 0, 2),
        ("lease_held done", 0, 0),
        ("exception requested exception", 2, 0),
        ("recycled lost", 0, 0),
    ],
)
def test_streaks_count_back_to_the_last_run_that_was_none(
    connection: Connection, past: Past, oldest_first: str, failed: int, skipped: int
) -> None:
    causes = oldest_first.split()
    for number, cause in enumerate(causes):
        past.run("n", cause, ago_s=1000 - number * 20, took_s=1)
    past.run("other", "done")
    assert streaks(connection, "n") == (failed, skipped)


def test_a_run_under_way_ends_no_streak(connection: Connection, past: Past, hand: Hand) -> None:
    past.run("n", "exception")
    hand.start("n")
    assert streaks(connection, "n") == (1, 0)
    (row,) = runs.runs_by_source(connection, "n")
    assert row["last_status"] == "running"


def test_of_each_source_the_last_ten_errors_are_told_newest_first(connection: Connection, past: Past) -> None:
    for number in range(12):
        past.run("n", "timeout", ago_s=1000 - number, took_s=1, error=f"error {number}")
    past.run("n", "done", ago_s=1)
    past.run("removed long ago", "crashed")
    by_source = {row["source"]: row for row in runs.runs_by_source(connection)}
    assert set(by_source) == {"n", "removed long ago"}
    assert [error["error"] for error in by_source["n"]["last_errors"]] == [f"error {n}" for n in range(11, 1, -1)]
    assert by_source["n"]["last_cause"] == "done"
    assert runs.runs_by_source(connection, "nobody") == []


def test_times_of_errors_are_utc_whatever_the_servers_zone(connection: Connection, past: Past) -> None:
    number = past.run("n", "timeout")
    connection.execute("set timezone = 'Asia/Kolkata'")
    (row,) = runs.runs_by_source(connection)
    told = row["last_errors"][0]["at"]
    assert told.endswith("+00:00")
    finished = runs.get_run(connection, number)
    assert finished is not None
    assert datetime.fromisoformat(told) == finished["finished_at"].astimezone(UTC)


def test_runs_are_found_by_source_status_and_cause(connection: Connection, past: Past, hand: Hand) -> None:
    ids = {cause: past.run("n", cause) for cause in ("done", "blocked", "timeout", "missed")}
    elsewhere = past.run("m", "blocked", ago_s=1)
    running = hand.start("m")["run_id"]

    def found(source: str | None = None, status: str | None = None, cause: str | None = None) -> list[int]:
        return [row["id"] for row in listed(connection, source=source, status=status, cause=cause)]

    assert found()[:2] == [running, elsewhere]
    assert set(found()) == {*ids.values(), elsewhere, running}
    assert found(source="m") == [running, elsewhere]
    assert set(found(status="error")) == {ids["blocked"], ids["timeout"], elsewhere}
    assert found(cause="blocked") == [elsewhere, ids["blocked"]]
    assert found(source="n", status="error", cause="timeout") == [ids["timeout"]]
    assert found(status="ok", cause="timeout") == []
    assert found(status="running") == [running]
    assert found(status="starting") == found(status="running", cause="done") == []
    assert found(status="skipped") == [ids["missed"]]


def test_the_newest_of_several_causes_come_first_and_no_more_than_asked_for(connection: Connection, past: Past) -> None:
    causes = sorted(CAUSES_OF[RunStatus.ERROR])
    ids = [past.run("n", cause, ago_s=1000 - number) for number, cause in enumerate(causes * 2)]
    rows = listed(connection, status="error", limit=5)
    assert [row["id"] for row in rows] == ids[:-6:-1]


def listed(
    connection: Connection, *, source: str | None = None, status: str | None = None, cause: str | None = None,
    limit: int = 50,
) -> list[DictRow]:  # fmt: skip
    return runs.list_runs(connection, source=source, status=status, cause=cause, limit=limit)


@pytest.fixture
def fetched(connection: Connection, hand: Hand) -> int:
    """A run with 105 pages, every tenth blocked."""
    run_id = int(hand.start("n")["run_id"])
    connection.execute(
        "insert into run_pages (run_id, page_no, url, status) select %s, n / 10, 'https://x/' || n,"
        " case mod(n, 10) when 0 then 'blocked' else 'ok' end from generate_series(1, %s) n",
        [run_id, SEVERAL],
    )
    return run_id


def test_pages_of_a_run_come_in_batches_each_page_once(connection: Connection, hand: Hand, fetched: int) -> None:
    other = hand.start("other")["run_id"]
    connection.execute(
        "insert into run_pages (run_id, page_no, url, status) values (%s, 1, 'https://y/', 'ok')", [other]
    )
    first = pages.list_pages(connection, fetched)
    rest = pages.list_pages(connection, fetched, after=first[-1]["id"])
    assert (len(first), len(rest)) == (100, SEVERAL - 100)
    assert [row["url"] for row in (*first, *rest)] == [f"https://x/{n}" for n in range(1, SEVERAL + 1)]
    blocked = pages.list_pages(connection, fetched, status="blocked", limit=4)
    blocked += pages.list_pages(connection, fetched, status="blocked", after=blocked[-1]["id"])
    assert [row["url"] for row in blocked] == [f"https://x/{n}" for n in range(10, SEVERAL, 10)]


@pytest.mark.parametrize("status", pages.STATUSES)
def test_every_status_that_a_page_may_have_is_listed(connection: Connection, fetched: int, status: str) -> None:
    connection.execute("update run_pages set status = %s", [status])
    assert len(pages.list_pages(connection, fetched, limit=1000)) == SEVERAL


def test_a_page_may_have_no_other_status(connection: Connection) -> None:
    row = connection.execute(
        "select pg_get_constraintdef(oid) as told from pg_constraint where conname = 'run_pages_status_known'"
    ).fetchone()
    assert row is not None
    assert re.findall(r"'(\w+)'", row["told"]) == list(pages.STATUSES)


def test_a_page_that_was_fetched_in_five_thousand_pieces_is_one_statement(connection: Connection, hand: Hand) -> None:
    claim = hand.start("n")
    fetches = "[" + ",".join(f'{{"url": "https://x/{n}", "status": "ok"}}' for n in range(5_000)) + "]"
    assert hand.page(claim, 1, fetches=fetches)["verdict"] == "committed"
    assert hand.page(claim, 1, fetches=fetches)["verdict"] == "already"
    assert len(pages.list_pages(connection, claim["run_id"], limit=10_000)) == 5_000


def test_lines_of_a_node_are_its_newest_of_all_its_runs(connection: Connection, past: Past, nodes: Nodes) -> None:
    nodes.add("n", "feed")
    for number, source in enumerate(("n", "other", "n")):
        run_id = past.run(source, "done", ago_s=100 - number)
        for line in range(3):
            connection.execute(
                "insert into run_logs (run_id, event, message) values (%s, 'said', %s)", [run_id, f"{number}.{line}"]
            )
    said = [row["message"] for row in logs.read_logs(connection, source="n", limit=4)]
    assert said == ["0.2", "2.0", "2.1", "2.2"]
    first = logs.read_logs(connection, source="n")[0]["id"]
    assert [row["message"] for row in logs.read_logs(connection, source="n", after=first)] == ["0.1", *said]
    assert [row["message"] for row in logs.read_logs(connection, limit=4)] == ["1.2", "2.0", "2.1", "2.2"]
    assert logs.read_logs(connection, source="nobody") == []


def test_a_run_of_a_source_that_is_no_node_is_listed_too(connection: Connection, past: Past) -> None:
    past.run("somebody's own cron", "done")
    assert [row["source"] for row in listed(connection)] == ["somebody's own cron"]
