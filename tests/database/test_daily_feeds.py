"""Nine daily feeds of real boards: in order, again, and by two writers at once, always to the same rows."""

from __future__ import annotations

import json
import lzma
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from psycopg.rows import DictRow

from tests.child_store import NOW, child_store
from tests.fix_claims import Hand
from tests.fix_supervisor import Nodes
from workers.records import Page, Posting
from workers.store import Committed

HERE = Path(__file__).resolve()
FEEDS = next((up / "shared/realdata/open/bulk" for up in HERE.parents[3:5] if (up / "shared/realdata").is_dir()), HERE)
PAGE = 500

pytestmark = pytest.mark.skipif(not FEEDS.is_dir(), reason="shared/realdata absent: put it beside the checkout")


@pytest.fixture(scope="module")
def days() -> list[list[dict[str, Any]]]:
    """The files in their order."""
    found = []
    for file in sorted(FEEDS.glob("new-jobs-*.json.xz")):
        with lzma.open(file, "rt", encoding="utf-8") as stream:
            found.append(json.load(stream))
    return found


class Expected:
    """What the files hold, counted without any code of the product."""

    def __init__(self, days: list[list[dict[str, Any]]]) -> None:
        rows = [row for day in days for row in day]
        titled = [row for row in rows if (row.get("title") or "").strip()]
        self.rows = len(rows)
        self.distinct = len({(row["platform"], row["company"], row.get("jobId")) for row in rows})
        self.rejected = len(rows) - len(titled)
        self.addresses = {urlsplit(row["applyUrl"])._replace(fragment="").geturl() for row in titled}


def posting_of(row: dict[str, Any]) -> Posting:
    return Posting(
        url=row["applyUrl"], external_id=row.get("jobId"), title=row.get("title"), company=row["company"],
        locations=row["locations"], remote=row["isRemote"], job_type=row["employmentType"], posted=row["postedAt"],
    )  # fmt: skip


def ingest(url: str, claim: DictRow, days: list[list[dict[str, Any]]]) -> list[Committed]:
    """Each file in pages, as one run of a scrape stores them."""
    pages = [[posting_of(row) for row in day[at : at + PAGE]] for day in days for at in range(0, len(day), PAGE)]
    with child_store(url, claim) as store:
        return [store.commit(Page(url="https://x/feed", postings=page), [], NOW, 50.0) for page in pages]


def total(found: list[Committed]) -> tuple[int, int, int, int]:
    names = ("inserted", "updated", "unchanged", "rejected")
    return tuple(sum(getattr(page, name) for page in found) for name in names)


def state(hand: Hand) -> list[tuple[Any, ...]]:
    """All that is stored of postings, but for what each store numbers and dates by itself, and what comes of that."""
    rows = hand.connection.execute(
        "select to_jsonb(j) - '{id,first_seen_at,listed_at,source,search}'::text[] as job from jobs j order by url"
    ).fetchall()
    return [tuple(sorted(map(repr, row["job"].items()))) for row in rows]


def test_the_daily_feeds_are_stored_once_and_a_second_pass_changes_nothing(
    hand: Hand, nodes: Nodes, database_url: str, days: list[list[dict[str, Any]]]
) -> None:
    expected = Expected(days)
    assert (expected.rows, expected.distinct, expected.rejected) == (7_895, 7_876, 5)
    jobs = len(expected.addresses)
    claim = hand.start("n")
    inserted, updated, unchanged, rejected = total(ingest(database_url, claim, days))
    assert (inserted, updated, rejected) == (jobs, 0, 5)
    assert inserted + unchanged + rejected == expected.rows
    stored = [row["url"] for row in hand.connection.execute("select url from jobs").fetchall()]
    assert len(stored) == len(set(stored)) == jobs
    assert set(map(path_of, stored)) == set(map(path_of, expected.addresses))
    once = state(hand)

    hand.done(claim)
    nodes.update("n", run_requested=True)
    again = hand.claimed(nodes.get("n")["id"])
    assert hand.begin(again)
    assert total(ingest(database_url, again, days)) == (0, 0, expected.rows - 5, 5)
    assert state(hand) == once


def test_two_writers_at_once_end_in_the_rows_that_one_would_have_stored(
    hand: Hand, database_url: str, days: list[list[dict[str, Any]]]
) -> None:
    expected = Expected(days)
    claims = [hand.start("left"), hand.start("right")]
    # Day by day in both, as a posting that comes again may say something else on its later day.
    orders = [days, [day[::-1] for day in days]]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda n: total(ingest(database_url, claims[n], orders[n])), range(2)))
    together = state(hand)
    assert sum(found[0] for found in both) == len(expected.addresses) == len(together)
    assert [found[1] for found in both] == [0, 0]
    assert [sum(found) for found in both] == [expected.rows] * 2
    assert hand.value("select count(*) as n from job_seen")["n"] == len(together)

    hand.connection.execute("truncate jobs, job_seen")
    ingest(database_url, hand.start("alone"), days)
    assert state(hand) == together


def path_of(address: str) -> str:
    """What no rule about parameters touches."""
    return address.partition("?")[0].rstrip("/")
