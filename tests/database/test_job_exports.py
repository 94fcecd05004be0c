"""How jobs are read for an export: at one moment, in one form, a few at a time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from supervisor.exports.columns import COLUMNS, places
from supervisor.exports.target import replacing
from supervisor.tables import job_exports
from tests.fix_database import Connection, connect
from tests.fix_jobs import Jobs
from workers import database

NO_FILTER = dict.fromkeys(
    ("sources", "countries", "region", "city", "remote", "since", "until", "query", "limit"), None
)


def read(url: str, **filters: Any) -> list[list[tuple[Any, ...]]]:
    """All batches."""
    with database.connect(url) as connection, job_exports.begin_export(connection):
        return list(job_exports.export_jobs(connection, list(COLUMNS), **NO_FILTER | filters).batches())


def test_an_export_has_every_column_of_the_view_in_its_order(connection: Connection) -> None:
    cursor = connection.execute("select * from jobs_view limit 0")
    assert [column.name for column in cursor.description or []] == list(COLUMNS)


def test_what_is_stored_or_deleted_meanwhile_changes_nothing(database_url: str, jobs: Jobs) -> None:
    jobs.add_many(1_000)
    with database.connect(database_url) as reader, job_exports.begin_export(reader):
        batches = job_exports.export_jobs(reader, ["id"], **NO_FILTER).batches()
        found = next(batches)
        jobs.connection.execute("delete from jobs where id % 2 = 0")
        jobs.add()
        found += [row for batch in batches for row in batch]
    assert len(set(found)) == 1_000


def test_it_can_write_nothing(database_url: str) -> None:
    refused = pytest.raises(psycopg.errors.ReadOnlySqlTransaction)
    with refused, database.connect(database_url) as reader, job_exports.begin_export(reader):
        reader.execute("delete from jobs")


def test_no_setting_of_the_user_changes_what_is_read(database_url: str, jobs: Jobs) -> None:
    jobs.add(
        salary_min=0.1, salary_max=100_000_000_000_000.0, posted_at=datetime.fromisoformat("2026-03-29T02:30:00.5Z")
    )
    expected = read(database_url)
    name = database_url.rpartition("/")[2].partition("?")[0]
    for setting in ("timezone = 'Asia/Kolkata'", "datestyle = 'German, DMY'", "extra_float_digits = -5"):
        jobs.connection.execute(f"alter database {name} set {setting}".encode())
    with connect(database_url) as other:  # the settings are those of new sessions
        row = other.execute("select posted_at::text as at, salary_min::text as pay from jobs").fetchone()
    assert row == {"at": "29.03.2026 08:00:00.5 IST", "pay": "0.1"}
    assert read(database_url) == expected
    (batch,) = expected
    assert dict(zip(COLUMNS, batch[0], strict=True))["posted_at"] == "2026-03-29T02:30:00.5+00:00"


def test_times_and_numbers_that_no_format_has_a_word_for_are_null(database_url: str, jobs: Jobs) -> None:
    for at, pay in (
        ("infinity", "NaN"),
        ("-infinity", "infinity"),
        ("0044-03-15 BC", "-infinity"),
        ("12026-01-01", "1"),
    ):
        jobs.add(posted_at=at, salary_min=pay)
    (batch,) = read(database_url)
    found = [dict(zip(COLUMNS, row, strict=True)) for row in batch]
    assert [row["posted_at"] for row in found] == [None] * 4
    assert [row["salary_min"] for row in found] == [1, None, None, None]


def test_heavy_descriptions_come_a_few_at_a_time(database_url: str, jobs: Jobs) -> None:
    jobs.add_many(200, 100_000)
    sizes = [len(batch) for batch in read(database_url)]
    assert sum(sizes) == 200
    assert max(sizes[1:]) == 10


def test_light_rows_come_a_thousand_at_a_time(database_url: str, jobs: Jobs) -> None:
    jobs.add_many(5_000)
    sizes = [len(batch) for batch in read(database_url)]
    assert sizes[:5] == [100, 200, 400, 800, 1_000]


def test_the_estimate_is_the_servers_and_knows_the_limit(database_url: str, jobs: Jobs) -> None:
    jobs.add_many(2_000)
    with database.connect(database_url) as reader, job_exports.begin_export(reader):
        assert job_exports.export_jobs(reader, ["id"], **NO_FILTER).estimate() == 2_000
        assert job_exports.export_jobs(reader, ["id"], **NO_FILTER | {"limit": 7}).estimate() == 7


@pytest.mark.parametrize("locations", [{"city": "Berlin"}, "Berlin", 7, [7, None, ["x"]], [{"city": {"a": 1}}], None])
def test_rubbish_in_locations_costs_no_row_and_no_export(database_url: str, jobs: Jobs, locations: Any) -> None:
    jobs.add(locations=locations, city="Leeds")
    (batch,) = read(database_url, city="leeds")
    text = dict(zip(COLUMNS, batch[0], strict=True))["locations"]
    expected = [dict.fromkeys(("city", "region", "country"))] if locations == [{"city": {"a": 1}}] else []
    assert places(text) == expected
    assert read(database_url, region="nowhere") == []


def test_where_a_disk_knows_no_nameless_files_a_hidden_one_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.O_TMPFILE")
    path = tmp_path / "jobs.csv"
    with replacing(path) as stream:
        stream.write(b"new")
        (hidden,) = tmp_path.iterdir()
        assert hidden.name.startswith(".jobs.csv.")
    assert path.read_bytes() == b"new"
    with pytest.raises(TypeError), replacing(path) as stream:
        stream.writelines([b"newer", 7])  # type: ignore[list-item] # that is what goes wrong
    assert [found.name for found in tmp_path.iterdir()] == ["jobs.csv"]
    assert path.read_bytes() == b"new"
