"""What a page costs where nothing has changed, and what is left out before it is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.child_store import NOW, child_store
from tests.fix_claims import Hand, posting
from tests.fix_supervisor import Nodes
from workers.records import Page, Posting

ROWS = 1_200
MOST_WAL = 300  # bytes for each posting that is only seen again


def rerun(hand: Hand, nodes: Nodes, claim: DictRow) -> DictRow:
    hand.done(claim)
    nodes.update("n", run_requested=True)
    again = hand.claimed(nodes.get("n")["id"])
    assert hand.begin(again)
    return again


def batch(content: str = "first") -> list[dict[str, Any]]:
    text = "Words of a posting. " * 100
    return [posting(f"https://x/{number}", content, description=f"{number} {text}") for number in range(ROWS)]


def wal(hand: Hand) -> int:
    return int(hand.value("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as at")["at"])


def touched(hand: Hand) -> dict[str, Any]:
    hand.connection.execute("select pg_stat_force_next_flush()")
    return hand.value(
        "select j.n_tup_ins + j.n_tup_upd as jobs, s.n_tup_upd as seen, s.n_tup_hot_upd as hot,"
        "       pg_relation_size('jobs_search_idx') as index"
        " from pg_stat_user_tables j, pg_stat_user_tables s where j.relname = 'jobs' and s.relname = 'job_seen'"
    )


def test_an_unchanged_page_writes_a_small_row_for_each_posting_and_nothing_else(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, batch())
    for looks in range(1, 4):
        claim = rerun(hand, nodes, claim)
        before, at = touched(hand), wal(hand)
        assert hand.page(claim, 1, batch())["unchanged"] == ROWS
        spent = (wal(hand) - at) / ROWS
        after = touched(hand)
        assert (after["jobs"], after["index"]) == (before["jobs"], before["index"])
        assert after["seen"] == looks * ROWS
        assert after["hot"] >= 0.98 * after["seen"]
        assert spent <= MOST_WAL


def test_a_plain_upsert_that_notes_the_sighting_in_the_row_would_write_the_index_anew(hand: Hand) -> None:
    """The counter-proof: the same figures see it."""
    hand.page(hand.start("n"), 1, batch())
    hand.connection.execute("alter table jobs add last_seen_at timestamptz")
    before, at = touched(hand), wal(hand)
    hand.connection.execute(
        "insert into jobs (url, source, title, description, content_hash)"
        " select url, 'n', title, description, content_hash"
        " from jsonb_to_recordset(%s) as x (url text, title text, description text, content_hash text)"
        " on conflict (url) do update set last_seen_at = clock_timestamp()",
        [json.dumps(batch())],
    )
    assert touched(hand)["jobs"] == before["jobs"] + ROWS
    assert (wal(hand) - at) / ROWS > 3 * MOST_WAL


@pytest.mark.parametrize("joins", ["on", "off"])
def test_a_page_finds_its_rows_by_key_whatever_the_planner_knows(hand: Hand, nodes: Nodes, joins: str) -> None:
    hand.connection.execute("alter table jobs set (autovacuum_enabled = false)")
    hand.connection.execute(f"set enable_nestloop = {joins}".encode())
    hand.connection.execute("set jit = off")  # a server that has it would compile what has just been made dear
    claim = hand.start("n")
    for page_no in range(1, 9):  # the plan of the first ones, made for an empty table, is kept
        hand.page(claim, page_no, [posting(f"https://x/{page_no}/{number}") for number in range(300)])
    claim = rerun(hand, nodes, claim)
    counts = "select seq_tup_read + idx_tup_fetch as rows from pg_stat_user_tables where relname = 'jobs'"
    hand.connection.execute("select pg_stat_force_next_flush()")
    before = hand.value(counts)["rows"]
    page = hand.page(claim, 1, [posting(f"https://x/8/{number}", "second") for number in range(300)])
    hand.connection.execute("select pg_stat_force_next_flush()")
    assert page["updated"] == 300
    assert hand.value(counts)["rows"] - before <= 3 * 300


def test_a_run_sends_a_posting_once(hand: Hand, nodes: Nodes, database_url: str) -> None:
    claim = hand.start("n")
    pages = [[Posting(url=f"https://x/{path}?utm_source={n}", title="Cook") for path in "abc"] for n in range(2)]
    with child_store(database_url, claim) as store:
        first = store.commit(Page(postings=[*pages[0], *pages[1]]), [], NOW, 50.0)
        assert (first.inserted, first.unchanged) == (3, 3)
        hand.connection.execute("delete from jobs")  # whatever was sent again would be new
        second = store.commit(Page(postings=[*pages[1], Posting(url="https://x/d", title="Cook")]), [], NOW, 50.0)
    assert (second.inserted, second.unchanged, nodes.jobs()) == (1, 3, 1)
    assert hand.run(claim)["fetched_count"] == 10


def test_a_row_whose_sighting_is_missing_gets_one(hand: Hand) -> None:
    hand.page(hand.start("one"), 1, [posting("https://x/1")])
    hand.connection.execute("delete from job_seen")
    claim = hand.start("two")
    assert hand.page(claim, 1, [posting("https://x/1")])["unchanged"] == 1
    assert hand.value("select last_run_id from job_seen")["last_run_id"] == claim["run_id"]
