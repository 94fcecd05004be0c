"""A posting is closed when its last day is over, or when two complete looks of its node have not seen it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fix_claims import Hand, posting
from tests.fix_supervisor import Nodes

A, B, C = "https://x/a", "https://x/b", "https://x/c"


def closed(hand: Hand) -> dict[str, str | None]:
    rows = hand.connection.execute("select url, closed_reason from jobs_view").fetchall()
    return {row["url"]: row["closed_reason"] for row in rows}


def look(hand: Hand, nodes: Nodes, *urls: str, name: str = "n", cause: str = "done", **more: Any) -> None:
    """One run of a node that finds these."""
    known = nodes.connection.execute("select id from nodes where name = %s", [name]).fetchall()
    if known:
        nodes.update(name, run_requested=True)
        claim = hand.claimed(known[0]["id"])
        assert hand.begin(claim)
    else:
        claim = hand.start(name)
    hand.page(claim, 1, [posting(url) for url in urls], **more)
    if cause == "done":
        hand.done(claim)
    elif cause == "recycled":
        hand.close(claim, "ok", "recycled", "part")
    else:
        hand.close(claim, "error", cause, "end")


def test_a_posting_that_two_complete_looks_have_not_seen_is_closed_and_opens_when_it_is_back(
    hand: Hand, nodes: Nodes
) -> None:
    look(hand, nodes, A, B)
    look(hand, nodes, A)
    assert closed(hand) == {A: None, B: None}
    look(hand, nodes, A)
    assert closed(hand) == {A: None, B: "unseen"}
    look(hand, nodes, A, B)
    assert closed(hand) == {A: None, B: None}


def test_looks_that_failed_or_found_nothing_close_nothing(hand: Hand, nodes: Nodes) -> None:
    look(hand, nodes, A, B)
    look(hand, nodes, A, cause="exception")
    look(hand, nodes, A, cause="exception")
    look(hand, nodes)
    look(hand, nodes)
    look(hand, nodes, rejected=3)
    look(hand, nodes, A)
    assert closed(hand) == {A: None, B: None}
    look(hand, nodes, A)
    assert closed(hand)[B] == "unseen"


def test_a_sighting_by_another_node_keeps_a_posting_open(hand: Hand, nodes: Nodes) -> None:
    look(hand, nodes, A, B)
    look(hand, nodes, A)
    look(hand, nodes, A)
    look(hand, nodes, B, name="other")
    assert closed(hand) == {A: None, B: None}


def test_what_the_first_part_of_a_look_saw_counts_for_the_whole(hand: Hand, nodes: Nodes) -> None:
    look(hand, nodes, A, cause="recycled", checkpoint={"page": 2})
    look(hand, nodes, B)
    look(hand, nodes, C, cause="recycled", checkpoint={"page": 2})
    look(hand, nodes, B)
    assert closed(hand) == {A: None, B: None, C: None}  # only the second look has missed A
    look(hand, nodes, B, C)
    assert closed(hand) == {A: "unseen", B: None, C: None}


def test_a_look_that_began_at_an_earlier_checkpoint_saw_only_the_rest(hand: Hand, nodes: Nodes) -> None:
    look(hand, nodes, A, B)
    for _ in range(2):
        look(hand, nodes, C, cause="exception", checkpoint={"page": 2})
        look(hand, nodes, C)  # goes on from there
    kept = hand.value("select count(*) as n from scrape_runs where cause = 'done' and start_checkpoint is not null")
    assert kept["n"] == 2
    assert closed(hand) == {A: None, B: None, C: None}


@pytest.mark.parametrize(
    ("through", "reason"),
    [
        ("clock_timestamp() - interval '1 minute'", "expired"),
        ("clock_timestamp() + interval '1 minute'", None),
        ("date_trunc('day', clock_timestamp(), 'UTC')", None),  # a date alone: this day still counts
        ("date_trunc('day', clock_timestamp(), 'UTC') - interval '1 day'", "expired"),
        ("null", None),
    ],
)
def test_a_posting_whose_last_day_is_over_is_closed(hand: Hand, nodes: Nodes, through: str, reason: str | None) -> None:
    look(hand, nodes, A)
    hand.connection.execute(f"update jobs set valid_through = {through}".encode())  # noqa: S608 - of the list above
    assert closed(hand) == {A: reason}


def test_no_row_of_a_job_is_written_to_close_it(hand: Hand, nodes: Nodes) -> None:
    look(hand, nodes, A, B)
    before = hand.value("select xmin::text, ctid::text from jobs where url = %s", B)
    look(hand, nodes, A)
    look(hand, nodes, A)
    assert closed(hand)[B] == "unseen"
    assert hand.value("select xmin::text, ctid::text from jobs where url = %s", B) == before


def test_the_newest_jobs_ask_only_for_the_looks_of_their_own_nodes(hand: Hand, nodes: Nodes) -> None:
    look(hand, nodes, *(f"https://x/{number}" for number in range(60)))
    hand.connection.execute(
        "insert into nodes (name, scraper) select 'idle-' || i, 'zoo:any' from generate_series(1, 500) i"
    )
    hand.connection.execute("analyze jobs, nodes, scrape_runs, job_seen")
    asked = "select idx_scan from pg_stat_user_indexes where indexrelname = 'nodes_name_key'"
    hand.connection.execute("select pg_stat_force_next_flush()")
    before = hand.value(asked)["idx_scan"]
    rows = hand.connection.execute(
        "select closed_reason from jobs_view order by first_seen_at desc limit 50"
    ).fetchall()
    hand.connection.execute("select pg_stat_force_next_flush()")
    assert len(rows) == 50
    assert hand.value(asked)["idx_scan"] - before <= 2
    plan = hand.connection.execute("explain select closed_reason from jobs_view order by first_seen_at limit 50")
    assert "Memoize" in "".join(row["QUERY PLAN"] for row in plan.fetchall())


def test_a_node_that_never_looks_at_the_whole_has_little_of_its_history_read(hand: Hand, nodes: Nodes) -> None:
    look(hand, nodes, A)
    (node,) = hand.connection.execute("select id from nodes").fetchall()
    hand.connection.execute(
        "insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, part, status, cause,"
        " started_at, finished_at)"
        " select %s, 'n', gen_random_uuid(), gen_random_uuid(), 1, now() + i * interval '1 s', 1, 0, 'ok', 'done',"
        " now() + i * interval '1 s', now() + i * interval '1 s' from generate_series(1, 2000) i",
        (node["id"],),
    )
    hand.connection.execute("analyze scrape_runs")
    read = "select sum(idx_tup_read) as n from pg_stat_user_indexes where relname = 'scrape_runs'"
    hand.connection.execute("select pg_stat_force_next_flush()")
    before = hand.value(read)["n"]
    assert closed(hand) == {A: None}
    hand.connection.execute("select pg_stat_force_next_flush()")
    assert hand.value(read)["n"] - before <= 300
