"""Jobs are stored once per URL, whoever finds them, and touched as little as possible."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

from psycopg.rows import DictRow

from tests.fix_claims import Hand, another_hand, posting, refused_by
from tests.fix_database import Connection
from tests.fix_supervisor import Nodes

A, B = "https://x/a", "https://x/b"


def job(connection: Connection, url: str = A) -> DictRow:
    row = connection.execute(
        "select j.ctid::text, j.xmin::text, j.source, j.title, j.content_hash, s.last_seen_at, s.last_run_id"
        " from jobs j join job_seen s on s.job_id = j.id where url = %s",
        (url,),
    ).fetchone()
    assert row is not None
    return row


def rerun(hand: Hand, nodes: Nodes, claim: DictRow) -> DictRow:
    """The next run of the same node."""
    hand.done(claim)
    nodes.update("n", run_requested=True)
    again = hand.claimed(nodes.get("n")["id"])
    assert hand.begin(again)
    return again


def test_a_changed_posting_is_updated_at_the_next_run(hand: Hand, nodes: Nodes) -> None:
    first = hand.start("n")
    hand.page(first, 1, [posting(A)])
    again = rerun(hand, nodes, first)
    assert hand.page(again, 1, [posting(A, "second", title="Better")])["updated"] == 1
    assert (job(hand.connection)["title"], job(hand.connection)["content_hash"]) == ("Better", "second")


def test_an_unchanged_posting_does_not_rewrite_its_row_but_was_seen(hand: Hand, nodes: Nodes) -> None:
    first = hand.start("n")
    hand.page(first, 1, [posting(A)])
    before = job(hand.connection)
    again = rerun(hand, nodes, first)
    page = hand.page(again, 1, [posting(A)])
    after = job(hand.connection)
    assert (page["inserted"], page["updated"], page["unchanged"]) == (0, 0, 1)
    assert (after["ctid"], after["xmin"]) == (before["ctid"], before["xmin"])
    assert after["last_seen_at"] > before["last_seen_at"]
    assert after["last_run_id"] == again["run_id"]


def test_a_repeat_within_a_run_is_unchanged_even_if_it_differs(hand: Hand) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, [posting(A, title="First")])
    page = hand.page(claim, 2, [posting(A, "other", title="Second"), posting(B)])
    assert (page["inserted"], page["updated"], page["unchanged"]) == (1, 0, 1)
    assert job(hand.connection)["title"] == "First"
    run = hand.run(claim)
    assert (run["fetched_count"], run["upserted_count"]) == (3, 2)


def test_a_url_belongs_to_the_node_that_found_it_first(hand: Hand) -> None:
    first, second = hand.start("first"), hand.start("second")
    hand.page(first, 1, [posting(A, title="First")])
    before = job(hand.connection)
    page = hand.page(second, 1, [posting(A, "other", title="Second")])
    after = job(hand.connection)
    assert (page["updated"], page["unchanged"]) == (0, 1)
    assert (after["source"], after["title"], after["ctid"]) == ("first", "First", before["ctid"])
    assert after["last_run_id"] == second["run_id"]
    assert after["last_seen_at"] > before["last_seen_at"]


def test_runs_that_find_the_same_new_urls_in_opposite_order_never_deadlock(hand: Hand, database_url: str) -> None:
    pages, size = 12, 250
    claims = [hand.start(name) for name in ("one", "two", "three")]
    barrier = threading.Barrier(len(claims))

    def crawl(number: int) -> None:
        own = another_hand(database_url)
        with own.connection:
            # Plans with these would bring the rows into one order by chance.
            own.connection.execute("set enable_mergejoin = off; set enable_hashjoin = off")
            for page in range(1, pages + 1):
                urls = [f"https://x/{page}/{item}" for item in range(size)]
                random.Random(number * pages + page).shuffle(urls)
                barrier.wait(20)
                own.page(claims[number], page, [posting(url, f"{number}") for url in urls])

    with ThreadPoolExecutor(len(claims)) as pool:
        list(pool.map(crawl, range(len(claims))))
    totals = [hand.run(claim) for claim in claims]
    assert [(run["pages_count"], run["fetched_count"]) for run in totals] == [(pages, pages * size)] * 3
    assert sum(run["inserted_count"] for run in totals) == pages * size
    assert sum(run["updated_count"] for run in totals) == 0
    assert_consistent(hand, pages * size)


def test_runs_that_see_the_same_old_urls_in_opposite_order_never_deadlock(hand: Hand, database_url: str) -> None:
    pages, size = 25, 40
    urls = [f"https://x/{number}" for number in range(120)]
    claims = [hand.start("one"), hand.start("two"), hand.start("three")]
    hand.page(hand.start("before"), 1, [posting(url) for url in urls])
    hand.connection.execute("update jobs set source = 'one'")

    def crawl(number: int) -> None:
        dice = random.Random(number)
        own = another_hand(database_url)
        with own.connection:
            for page in range(1, pages + 1):
                batch = sorted(dice.sample(urls, size), reverse=number % 2 == 0)
                own.page(claims[number], page, [posting(url, f"{number}") for url in batch])

    with ThreadPoolExecutor(len(claims)) as pool:
        list(pool.map(crawl, range(len(claims))))
    totals = [hand.run(claim) for claim in claims]
    assert [(run["pages_count"], run["fetched_count"]) for run in totals] == [(pages, pages * size)] * 3
    assert [run["updated_count"] > 0 for run in totals] == [True, False, False]
    assert_consistent(hand, len(urls))


def assert_consistent(hand: Hand, jobs: int) -> None:
    stored = hand.value(
        "select count(*) as jobs, count(distinct url) as urls, count(s.job_id) as seen"
        " from jobs left join job_seen s on s.job_id = jobs.id"
    )
    assert stored == {"jobs": jobs, "urls": jobs, "seen": jobs}
    # Each row is of one piece: the content is that of the node that owns it.
    owners = hand.connection.execute("select distinct source, content_hash from jobs where content_hash <> 'first'")
    assert {(row["source"], row["content_hash"]) for row in owners} <= {("one", "0"), ("two", "1"), ("three", "2")}


def test_only_http_urls_and_titled_jobs_are_stored(hand: Hand) -> None:
    claim = hand.start("n")
    with refused_by("jobs_url_http"):
        hand.page(claim, 1, [posting("javascript:alert(1)")])
    with refused_by("jobs_title_not_blank"):
        hand.page(claim, 1, [posting(A, title=" ")])
    assert hand.page(claim, 1, [posting(A)])["inserted"] == 1
