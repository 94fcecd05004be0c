"""Whatever stands in a text, those who read CSV and JSON Lines find it there again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.exports.csv_writer import CsvWriter
from supervisor.exports.formats import format_of
from supervisor.exports.jsonl_writer import JsonLinesWriter

COLUMNS = ("title", "company", "remote", "countries", "locations")
# What a Postgres of UTF-8 holds: no NUL, no half of a pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30) | st.text(
    '=+-@,;"\r\n\t \\\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e', max_size=8
)
ROWS = st.lists(
    st.tuples(
        st.none() | TEXTS,
        st.none() | TEXTS,
        st.none() | st.booleans(),
        st.lists(TEXTS, max_size=3),
        st.lists(st.fixed_dictionaries({"city": TEXTS, "region": st.none(), "country": TEXTS}), max_size=2).map(
            json.dumps
        ),
    ),
    max_size=5,
)


@given(ROWS)
def test_the_csv_module_reads_what_was_written(rows: list[tuple[object, ...]]) -> None:
    sink = io.BytesIO()
    CsvWriter(sink, COLUMNS).write(rows)
    read = list(csv.reader(io.StringIO(sink.getvalue().decode("utf-8"), newline=""), strict=True))
    assert read[0] == list(COLUMNS)
    for cells, (title, company, remote, countries, places) in zip(read[1:], rows, strict=True):
        assert cells[:3] == [title or "", company or "", "" if remote is None else str(remote).lower()]
        assert (json.loads(cells[3]), json.loads(cells[4])) == (countries, json.loads(str(places)))


@given(ROWS)
def test_any_reader_of_lines_finds_the_objects(rows: list[tuple[object, ...]]) -> None:
    sink = io.BytesIO()
    JsonLinesWriter(sink, COLUMNS).write(rows)
    read = [json.loads(line) for line in sink.getvalue().decode("utf-8").splitlines()]
    assert read == [dict(zip(COLUMNS, (*row[:4], json.loads(str(row[4]))), strict=True)) for row in rows]


@given(ROWS)
def test_nothing_for_a_spreadsheet_begins_like_a_formula(rows: list[tuple[object, ...]]) -> None:
    sink = io.BytesIO()
    CsvWriter(sink, COLUMNS, excel_safe=True).write(rows)
    text = sink.getvalue().decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r\uff1d\uff0b\uff0d\uff20")]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", "csv"),
        ("a.b.CSV.gz", "csv"),
        ("a.ndjson", "jsonl"),
        ("a.pq", None),
        ("csv", None),
        (".csv", None),
        ("a.gz", None),
        ("a.csv.zip", None),
    ],
)
def test_the_ending_of_a_name_tells_the_format(name: str, form: str | None) -> None:
    assert format_of(Path(name)) == form
