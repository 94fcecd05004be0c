"""Pages of a search at the ends of time, among equals, and of what is still open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fix_database import Connection, connect
from tests.fix_jobs import Jobs
from tests.fix_supervisor import Nodes

NOON = datetime(2026, 8, 20, 12, tzinfo=UTC)
_SEARCH = b"""
select id, cursor from search_jobs(%(query)s, p_order => %(order)s, p_limit => %(limit)s, p_after => %(after)s,
                                   p_open => %(open)s)
"""


def pages(connection: Connection, query: str = "", *, limit: int, **asked: Any) -> list[int]:
    """The ids of all pages, one after the other."""
    given = {"query": query, "order": "newest", "limit": limit, "after": None, "open": False, **asked}
    found: list[int] = []
    while rows := connection.execute(_SEARCH, given).fetchall():
        found += [row["id"] for row in rows]
        assert len(found) < 3_000, "it shows the same jobs again and again"
        given["after"] = rows[-1]["cursor"]
    return found


def test_times_without_end_and_before_the_year_1_are_paged_like_all_others(connection: Connection, jobs: Jobs) -> None:
    times = ("infinity", "infinity", "12026-01-01", NOON, "0044-03-15 BC", "0044-03-14 BC", "-infinity", "-infinity")
    expected = [jobs.add(posted_at=at, title="rust") for at in times]
    expected[:2], expected[-2:] = expected[1::-1], expected[:-3:-1]
    assert pages(connection, "rust", limit=1) == expected
    assert sorted(pages(connection, "rust", limit=1, order="relevance")) == sorted(expected)


def test_instants_become_cursors_and_come_back_as_they_were(connection: Connection) -> None:
    wrong = connection.execute(
        "select at from (values ('infinity'::timestamptz), ('-infinity'), ('4714-11-24 00:00:00+00 BC'),"
        " ('0001-01-01 00:00:00.000001+00'), ('1969-12-31 23:59:59.999999+00'), ('2026-03-29 02:30:00.5+02'),"
        " ('9999-12-31 23:59:59.999999+00'), ('290000-01-01 00:00:00.000001+00')) v (at)"
        " where from_micros(to_micros(at)) <> at"
    ).fetchall()
    assert wrong == []


def test_among_equals_relevance_puts_the_newest_first(connection: Connection, jobs: Jobs) -> None:
    old, new, newer = (jobs.add(title="rust", posted_at=NOON + timedelta(hours=hour)) for hour in (0, 1, 1))
    assert pages(connection, "rust", limit=2, order="relevance") == [newer, new, old]


def test_by_relevance_what_was_no_candidate_stays_out_even_of_the_same_instant(
    connection: Connection, jobs: Jobs
) -> None:
    for _ in range(5):  # they rank last, so that a later page would show them
        jobs.add(title="cook", description="rust", posted_at=NOON)
    connection.execute(
        "insert into jobs (url, source, title, content_hash, posted_at)"
        " select 'https://x.test/' || i, 'n', 'a rust developer', 'h', %s from generate_series(1, 500) i",
        (NOON,),
    )
    at_once = pages(connection, "rust", limit=1_000, order="relevance")
    assert len(at_once) == 500
    assert pages(connection, "rust", limit=150, order="relevance") == at_once


def test_no_setting_of_the_user_makes_a_rank_in_a_cursor_another_one(
    connection: Connection, database_url: str, jobs: Jobs
) -> None:
    for number in range(60):
        jobs.add(title="rust", description="rust " * number + "text " * 7 * number)
    expected = pages(connection, "rust", limit=100, order="relevance")
    name = database_url.rpartition("/")[2].partition("?")[0]
    connection.execute(f"alter database {name} set extra_float_digits = -5".encode())
    with connect(database_url) as other:
        assert pages(other, "rust", limit=7, order="relevance") == expected


@pytest.fixture
def half_closed(jobs: Jobs, nodes: Nodes) -> list[int]:
    """Two thousand jobs, of which only every 400th is open: by turns expired, and unseen by two looks."""
    jobs.looked_twice(nodes.add("board", "zoo:any"))
    jobs.connection.execute(
        "insert into jobs (url, source, title, content_hash, posted_at, valid_through)"
        " select 'https://x.test/' || i, 'board', 'nurse', 'h', %s::timestamptz - i * interval '1 hour',"
        "        case when i %% 2 = 1 then now() - interval '3 days' end"
        " from generate_series(1, 2000) i",
        (NOON,),
    )
    jobs.connection.execute(
        "insert into job_seen (job_id, last_seen_at)"
        " select id, now() - case when row_number() over (order by id) %% 400 = 0 then interval '0 s'"
        " else interval '9 days' end from jobs".replace("%%", "%").encode()
    )
    rows = jobs.connection.execute("select id from jobs_view where closed_reason is null order by posted_at desc")
    return [row["id"] for row in rows.fetchall()]


@pytest.mark.parametrize("order", ["newest", "relevance"])
def test_only_what_is_open_is_found_where_that_is_asked(
    connection: Connection, half_closed: list[int], order: str
) -> None:
    assert len(half_closed) == 5
    for limit in (1, 3, 100):
        assert pages(connection, "nurse", limit=limit, order=order, open=True) == half_closed
    assert len(pages(connection, "nurse", limit=1_000)) == 2_000
    assert pages(connection, "plumber", limit=3, open=True) == []
