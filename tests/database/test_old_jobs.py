"""A database of before the search is brought up to date with everything that stands in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from psycopg import sql

from supervisor import schema
from tests.fix_database import Connection, connect, drop, url_of_database

_BEFORE = 27  # files of the schema that knew no tags, no listed_at and no closed_reason
_PLAIN = b"""
insert into jobs (url, source, title, content_hash, country, countries, posted_at, first_seen_at)
select 'https://x.test/' || i, 'board', 'nurse ' || i, 'h', 'DE', '{DE}', now() - i * interval '1 hour', now()
from generate_series(1, 10000) i
"""
# The words in a text that to_tsvector makes the most of, each of them new; and signs that tags are made of.
_ODD = b"""
insert into jobs (url, source, title, content_hash, company, description, city, region, country, countries, locations,
                  posted_at, external_id)
select 'https://odd.test/' || row_number() over (), o.source, 'odd', 'h', o.company, o.description, o.city, o.region,
       o.country, o.countries, o.locations, o.at::timestamptz, o.external_id
from (values
    ('infinity', 'n', null, null, null, null, null, '{}'::text[], '[]'::jsonb, null),
    ('-infinity', 'n', '', '', '', '', '', '{""}', '[]', ''),
    ('4713-01-01 BC', repeat('n', 1000), '', null, repeat('\xc4\xb0', 5000), repeat('r', 5000), repeat('c', 5000),
     array[repeat('c', 5000), null], '[{"city": 7}, {"city": {"a": []}}, {}]', repeat('x', 300)),
    ('294276-12-31', E'\\'|\\\\', E'c|x \\' \\\\ |1', E'a\\'\\\\:*b|c', E'\\'', E'\\\\', E'D|\\'', array[E'\\'\\\\'],
     '"Berlin"', E'\\''),
    ('2026-05-01', 'n', E'\x01\x7f\xe2\x80\xae\xef\xbf\xbf', E'\\t\\r\\n', E'\\t', E'\\n', E'\\x7f', '{}',
     '{"city": "Berlin"}', null),
    (null, 'n', 'undated', (select string_agg(chr(131072 + i) || '-' || chr(171000 - i), ' ')
                            from generate_series(1, 25000) i), null, null, null, '{}',
     '[null, 7, [], [[{"city": "x"}]], "x", true, {"city": "Wien"}]', null),
    (null, 'n', null, repeat('\xc3\xa9', 100000), null, null, null, '{}', 'null', null),
    (null, 'n', null, (select left(string_agg('a' || i || '.example.org/' || i || '?b', ' '), 100000)
                       from generate_series(1, 9000) i), null, null, null,
     (select array_agg('C' || i) from generate_series(1, 5000) i),
     (select jsonb_agg(jsonb_build_object('city', 'city ' || i)) from generate_series(1, 5000) i), null)
) o (at, source, company, description, city, region, country, countries, locations, external_id)
"""


@pytest.fixture
def older(postgres_url: str, administrator: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of a database with the schema of then."""
    name = f"older_{uuid.uuid4().hex}"
    administrator.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    files = schema.schema_files()
    url = url_of_database(postgres_url, name)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "schema_files", lambda: files[:_BEFORE])
        schema.migrate(url)
    yield url
    drop(administrator, name)


def test_ten_thousand_jobs_and_every_oddity_are_brought_along(older: str) -> None:
    kept = b"select id, url, title, description, posted_at::text, countries, locations from jobs order by id"
    with connect(older) as connection:
        connection.execute(_PLAIN)
        connection.execute(_ODD)
        connection.execute("insert into job_seen (job_id) select id from jobs")
        before = connection.execute(kept).fetchall()
    assert schema.migrate(older) == len(schema.schema_files()) - _BEFORE
    with connect(older) as connection:
        assert connection.execute(kept).fetchall() == before
        found: list[int] = []
        after = None
        page = "select id, cursor from search_jobs('', p_limit => 3000, p_after => %s, p_open => true)"
        while rows := connection.execute(page, (after,)).fetchall():
            found += [row["id"] for row in rows]
            after = rows[-1]["cursor"]
        assert sorted(found) == [row["id"] for row in before]
        asked = "select count(*) as n from search_jobs('odd', p_city => %s)"
        counts = [connection.execute(asked, (city,)).fetchall()[0]["n"] for city in ("wien", "City 4999", "'", "x")]
        assert counts == [1, 1, 1, 0]
        assert connection.execute("select from jobs_view where closed_reason is null").rowcount == len(before)
