"""The same job under several addresses is shown together, and nothing of it is deleted."""

from __future__ import annotations

from typing import Any

from tests.fix_claims import Hand, posting
from tests.fix_database import Connection

A, B, C = "https://x/a", "https://y/b", "https://z/c"


def copies(hand: Hand, url: str) -> list[tuple[str, str]]:
    rows = hand.connection.execute(
        "select c.url, c.known_by from jobs j cross join lateral job_copies(j.id) c where j.url = %s order by c.job_id",
        [url],
    ).fetchall()
    return [(row["url"], row["known_by"]) for row in rows]


def store(hand: Hand, name: str, *jobs: dict[str, Any]) -> None:
    hand.page(hand.start(name), 1, list(jobs))


def test_the_same_job_at_several_sources_is_a_group_and_each_row_stays(hand: Hand) -> None:
    store(hand, "one", posting(A, fingerprint="same", external_id="1"), posting("https://x/other", fingerprint="else"))
    store(hand, "two", posting(B, fingerprint="same", external_id="77"))
    store(hand, "three", posting(C, fingerprint="same"))
    assert copies(hand, A) == [(B, "fingerprint"), (C, "fingerprint")]
    assert copies(hand, "https://x/other") == []
    counts = hand.connection.execute("select url, same_as_count from jobs_view order by id").fetchall()
    assert [row["same_as_count"] for row in counts] == [2, 0, 2, 2]


def test_a_posting_whose_address_has_changed_is_known_by_its_sources_number(hand: Hand) -> None:
    store(hand, "one", posting(A, external_id="1", company="ACME", fingerprint="before"))
    hand.page(hand.start("two"), 1, [posting("https://y/other", external_id="1", company="ACME", fingerprint="two")])
    hand.connection.execute("update jobs set source = 'one', external_id = '2' where url = 'https://y/other'")
    store(hand, "more", posting(B, external_id="1", company="ACME", fingerprint="after"))
    assert copies(hand, A) == []  # another source's number says nothing
    hand.connection.execute("update jobs set source = 'one' where url = %s", [B])
    assert copies(hand, A) == [(B, "external_id")]
    hand.connection.execute("update jobs set company = 'Other' where url = %s", [B])
    assert copies(hand, A) == []  # a node that reads several boards


def test_two_numbers_at_one_source_are_two_jobs_however_alike(hand: Hand) -> None:
    store(hand, "one", posting(A, external_id="1", fingerprint="same"), posting(B, external_id="2", fingerprint="same"))
    assert copies(hand, A) == []
    hand.connection.execute("update jobs set external_id = null where url = %s", [B])
    assert copies(hand, A) == [(B, "fingerprint")]


def test_jobs_without_a_fingerprint_are_nobodys_copies(hand: Hand) -> None:
    store(hand, "one", posting(A), posting(C))
    store(hand, "two", posting(B))
    assert copies(hand, A) == []


def test_groups_are_found_by_indexes(hand: Hand) -> None:
    hand.connection.execute(
        "insert into jobs (url, source, external_id, title, content_hash, fingerprint)"
        " select 'https://x/' || i, 's' || i % 50, i::text, 't', 'h', (i / 2)::text from generate_series(1, 4000) i"
    )
    hand.connection.execute("analyze jobs")
    plan = hand.connection.execute("explain (format text) select * from job_copies(7)").fetchall()
    text = "\n".join(row["QUERY PLAN"] for row in plan)
    assert "jobs_fingerprint_idx" in text
    assert "Seq Scan" not in text


def test_where_thousands_share_one_number_each_counts_only_some_of_them(connection: Connection) -> None:
    connection.execute(
        "insert into jobs (url, source, title, content_hash, external_id)"
        " select 'https://x.test/' || i, 'board', 'nurse', 'h', '1' from generate_series(1, 2000) i"
    )
    connection.execute("analyze jobs")
    read = "select idx_tup_fetch as n from pg_stat_user_tables where relname = 'jobs'"
    connection.execute("select pg_stat_force_next_flush()")
    (before,) = connection.execute(read).fetchall()
    counts = connection.execute("select same_as_count from jobs_view limit 50").fetchall()
    connection.execute("select pg_stat_force_next_flush()")
    (after,) = connection.execute(read).fetchall()
    assert {row["same_as_count"] for row in counts} == {100}
    assert after["n"] - before["n"] < 50 * 400
