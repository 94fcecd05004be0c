"""`supervisor jobs search` as a person or a program uses it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.fix_command import Run
from tests.fix_database import Connection
from tests.snapshot_rows import job

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def board(connection: Connection) -> None:
    """Five jobs, one a day, the newest today."""
    berlin = {"city": "Berlin", "country": "DE", "countries": ["DE"], "remote": True, "company": "Acme"}
    pay = {"salary_min": 50_000, "salary_max": 72_500.5, "salary_currency": "EUR", "salary_period": "year"}
    text = {"description": "We have written Rust\x1b[31m for many years in a small team of engineers."}
    job(connection, "a", "n", NOW, title="Rust engineer", posted_at=NOW - timedelta(hours=1), **berlin, **pay, **text)
    for days in (1, 2, 3, 4):
        job(connection, f"b{days}", "n", NOW, title=f"nurse {days}", posted_at=NOW - days * DAY, country="US",
            countries=["US"])  # fmt: skip


@pytest.mark.usefixtures("board")
def test_a_person_sees_what_where_and_for_how_much_and_no_control_character(good: Run) -> None:
    lines = good("jobs", "search", "rust", "--country", "Germany", "--since", "7d", "--remote", "yes").out.splitlines()
    assert lines[0].endswith("  Rust engineer · Acme · Berlin, DE · remote · 50,000-72,500.5 EUR a year")
    assert lines[1].strip() == "https://x.test/a"
    assert "written Rust" in lines[2]
    assert "\x1b" not in lines[2]
    assert len(lines) == 3
    assert good("jobs", "search", "plumber").out == "There are no such jobs.\n"


@pytest.mark.usefixtures("board")
def test_the_last_line_says_how_to_go_on(good: Run) -> None:
    first = good("jobs", "search", "nurse", "--limit", "3").out.splitlines()
    assert [line.split("  ")[1].split(" · ")[0] for line in first[:-1:2]] == ["nurse 1", "nurse 2", "nurse 3"]
    assert first[-1].startswith("more: --after newest_")
    second = good("jobs", "search", "nurse", "--limit", "3", "--after", first[-1].split()[-1])
    assert "nurse 4" in second.out
    assert second.err == "That is all.\n"
    rows = good("jobs", "search", "nurse", "--json", "--limit", "3").json
    assert rows[-1]["cursor"] == first[-1].split()[-1]
    assert (
        good("jobs", "search", "nurse", "--json", "--after", good("jobs", "search", "--json").json[-1]["cursor"]).json
        == []
    )


@pytest.mark.usefixtures("board")
def test_since_and_until_take_durations_dates_and_times(good: Run) -> None:
    def found(*options: str) -> list[str]:
        return [row["title"] for row in good("jobs", "search", *options, "--json").json]

    two_days_ago = NOW - 2 * DAY
    assert found("--since", "36h", "--country", "us") == ["nurse 1"]
    assert found("--until", "60h") == ["nurse 3", "nurse 4"]
    assert found("--since", f"{two_days_ago:%Y-%m-%d}", "--until", f"{two_days_ago:%Y-%m-%d}") == ["nurse 2"]
    assert found("--since", two_days_ago.isoformat(), "--until", two_days_ago.isoformat()) == ["nurse 2"]
    assert found("--since", f"{two_days_ago:%Y%m%d}", "--until", f"{two_days_ago:%Y%m%d}") == ["nurse 2"]
    assert found("--pay", "70000", "--currency", "EUR", "--per", "year", "--city", "BERLIN") == ["Rust engineer"]


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["the"], 'there is no word to search for in "the"'),
        (["--order", "relevance"], "order relevance needs words to search for"),
        (["x", "--after", "nonsense"], 'this is no cursor of a search: "nonsense"'),
        (["--country", "Springfield"], '"Springfield" is no country'),
        (["--since", "yesterday-ish"], '"yesterday-ish" is no time: write 7d'),
        (["--pay", "much"], "'much' is not a valid float"),
        (["x" * 1001], "the search text is too long"),
        (["--", "-" * 500 + "a"], "the search text has too many signs in a row"),
        (["b\udcff"], "this is not text in UTF-8"),
    ],
)
def test_what_makes_no_sense_costs_one_sentence(command: Run, options: list[str], sentence: str) -> None:
    done = command("jobs", "search", *options)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.usefixtures("board")
def test_what_is_closed_is_left_out_where_that_is_asked(good: Run, connection: Connection) -> None:
    connection.execute("update jobs set valid_through = now() - interval '2 days' where title <> 'nurse 3'")
    assert [row["title"] for row in good("jobs", "search", "--open", "--json").json] == ["nurse 3"]
    assert len(good("jobs", "search", "--json").json) == 5
