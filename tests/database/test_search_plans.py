"""Among sixty thousand jobs a search looks at few of them, whatever the statistics make the planner think."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fix_database import Connection, connect

# Over 30 days: every second job has "common", every 20th "middling", three have "rare"; two of three are in the US,
# one in 600 in Switzerland. On the last day a board of its own brought 20,000 that nobody had seen before.
_JOBS = b"""
insert into jobs (url, source, title, content_hash, country, countries, city, remote, salary_max, posted_at)
select 'https://x.test/' || i, case when i > 40000 then 'new board' else 'board' end,
       case when mod(i, 2) = 0 then 'common ' else 'other ' end || case when mod(i, 20) < 2 then 'middling ' else '' end
       || case when mod(i, 20000) = 7 then 'rare' else '' end,
       'h', c.code, array[c.code], case when mod(i, 500) = 3 then 'Reno' end, mod(i, 10) = 0,
       case when mod(i, 4) = 0 then i end,
       '2026-08-20 12:00+00'::timestamptz - case when i > 40000 then i * interval '1 ms' else i * interval '65 s' end
from generate_series(1, 60000) i,
     lateral (select case when mod(i, 600) = 2 then 'CH' when mod(i, 3) = 0 then 'DE' else 'US' end as code) c
"""
_MOST = 5_000  # of 60,000; a page has 50
_CASES: dict[str, dict[str, Any]] = {
    "common words": {"query": "common"},
    "two words, a country, a week": {"query": "common middling", "countries": ["US"], "since": "2026-08-13"},
    "rare": {"query": "rare"},
    "rare in a small country": {"query": "rare", "countries": ["CH"]},
    "a small country": {"query": "", "countries": ["CH"]},
    "common in a small country": {"query": "common", "countries": ["CH"]},
    "nothing": {"query": ""},
    "a city": {"query": "", "city": "reno"},
    "a phrase": {"query": '"common middling"', "countries": ["US", "DE"]},
    "not": {"query": "-common", "countries": ["US"]},
    "remote and pay": {"query": "middling", "remote": True, "pay": 10_000},
    "a source": {"query": "middling", "source": "board"},
    "far back": {"query": "common", "after": "newest_1786500000000000_0"},
    "by relevance": {"query": "middling", "order": "relevance", "countries": ["US"]},
}


@pytest.fixture(scope="module")
def crowd(postgres_url: str, administrator: Connection, template_database: str) -> Iterator[Connection]:
    """A database with these jobs."""
    from psycopg import sql

    from tests.fix_database import drop, url_of_database

    name = "crowd_" + template_database
    statement = sql.SQL("create database {} template {}")
    administrator.execute(statement.format(sql.Identifier(name), sql.Identifier(template_database)))
    with connect(url_of_database(postgres_url, name)) as connection:
        connection.execute(_JOBS)
        connection.execute("vacuum analyze jobs")
        yield connection
    drop(administrator, name)


def looked_at(connection: Connection, asked: dict[str, Any]) -> tuple[int, int, int]:
    """Rows read by reading the table from end to end, rows read by indexes, and rows that were answered."""
    names = "".join(f", p_{name} => %({name})s" for name in asked if name != "query")
    statement = f"select id from search_jobs(%(query)s{names})"  # noqa: S608 - a test's own names
    with connection.transaction():
        before = counted(connection)
        rows = connection.execute(statement.encode(), asked).fetchall()
        after = counted(connection)
    return after[0] - before[0], after[1] - before[1], len(rows)


def counted(connection: Connection) -> tuple[int, int]:
    """Rows of jobs that this transaction has read, and those that indexes led to."""
    statement = "select seq_tup_read, idx_tup_fetch from pg_stat_xact_user_tables where relname = 'jobs'"
    (row,) = connection.execute(statement.encode()).fetchall()
    return row["seq_tup_read"], row["idx_tup_fetch"]


def test_no_search_looks_at_more_than_a_twelfth_of_the_jobs(crowd: Connection) -> None:
    found = {name: looked_at(crowd, asked) for name, asked in _CASES.items()}
    assert [name for name, (whole, few, _) in found.items() if whole or few > _MOST] == [], found
    assert all(rows for name, (_, _, rows) in found.items() if name != "rare in a small country"), found


def test_statistics_that_are_missing_or_wrong_change_nothing(crowd: Connection) -> None:
    right = {name: looked_at(crowd, asked) for name, asked in _CASES.items()}
    with crowd.transaction(force_rollback=True):
        crowd.execute("delete from pg_statistic where starelid = 'jobs'::regclass")
        crowd.execute("update pg_class set reltuples = 10, relpages = 1 where oid = 'jobs'::regclass")
        assert {name: looked_at(crowd, asked) for name, asked in _CASES.items()} == right


def test_without_the_index_the_same_searches_read_everything(crowd: Connection) -> None:
    with crowd.transaction(force_rollback=True):
        crowd.execute("drop index jobs_search_idx")
        assert looked_at(crowd, _CASES["rare"])[0] >= 60_000
