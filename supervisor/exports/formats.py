"""Which format: as told, else by the ending of the file's name."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from supervisor.exports.writing import Sink, Writer

ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
FORMATS = ("csv", "jsonl", "parquet")
_PACKED = ".gz"
_LEVEL = 6  # of gzip: beyond it time grows faster than size shrinks


def format_of(path: Path) -> str | None:
    """The format that a name ends in, packed or not; None: in no known one."""
    endings = [ending.lower() for ending in path.suffixes]
    return ENDINGS.get(endings[-2] if is_packed(path) and len(endings) > 1 else endings[-1]) if endings else None


def is_packed(path: Path) -> bool:
    """Whether the file is to be packed with gzip."""
    return path.suffix.lower() == _PACKED


@contextlib.contextmanager
def packing(sink: IO[bytes]) -> Iterator[Sink]:
    """A sink whose bytes go into the other one packed; the same bytes whenever it is done."""
    with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
        yield packed


def new_writer(form: str, sink: Sink, columns: Sequence[str], *, excel_safe: bool = False) -> Writer:
    """A writer of that format; each is imported when it is asked for. Raises ConfigError."""
    if form == "parquet":
        from supervisor.exports.parquet_writer import ParquetWriter

        return ParquetWriter(sink, columns)
    if form == "jsonl":
        from supervisor.exports.jsonl_writer import JsonLinesWriter

        return JsonLinesWriter(sink, columns)
    from supervisor.exports.csv_writer import CsvWriter

    return CsvWriter(sink, columns, excel_safe=excel_safe)
