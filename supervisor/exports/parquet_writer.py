"""Parquet: typed columns, zstd, a few megabytes a row group."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from supervisor.exports.columns import COLUMNS, PLACE, Kind, Row, places
from supervisor.exports.writing import Sink
from workers.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP_BYTES = 16_000_000  # what waits in memory until it is written
# Few different values: worth a dictionary. Long texts would only fill one.
_OFTEN_THE_SAME = ("source", "company", "city", "region", "country", "job_type", "salary_currency", "salary_period",
                   "posted_precision", "last_run_id")  # fmt: skip


class ParquetWriter:
    """Rows as row groups."""

    def __init__(self, sink: Sink, columns: Sequence[str]) -> None:
        """Write the beginning of the file. Raises ConfigError where pyarrow is missing."""
        require()
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema([(name, _type(COLUMNS[name])) for name in columns])
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        often = [name for name in columns if name in _OFTEN_THE_SAME]
        self._file = pq.ParquetWriter(sink, self._schema, compression="zstd", use_dictionary=often)

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        import pyarrow as pa

        arrays = [
            _array(COLUMNS[name], values)
            for name, values in zip(self._schema.names, zip(*rows, strict=True), strict=True)
        ]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        self._waiting.append(batch)
        self._waiting_bytes += batch.nbytes
        if self._waiting_bytes >= _GROUP_BYTES:
            self._write_group()

    def close(self) -> None:
        """Write the last row group and the directory of them all."""
        self._write_group()
        self._file.close()

    def abandon(self) -> None:
        """Let go of a sink that is about to be closed."""
        with contextlib.suppress(Exception):
            self._file.close()

    def _write_group(self) -> None:
        import pyarrow as pa

        if self._waiting:
            self._file.write_table(pa.Table.from_batches(self._waiting))
            self._waiting, self._waiting_bytes = [], 0


def require() -> None:
    """Raise ConfigError, with the way out, where pyarrow is missing."""
    try:
        import pyarrow.parquet  # noqa: F401 - asked before anything is begun
    except ImportError as error:
        raise ConfigError(
            "Parquet needs pyarrow, which is not installed: run `pip install 'scrapewarden[parquet]'`, or export to "
            "CSV or JSON Lines"
        ) from error


def _type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    types: dict[Kind, pa.DataType] = {
        Kind.WHOLE: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.TEXT: pa.string(),
        Kind.SWITCH: pa.bool_(),
        Kind.TIME: pa.timestamp("us", tz="UTC"),
        Kind.WORDS: pa.list_(pa.string()),
        Kind.PLACES: pa.list_(pa.struct([(part, pa.string()) for part in PLACE])),
    }
    return types[kind]


def _array(kind: Kind, values: Sequence[Any]) -> pa.Array:
    import pyarrow as pa

    if kind is Kind.PLACES:
        return pa.array(map(places, values), _type(kind))
    if kind is Kind.TIME:
        return pa.array(values, pa.string()).cast(_type(kind))
    return pa.array(values, _type(kind))
