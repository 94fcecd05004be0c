"""What the search finds, in which order, and how it goes on from page to page."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from tests.fix_database import Connection
from tests.snapshot_rows import job

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def ask(connection: Connection, query: str = "", **asked: Any) -> list[DictRow]:
    """What the function answers."""
    names = "".join(f", p_{name} => %({name})s" for name in asked)
    statement = f"select * from search_jobs(%(query)s{names})"  # noqa: S608 - a test's own names
    return connection.execute(statement.encode(), {"query": query, **asked}).fetchall()


def titles(rows: list[DictRow]) -> list[str]:
    return [row["title"] for row in rows]


def add(connection: Connection, title: str, at: datetime = NOW, **columns: Any) -> int:
    """A job posted then, whose URL is its title."""
    return job(
        connection, title.replace(" ", "-"), columns.pop("source", "n"), NOW, title=title, posted_at=at, **columns
    )


def add_many(connection: Connection, count: int, title: str = "nurse", step: str = "1 hour") -> None:
    """Jobs a step apart, the newest first, in three countries by turns."""
    connection.execute(
        "insert into jobs (url, source, title, content_hash, country, countries, posted_at)"
        " select format('https://x.test/%%s-%%s', %(title)s::text, i), 'n', %(title)s, 'h', c.code, array[c.code],"
        "  %(now)s::timestamptz - i * %(step)s::interval"
        " from generate_series(1, %(count)s::integer) i,"
        " lateral (select (array['US', 'DE', 'CH'])[mod(i, 3) + 1] as code) c",
        {"title": title, "now": NOW, "count": count, "step": step},
    )


def test_words_phrases_or_and_minus_are_understood_as_in_a_search_box(connection: Connection) -> None:
    for title in ("senior rust engineer", "rust backend developer", "python backend developer", "nurse"):
        add(connection, title)
    found = {query: set(titles(ask(connection, query))) for query in (
        "rust backend", '"rust engineer"', "python or nurse", "backend -python", "engineers", "-rust")}  # fmt: skip
    assert found == {
        "rust backend": {"rust backend developer"},
        '"rust engineer"': {"senior rust engineer"},
        "python or nurse": {"python backend developer", "nurse"},
        "backend -python": {"rust backend developer"},
        "engineers": {"senior rust engineer"},
        "-rust": {"python backend developer", "nurse"},
    }


def test_every_filter_lets_through_what_it_says(connection: Connection) -> None:
    berlin = {"city": "Berlin", "region": "BE", "country": "DE", "countries": ["DE", "AT"]}
    places = json.dumps([{"city": "Berlin", "region": "BE", "country": "DE"}, {"city": "Wien", "country": "AT"}])
    pay = {"salary_min": 50_000, "salary_max": 70_000, "salary_currency": "EUR", "salary_period": "year"}
    add(connection, "a", NOW - DAY, **berlin, locations=places, remote=True, **pay, source="board")
    add(connection, "b", NOW - 5 * DAY, country="US", countries=["US"], remote=False, salary_min=60)
    add(connection, "c", NOW - 9 * DAY)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["a", "b", "c"]),
        ({"countries": ["DE"]}, ["a"]),
        ({"countries": ["AT"]}, ["a"]),
        ({"countries": ["at", "US"]}, ["a", "b"]),
        ({"countries": []}, ["a", "b", "c"]),
        ({"city": "berlin"}, ["a"]),
        ({"city": "WIEN"}, ["a"]),
        ({"city": "Wien", "countries": ["US"]}, []),
        ({"region": "be"}, ["a"]),
        ({"remote": True}, ["a"]),
        ({"remote": False}, ["b"]),
        ({"pay": 70_000}, ["a"]),
        ({"pay": 70_001}, []),
        ({"pay": 50}, ["a", "b"]),
        ({"pay": 50, "currency": "eur", "period": "YEAR"}, ["a"]),
        ({"currency": "USD"}, []),
        ({"source": "board"}, ["a"]),
        ({"since": NOW - 5 * DAY}, ["a", "b"]),
        ({"until": NOW - 5 * DAY}, ["b", "c"]),
        ({"since": NOW - 6 * DAY, "until": NOW - 2 * DAY}, ["b"]),
    ]
    # Among a few rows each is found by looking at them, behind many by the index: both have to say the same.
    assert [titles(ask(connection, **given)) for given, _ in cases] == [expected for _, expected in cases]
    add_many(connection, 1_200, title="zz", step="1 second")
    connection.execute(
        "update jobs set posted_at = posted_at + interval '1 day', countries = '{FR}' where title = 'zz'"
    )
    words = [titles(ask(connection, "-zz", **given)) for given, _ in cases]
    assert words == [expected for _, expected in cases]
    tagged = [(given, expected) for given, expected in cases if given.keys() & {"city", "region", "source"}]
    assert [titles(ask(connection, **given)) for given, _ in tagged] == [expected for _, expected in tagged]


def test_a_job_without_a_date_counts_from_when_it_was_first_seen(connection: Connection) -> None:
    job(connection, "undated", "n", NOW - DAY)
    add(connection, "older", NOW - 2 * DAY)
    add(connection, "newer", NOW)
    assert titles(ask(connection)) == ["newer", "undated", "older"]
    assert titles(ask(connection, since=NOW - DAY, until=NOW - DAY)) == ["undated"]
    assert ask(connection, "undated")[0]["posted_at"] is None


@pytest.mark.parametrize("query", ["", "nurse", "nurse -doctor"])
@pytest.mark.parametrize("countries", [None, ["CH"], ["CH", "DE"]])
def test_pages_have_no_gap_and_no_repeat_while_jobs_come_in(
    connection: Connection, query: str, countries: list[str] | None
) -> None:
    add_many(connection, 400)
    expected = [row["id"] for row in ask(connection, query, countries=countries, limit=10_000)]
    seen: list[int] = []
    after = None
    while rows := ask(connection, query, countries=countries, limit=37, after=after):
        seen += [row["id"] for row in rows]
        after = rows[-1]["cursor"]
        add(connection, f"nurse {after}", NOW + DAY, country="CH", countries=["CH", "DE"])
    assert seen == expected
    assert len(seen) == len(set(seen)) == (400 if countries is None else 133 * len(countries) + len(countries) - 1)


def test_jobs_of_the_same_instant_are_paged_by_id(connection: Connection) -> None:
    add_many(connection, 50, step="0")
    first = ask(connection, "nurse", limit=20)
    second = ask(connection, "nurse", limit=40, after=first[-1]["cursor"])
    ids = [row["id"] for row in first + second]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 50


def test_relevance_puts_the_title_before_the_text_and_pages_hold_while_jobs_come_in(connection: Connection) -> None:
    add(connection, "cook", NOW, description="we also have a rust developer")
    add(connection, "rust developer", NOW - 9 * DAY)
    assert titles(ask(connection, "rust", order="relevance")) == ["rust developer", "cook"]
    assert titles(ask(connection, "rust")) == ["cook", "rust developer"]
    add_many(connection, 200, title="rust")
    expected = [row["id"] for row in ask(connection, "rust", order="relevance", limit=500)]
    seen: list[int] = []
    after = None
    while rows := ask(connection, "rust", order="relevance", limit=33, after=after):
        seen += [row["id"] for row in rows]
        after = rows[-1]["cursor"]
        add(connection, f"rust {after}", NOW + DAY)
    assert seen == expected
    assert len(set(seen)) == 202


def test_the_words_are_marked_in_a_piece_of_the_text(connection: Connection) -> None:
    add(connection, "x", description="lorem ipsum " * 100 + "we write Rust services " + "dolor sit " * 100)
    (row,) = ask(connection, "rust", snippets=True)
    assert "write <b>Rust</b> services" in row["snippet"]
    assert len(row["snippet"]) < 400
    assert ask(connection, "rust")[0]["snippet"] is None
    notices: list[str | None] = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    assert "<b>" not in ask(connection, snippets=True)[0]["snippet"]
    assert notices == []


def test_the_index_is_asked_about_whole_months_when_words_are_rare(connection: Connection) -> None:
    add_many(connection, 3_000)
    for days in (1, 40, 90, 400, 4_000):
        add(connection, f"needle {days}", NOW - days * DAY, country="CH", countries=["CH"])
    expected = [f"needle {days}" for days in (1, 40, 90, 400, 4_000)]
    assert titles(ask(connection, "needle")) == expected
    assert titles(ask(connection, "needle", countries=["CH", "US"])) == expected
    assert titles(ask(connection, "needle", since=NOW - 90 * DAY, until=NOW - 2 * DAY)) == expected[1:3]


def test_times_far_away_are_found_and_stop_nothing(connection: Connection) -> None:
    add_many(connection, 100, title="cook")
    for title, at in (("old rust", datetime(1, 6, 1, tzinfo=UTC)), ("new rust", datetime(9998, 1, 1, tzinfo=UTC))):
        add(connection, title, at)
    first = ask(connection, "rust", limit=1)
    assert titles(first) == ["new rust"]
    assert titles(ask(connection, "rust", limit=5, after=first[0]["cursor"])) == ["old rust"]


def test_a_job_in_every_country_is_found_in_each(connection: Connection) -> None:
    codes = [f"{a}{b}" for a in "ABCDEFGHIJ" for b in "KLMNOPQRSTUVWXYZ"]
    add_many(connection, 200)
    add(connection, "anywhere", country="AK", countries=codes)
    for asked in (["JZ"], codes, ["QQ", "BK"]):
        assert titles(ask(connection, "anywhere", countries=asked)) == ["anywhere"]
    assert ask(connection, "anywhere", countries=["QQ"]) == []


@pytest.mark.parametrize(
    "query",
    ["'", "\\", "a:*b & | !", "((((", '"', "':*", "'; drop table jobs; --", "%s %(x)s", "<b>", "|20000", "US|20000",
     "🦀 ж 中文", "a" * 900, "or or or", "- - x", "\u202e x", "x" + "\u0301" * 100, " ".join(["-a or b"] * 120)],
)  # fmt: skip
def test_odd_text_is_searched_for_or_refused_with_a_sentence(connection: Connection, query: str) -> None:
    add(connection, "nurse", country="US", countries=["US"])
    found = []
    for order in ("newest", "relevance"):
        with contextlib.suppress(psycopg.errors.InvalidParameterValue):
            found += titles(ask(connection, query, order=order))
    assert set(found) <= {"nurse"}
    assert titles(ask(connection, city=query, region=query, source=query, currency=query, countries=[query])) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"query": "the"}, 'there is no word to search for in "the"'),
        ({"query": "...!"}, "there is no word to search for"),
        ({"query": "é" * 501}, "too long"),
        ({"query": "x", "order": "best"}, 'there is no order "best"'),
        ({"query": " ", "order": "relevance"}, "needs words"),
        ({"query": "x", "after": "newest_1"}, "no cursor of a search"),
        ({"query": "x", "after": "'; drop table jobs"}, "no cursor of a search"),
        ({"query": "x", "after": "relevance_1_1_1_1_1_1_e"}, "no cursor of a search"),
        ({"query": "x", "after": "newest_9999999999999999999_1"}, "no cursor of a search"),
        ({"query": "x", "after": "newest_\u0663_1"}, "no cursor of a search"),
        ({"query": "x", "after": "relevance_1_1_1_1_1_1_999e+99", "order": "relevance"}, "no cursor of a search"),
        ({"query": "x", "after": "relevance_1_1_1_1_1_1_1e-99", "order": "relevance"}, "no cursor of a search"),
        ({"query": "-" * 500 + "a"}, "too many signs in a row"),
        ({"query": "x", "order": "relevance", "after": "newest_1_1"}, "the cursor belongs to a search by newest"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    connection: Connection, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=sentence):
        ask(connection, **given)


@pytest.mark.parametrize("cursor", ["newest_999999999999999999_999999999999999999", "newest_-999999999999999999_0"])
def test_a_made_up_cursor_finds_what_lies_behind_it(connection: Connection, cursor: str) -> None:
    add(connection, "nurse")
    assert titles(ask(connection, "nurse", after=cursor)) == (["nurse"] if "_-" not in cursor else [])


def test_no_words_of_a_posting_can_pretend_to_be_a_place_or_a_day(connection: Connection) -> None:
    add(connection, "c|berlin DE|20685 |20685 s|board")
    assert ask(connection, city="berlin") == ask(connection, source="board") == ask(connection, countries=["DE"]) == []


def test_words_that_wait_are_found_before_and_after_they_are_sorted_in(connection: Connection) -> None:
    add_many(connection, 300)
    add(connection, "needle", NOW - 300 * DAY)
    before = ask(connection, "needle")
    (row,) = connection.execute("select gin_clean_pending_list('jobs_search_idx'::regclass) as pages").fetchall()
    assert row["pages"] > 0
    assert ask(connection, "needle") == before != []
