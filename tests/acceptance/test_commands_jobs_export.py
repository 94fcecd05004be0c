"""What `supervisor jobs export` writes, read back by others and compared with the table."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from supervisor.exports.columns import COLUMNS
from tests.fix_command import Run
from tests.fix_jobs import Jobs
from tests.odd_jobs import FORMULAS, PLACES, add_odd

Rows = list[dict[str, Any]]
TIMES = ("posted_at", "valid_through", "first_seen_at", "last_seen_at")


def read_csv(content: bytes) -> Rows:
    """As the csv module reads it, with what a row of the table would hold."""
    rows: Rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    for row in rows:
        for name, text in row.items():
            row[name] = _from_text(name, text)
    return rows


def _from_text(name: str, text: str) -> Any:
    if text == "":
        return None
    reads: dict[str, Callable[[str], Any]] = {
        **dict.fromkeys(TIMES, datetime.fromisoformat),
        **dict.fromkeys(("salary_min", "salary_max"), float),
        **dict.fromkeys(("id", "last_run_id", "same_as_count"), int),
        **dict.fromkeys(("locations", "countries", "remote"), json.loads),
    }
    return reads.get(name, str)(text)


def read_jsonl(content: bytes) -> Rows:
    """As any reader of lines takes it."""
    rows: Rows = [json.loads(line) for line in content.decode("utf-8").splitlines()]
    for row in rows:
        for name in TIMES:
            row[name] = row[name] and datetime.fromisoformat(row[name])
    return rows


def read_parquet(path: Path) -> Rows:
    rows: Rows = pq.read_table(path).to_pylist()
    return rows


def test_csv_says_what_the_table_says(good: Run, jobs: Jobs, tmp_path: Path) -> None:
    expected = add_odd(jobs)
    for row in expected:
        row["external_id"] = row["external_id"] or None  # the csv module takes an empty text for nothing
    done = good("jobs", "export", "-o", "jobs.csv")
    assert done.out == ""
    assert done.err.splitlines() == [
        f"{len(expected)} jobs exported to jobs.csv",
        f"{len(FORMULAS)} texts begin like a formula: for a spreadsheet export with --excel-safe",
    ]
    content = (tmp_path / "jobs.csv").read_bytes()
    assert content.startswith(",".join(COLUMNS).encode() + b"\r\n")
    assert read_csv(content) == expected
    assert b',"",' in content  # an empty text is no null


def test_json_lines_say_what_the_table_says(good: Run, jobs: Jobs, tmp_path: Path) -> None:
    expected = add_odd(jobs)
    assert good("jobs", "export", "-o", "jobs.jsonl").err == f"{len(expected)} jobs exported to jobs.jsonl\n"
    rows = read_jsonl((tmp_path / "jobs.jsonl").read_bytes())
    assert rows == expected
    assert list(rows[0]) == list(COLUMNS)
    (one,) = [row for row in rows if row["title"] == "everything"]
    assert one["locations"] == PLACES
    assert isinstance(one["salary_min"], int)


def test_parquet_says_what_the_table_says_in_types_that_fit(good: Run, jobs: Jobs, tmp_path: Path) -> None:
    expected = add_odd(jobs)
    good("jobs", "export", "-o", "jobs.parquet")
    assert read_parquet(tmp_path / "jobs.parquet") == expected
    schema = pq.read_schema(tmp_path / "jobs.parquet")
    assert schema.names == list(COLUMNS)
    assert schema.field("posted_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("remote").type == pa.bool_()
    assert schema.field("salary_max").type == pa.float64()
    assert schema.field("countries").type == pa.list_(pa.string())
    assert schema.field("locations").type.value_type.names == ["city", "region", "country"]
    group = pq.read_metadata(tmp_path / "jobs.parquet").row_group(0)
    assert {group.column(at).compression for at in range(group.num_columns)} == {"ZSTD"}


def test_standard_output_gets_the_same_bytes_and_no_sentence(good: Run, jobs: Jobs, tmp_path: Path) -> None:
    jobs.add(title="Bäcker")
    for form in ("csv", "jsonl"):
        good("jobs", "export", "-o", f"jobs.{form}")
        # In a locale that knows no umlaut: what is written is UTF-8 whatever the terminal would take.
        done = good("jobs", "export", "--format", form, PYTHONIOENCODING="ascii", PYTHONUTF8="1")
        assert done.err == ""
        assert done.out.encode() == (tmp_path / f"jobs.{form}").read_bytes().replace(b"\r\n", b"\n")
    assert good("jobs", "export").out.startswith("id,url,")
    assert good("jobs", "export", "-o", "-", "--columns", "title").out == "title\nBäcker\n"


@pytest.mark.parametrize("name", ["jobs.csv.gz", "jobs.jsonl.gz", "JOBS.NDJSON.GZ"])
def test_a_file_that_ends_in_gz_is_packed(good: Run, jobs: Jobs, tmp_path: Path, name: str) -> None:
    expected = add_odd(jobs)
    good("jobs", "export", "-o", name)
    rows = (read_csv if ".csv" in name else read_jsonl)(gzip.decompress((tmp_path / name).read_bytes()))
    assert [row["url"] for row in rows] == [row["url"] for row in expected]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_an_empty_table_is_a_file_with_nothing_but_its_columns(good: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"none.{form}"
    assert good("jobs", "export", "-o", path.name).err == f"0 jobs exported to {path.name}\n"
    if form == "parquet":
        assert (read_parquet(path), pq.read_schema(path).names) == ([], list(COLUMNS))
    else:
        assert path.read_bytes() == (f"{','.join(COLUMNS)}\r\n".encode() if form == "csv" else b"")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_columns_come_in_the_order_asked_for(good: Run, jobs: Jobs, tmp_path: Path, form: str) -> None:
    jobs.add(title="one", remote=True, description="two")
    good("jobs", "export", "--format", form, "-o", "some", "--columns", "remote, description,title,remote")
    path = tmp_path / "some"
    if form == "parquet":
        (row,) = read_parquet(path)
    else:
        (row,) = (_plain_csv if form == "csv" else _plain_jsonl)(path.read_bytes())
    assert list(row.items()) == [
        ("remote", "true" if form == "csv" else True),
        ("description", "two"),
        ("title", "one"),
    ]


def test_a_single_column_keeps_its_nulls(good: Run, jobs: Jobs) -> None:
    jobs.add(company="Quill")
    jobs.add()
    rows = list(csv.reader(io.StringIO(good("jobs", "export", "--columns", "company").out)))
    assert rows == [["company"], [""], ["Quill"]]


def _plain_csv(content: bytes) -> Rows:
    return [dict(row) for row in csv.DictReader(io.StringIO(content.decode()))]


def _plain_jsonl(content: bytes) -> Rows:
    return [json.loads(line) for line in content.decode().splitlines()]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("-o jobs.xlsx", "jobs.xlsx: its ending tells no format: add --format csv, jsonl, parquet"),
        ("-o jobs", "jobs: its ending tells no format"),
        ("--format parquet", "Parquet needs a file: add -o FILE"),
        ("-o jobs.parquet.gz", "leave .gz out of the file's name"),
        ("--excel-safe --format jsonl", "--excel-safe goes with CSV"),
        ("--columns title,salary", 'there is no column "salary": there are id, url'),
        ("--columns ,", "name at least one of id, url"),
        ("--since yesterday", '"yesterday" is no time: write 7d, 2026-05-31'),
        ("--country Atlantis", '"Atlantis" is no country'),
        ("--query the", 'there is no word to search for in "the"'),
        ("--query the -o jobs.csv", 'there is no word to search for in "the"'),
        ("--city b\udcff", "this is not text in UTF-8"),
        ("-o nowhere/jobs.csv", "nowhere/jobs.csv: no such file or directory; check the path and your rights"),
        ("-o folder.csv", "folder.csv: is a folder; name a file in it"),
        ("-o file/jobs.csv", "not a directory; check the path and your rights"),
        ("-o /dev/full --format csv", "/dev/full: no room is left for it: make some"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(command: Run, tmp_path: Path, words: str, complaint: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").touch()
    done = command("jobs", "export", *words.split())
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert len(done.err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]


def test_for_a_spreadsheet_no_cell_is_a_formula_or_too_long(good: Run, jobs: Jobs, tmp_path: Path) -> None:
    expected = add_odd(jobs)
    assert good("jobs", "export", "-o", "jobs.csv", "--excel-safe").err.count("\n") == 1
    content = (tmp_path / "jobs.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert content.startswith("\ufeff".encode())
    assert not [cell for row in rows for cell in row.values() if cell[:1] in set("=+-@\t\r\uff1d\uff0b\uff0d\uff20")]
    assert max(len(cell) for row in rows for cell in row.values()) == 32_767
    titles = [f"'{row['title']}" if row["title"] in FORMULAS else row["title"] for row in expected]
    assert [row["title"] for row in rows] == titles
