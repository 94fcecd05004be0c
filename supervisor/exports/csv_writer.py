"""CSV as RFC 4180 has it, UTF-8: null is an empty field, lists are JSON text. Or as spreadsheets need it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from supervisor.exports.columns import COLUMNS, Kind, Row
from supervisor.exports.writing import Sink

# What a spreadsheet takes for the beginning of a formula, the wide forms of East Asia among it.
FORMULA = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
CELL_MOST = 32_767  # characters; what is longer spills into the next row
_BOM = b"\xef\xbb\xbf"
_NEEDS_QUOTES = re.compile(r'[",\r\n]')
_QUOTE = '"'
_EMPTY = '""'  # also what a quote becomes between quotes


class CsvWriter:
    """Rows as lines. The csv module would look at each character of texts of thousands of them.

    `formulas` counts the texts that a spreadsheet would take for a formula.
    """

    def __init__(self, sink: Sink, columns: Sequence[str], *, excel_safe: bool = False) -> None:
        """Write the line of the columns' names."""
        self.formulas = 0
        self._sink = sink
        render: dict[Kind, Callable[[Any], str]] = {
            Kind.TEXT: self._safe_text if excel_safe else self._text,
            Kind.PLACES: _quoted,
            Kind.SWITCH: lambda value: "true" if value else "false",
            Kind.WORDS: lambda value: _quoted(json.dumps(value, ensure_ascii=False)),
        }
        self._renders = [render.get(COLUMNS[name], str) for name in columns]
        if excel_safe:
            sink.write(_BOM)
        sink.write(f"{','.join(columns)}\r\n".encode())

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        self._sink.write("".join(map(self._line, rows)).encode())

    def close(self) -> None:
        """Nothing stands behind the last row."""

    def abandon(self) -> None:
        """Nothing is held."""

    def _line(self, row: Row) -> str:
        # A line with nothing in it would be no row to most readers.
        cells = ["" if value is None else render(value) for render, value in zip(self._renders, row, strict=True)]
        return f"{','.join(cells) or _EMPTY}\r\n"

    def _text(self, text: str) -> str:
        if text[:1] in FORMULA:
            self.formulas += 1
        return _quoted(text)

    def _safe_text(self, text: str) -> str:
        if text[:1] in FORMULA:
            self.formulas += 1
            text = f"'{text}"
        return _quoted(text[:CELL_MOST])


def _quoted(text: str) -> str:
    """Quotes where they are needed; an empty text has them, so that it is not null."""
    return f'"{text.replace(_QUOTE, _EMPTY)}"' if _NEEDS_QUOTES.search(text) or not text else text
