"""JSON Lines: an object a line, UTF-8, lists as lists, null as null."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from supervisor.exports.columns import COLUMNS, Kind, Row, places
from supervisor.exports.writing import Sink

# JSON lets them stand in a text, but to many readers of lines they end one.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class JsonLinesWriter:
    """Rows as objects, keys in the order of the columns."""

    def __init__(self, sink: Sink, columns: Sequence[str]) -> None:
        """Nothing stands before the first row."""
        self._sink = sink
        self._columns = columns
        self._encode: Callable[[Any], str] = json.JSONEncoder(
            ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        text = "".join(f"{self._encode(self._object(row))}\n" for row in rows)
        for character, escaped in _LINE_ENDS.items():
            if character in text:
                text = text.replace(character, escaped)
        self._sink.write(text.encode())

    def close(self) -> None:
        """Nothing stands behind the last row."""

    def abandon(self) -> None:
        """Nothing is held."""

    def _object(self, row: Row) -> dict[str, Any]:
        found = dict(zip(self._columns, row, strict=True))
        for name in self._columns:
            if COLUMNS[name] is Kind.PLACES:
                found[name] = places(found[name])
        return found
