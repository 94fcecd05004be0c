"""A page is one statement: all of it, once, or nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fix_claims import Hand, another_hand, fenced, posting
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes
from tests.wait import wait_for

A, B, C = "https://x/a", "https://x/b", "https://x/c"
COUNTS = (
    "fetched_count",
    "inserted_count",
    "updated_count",
    "unchanged_count",
    "rejected_count",
    "upserted_count",
    "pages_count",
)


def counts(hand: Hand, claim: Any) -> list[int]:
    run = hand.run(claim)
    return [run[name] for name in COUNTS]


def test_counts_add_up_over_pages(hand: Hand) -> None:
    first = hand.start("n")
    page = hand.page(first, 1, [posting(A), posting(B)], repeats=1, rejected=2)
    assert (page["inserted"], page["updated"], page["unchanged"]) == (2, 0, 1)
    hand.page(first, 2, [posting(C)])
    assert counts(hand, first) == [6, 3, 0, 1, 2, 3, 2]
    hand.done(first)
    second = hand.start("again", run_requested=True)
    hand.connection.execute("update jobs set source = 'again'")
    hand.page(second, 1, [posting(A, "second"), posting(B), posting("https://x/d")])
    assert counts(hand, second) == [3, 1, 1, 1, 0, 2, 1]


def test_a_page_brings_progress_stage_and_memory(hand: Hand) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, stage="Berlin", done=1, total=9, rss_mb=80.0)
    hand.page(claim, 2, done=2, rss_mb=60.0)
    run = hand.run(claim)
    assert (run["stage"], run["progress_done"], run["progress_total"]) == ("Berlin", 2, 9)
    assert (run["measured_mb"], run["peak_rss_mb"]) == (60.0, 80.0)
    assert run["progress_at"] > run["heartbeat_at"]


def test_fetched_urls_are_written_with_their_page(hand: Hand) -> None:
    claim = hand.start("n")
    fetches = [{"url": A, "status": "ok", "http_status": 200, "elapsed_ms": 3, "bytes": 9, "postings": 2}]
    hand.page(claim, 1, fetches=json.dumps(fetches))
    row = hand.value("select run_id, page_no, url, status, http_status, bytes, postings from run_pages")
    assert list(row.values()) == [claim["run_id"], 1, A, "ok", 200, 9, 2]


def test_a_page_sent_again_is_recognised_and_counted_once(hand: Hand) -> None:
    claim = hand.start("n")
    fetches = json.dumps([{"url": A, "status": "ok"}])
    for verdict in ("committed", "already", "already"):
        page = hand.page(claim, 1, [posting(A)], {"page": 2}, rejected=1, fetches=fetches)
        assert page["verdict"] == verdict
    assert counts(hand, claim) == [2, 1, 0, 0, 1, 1, 1]
    assert hand.connection.execute("select from run_pages").rowcount == 1


def test_a_page_sent_again_while_the_first_sending_is_still_under_way_is_counted_once(
    hand: Hand, connection: Connection, database_url: str
) -> None:
    claim = hand.start("n")
    senders = [another_hand(database_url), another_hand(database_url)]
    with connect(database_url) as slow, senders[0].connection, senders[1].connection, ThreadPoolExecutor(2) as pool:
        with slow.transaction():
            slow.execute("insert into jobs (url, source, title, content_hash) values (%s, 'z', 'z', 'z')", (A,))
            pages = [pool.submit(sender.page, claim, 1, [posting(A)]) for sender in senders]
            waiting = "select from pg_stat_activity where wait_event = 'transactionid' and datname = current_database()"
            wait_for(lambda: connection.execute(waiting).rowcount == 2, 5, "both wait for the same row")
        assert sorted(page.result(5)["verdict"] for page in pages) == ["already", "committed"]
    assert counts(hand, claim)[-1] == 1


def test_a_page_out_of_turn_is_refused_with_all_it_carries(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    with fenced():
        hand.page(claim, 2, [posting(A)])
    assert nodes.jobs() == 0


def test_a_page_of_an_old_epoch_is_refused_with_all_it_carries(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.connection.execute("update scrape_leases set epoch = nextval('lease_epochs')")
    with fenced():
        hand.page(claim, 1, [posting(A)], {"page": 2})
    assert (nodes.jobs(), hand.checkpoint("n"), counts(hand, claim)[-1]) == (0, None, 0)


def test_without_the_fence_a_page_of_an_old_epoch_would_be_stored(hand: Hand, nodes: Nodes) -> None:
    """The counter-proof: nothing else in the statement sees an outsider's take-over."""
    claim = hand.start("n")
    hand.connection.execute("update scrape_leases set epoch = nextval('lease_epochs')")
    hand.connection.execute(
        "create or replace function hold_fence(p_source text, p_epoch bigint) returns void language sql as 'select'"
    )
    assert hand.page(claim, 1, [posting(A)])["verdict"] == "committed"
    assert nodes.jobs() == 1


def test_a_page_of_a_closed_run_is_refused_though_its_epoch_is_the_leases(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.done(claim)
    hand.connection.execute("update scrape_leases set epoch = %s", (claim["epoch"],))
    with fenced():
        hand.page(claim, 1, [posting(A)])
    assert nodes.jobs() == 0


def test_a_page_says_that_a_stop_was_asked_for(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    assert hand.page(claim, 1)["stop_requested"] is False
    nodes.update("n", stop_requested=True)
    assert hand.page(claim, 2)["stop_requested"] is True
    assert hand.page(claim, 2)["stop_requested"] is True


def test_a_page_does_not_hold_its_lease_while_a_person_keeps_the_checkpoint(
    hand: Hand, nodes: Nodes, database_url: str
) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    with connect(database_url) as person, person.transaction():
        person.execute("""update nodes set params = '{"changed": true}' where name = 'n'""")
        with pytest.raises(Exception, match="lock timeout"):
            hand.page(claim, 2, checkpoint={"page": 3})
        assert hand.renew(claim) == {"n": "renewed"}
    assert hand.page(claim, 2, checkpoint={"page": 3})["verdict"] == "committed"
    assert nodes.last("n")["pages_count"] == 2


def test_a_last_word_of_an_old_epoch_is_refused(hand: Hand) -> None:
    claim = hand.start("n")
    hand.expire("n")
    hand.connection.execute("select try_acquire_scrape_lease('n', gen_random_uuid(), 60)")
    with fenced():
        hand.finish(claim, "ok", "done")
    assert hand.run(claim)["outcome"] is None


def test_the_last_word_is_written_once_and_fenced(hand: Hand) -> None:
    claim = hand.start("n")
    hand.page(claim, 1)
    assert hand.finish(claim, "ok", "done") is True
    assert hand.finish(claim, "error", "exception") is False
    assert hand.run(claim)["outcome"]["cause"] == "done"
    assert hand.value("select count(*) as n, min(page_no) as page from run_pages") == {"n": 1, "page": 1}
    hand.done(claim)
    with fenced():
        hand.finish(claim, "ok", "done")
