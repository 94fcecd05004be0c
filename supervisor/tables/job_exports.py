"""Jobs read for an export: a few at a time, all as they were at one moment."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Generator, Iterator
from datetime import datetime
from operator import itemgetter
from typing import Any

import psycopg
from psycopg import IsolationLevel
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.rows import tuple_row
from psycopg.types.string import TextLoader

from supervisor.exports.columns import COLUMNS, Row
from workers import queries
from workers.database import Connection, fetch_one

_SQL = queries.load("job_exports")
_CURSOR = "jobs_export"
_ROWS_FIRST, _ROWS_LEAST, _ROWS_MOST = 100, 10, 1_000  # of a batch
_BATCH_CHARACTERS = 1_000_000  # a description may have a hundred thousand
_ROW_CHARACTERS = 500  # of a job's other columns
_DESCRIPTION = list(COLUMNS).index("description")
_CANCEL_S = 2.0
_ISO_LENGTH = len("2026-01-01 00:00:00+00")


@contextlib.contextmanager
def begin_export(connection: Connection) -> Iterator[datetime]:
    """A transaction that sees one moment, which it says, writes nothing, and reads what `export_jobs` reads."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction(), _letting_go(connection):
        yield (fetch_one(connection, _SQL["begin_export"]) or {})["began_at"]


@contextlib.contextmanager
def _letting_go(connection: Connection) -> Iterator[None]:
    """Have an interruption end the statement under way, and the connection: what it says next answers that one."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        if not connection.closed:
            with contextlib.suppress(psycopg.Error):
                connection.cancel_safe(timeout=_CANCEL_S)
            connection.close()
        raise


class JobRows:
    """The jobs that an export asks for."""

    def __init__(self, connection: Connection, query: bytes, asked: dict[str, Any], columns: list[str]) -> None:
        """Nothing is read yet."""
        self._connection = connection
        self._query = query
        self._asked = asked
        self._columns = columns

    def estimate(self) -> int:
        """How many the server expects there to be, without looking at them."""
        row = self._connection.execute(b"explain (format json) " + self._query, self._asked).fetchone()
        return int(row["QUERY PLAN"][0]["Plan"]["Plan Rows"]) if row else 0

    def batches(self) -> Generator[list[Row], None, None]:
        """All rows, in the order of the columns; times as ISO 8601 texts, `locations` as JSON text."""
        with self._connection.cursor(name=_CURSOR, row_factory=tuple_row) as cursor, _letting_go(self._connection):
            cursor.adapters.register_loader("timestamptz", _IsoTime)
            cursor.adapters.register_loader("float8", _Number)
            cursor.adapters.register_loader("jsonb", TextLoader)
            cursor.execute(self._query, self._asked)
            size = _ROWS_FIRST
            while rows := cursor.fetchmany(size):
                yield self._chosen(rows)
                size = _next_size(rows)

    def _chosen(self, rows: list[Row]) -> list[Row]:
        if self._columns == list(COLUMNS):
            return rows
        at = [list(COLUMNS).index(column) for column in self._columns]
        return [(row[at[0]],) for row in rows] if len(at) == 1 else list(map(itemgetter(*at), rows))


def check_words(connection: Connection, words: str | None) -> bool:
    """Whether there are words to search for. Raises psycopg.errors.InvalidParameterValue with a sentence."""
    row = fetch_one(connection, _SQL["check_words"], words=words)
    return bool(row and row["any_words"])


def export_jobs(connection: Connection, columns: list[str], **filters: Any) -> JobRows:
    """The jobs that pass all filters (None: any), within `begin_export`."""
    return JobRows(connection, _SQL["export_jobs"], {"columns": columns, **filters}, columns)


def _next_size(rows: list[Row]) -> int:
    """As many as are likely to be no heavier than a batch may be, going by the last ones."""
    characters = sum(len(row[_DESCRIPTION] or "") + _ROW_CHARACTERS for row in rows)
    fitting = _BATCH_CHARACTERS * len(rows) // characters
    return max(_ROWS_LEAST, min(fitting, 2 * len(rows), _ROWS_MOST))


class _IsoTime(Loader):
    """The server's `2026-01-01 09:30:00.5+00` as `2026-01-01T09:30:00.5+00:00`, without a detour over an object."""

    def load(self, data: Buffer) -> str | None:
        """Null where ISO 8601 has no such time: infinity, before the year 1, after the year 9999."""
        text = bytes(data).decode()
        if text[4:5] != "-" or not text.endswith("+00") or len(text) < _ISO_LENGTH:
            return None
        return f"{text[:10]}T{text[11:]}:00"


class _Number(Loader):
    """A whole number as one, so that no file says 60000.0 for what the table calls 60000."""

    def load(self, data: Buffer) -> float | None:
        """Null where no format has a word for it: NaN, infinity."""
        text = bytes(data)
        if text.isdigit():
            return int(text)
        number = float(text)
        return number if math.isfinite(number) else None
