"""What commands write: JSON for programs, tables and lines for people, sentences on stderr."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

STYLES = {
    "ok": "green",
    "pass": "green",
    "kept": "green",
    "BROKEN": "bold red",
    "not run": "dim",
    "fail": "bold red",
    "error": "red",
    "warn": "yellow",
    "warning": "yellow",
    "debug": "dim",
    "running": "green",
    "starting": "green",
    "waiting": "yellow",
    "stopping": "yellow",
    "stopped": "dim",
    "skipped": "dim",
    "paused": "red",
    "open": "red",
    "half_open": "yellow",
}
_WIDEST = 100_000  # columns when nobody looks: one line a row, nothing cut
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def say(sentence: str) -> None:
    """A sentence for the person, on stderr."""
    click.echo(sentence, err=True)


def write(text: str, *, newline: bool = True) -> None:
    """A line of output."""
    click.echo(text, nl=newline)


def write_json(value: Any, *, line: bool = False) -> None:
    """A value as JSON: readable, or on one line."""
    write(as_json(value, indent=None if line else 2))


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON with times in ISO 8601 UTC; escaped where the output's encoding cannot show everything."""
    ascii_only = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") != "utf8"
    return json.dumps(value, indent=indent, ensure_ascii=ascii_only, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return str(value)  # uuid


def one_line(text: object) -> str:
    """Text from anywhere as one line that cannot steer a terminal."""
    words = " ".join(str(text).split())
    return "".join(_REPLACED if unicodedata.category(c) in {"Cc", "Cf"} else c for c in words)


def moment(value: datetime | None) -> str:
    """A time for a table: UTC to the second."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if value else "-"


def write_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; without a terminal one line a row, whatever its width."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else _WIDEST
    console = Console(width=wide, highlight=False)
    with console.capture() as captured:
        console.print(make_table(headings, rows))
    # Not printed by rich itself: it ends the process when the reader of a pipe has left.
    write("\n".join(line.rstrip() for line in captured.get().splitlines()))


def make_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """The same as an object of rich. Columns of numbers stand to the right; only the last column is ever folded."""
    from rich.table import Table

    cells = list(rows)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for at, heading in enumerate(headings):
        numeric = bool(cells) and all(isinstance(row[at], int | float | None) for row in cells)
        table.add_column(
            heading, justify="right" if numeric else "left", no_wrap=at < len(headings) - 1, overflow="fold"
        )
    for row in cells:
        table.add_row(*map(_cell, row))
    return table


def _cell(value: object) -> Text:
    from rich.text import Text

    if value is None or value == "":
        return Text("-", style="dim")
    if isinstance(value, float):
        return Text(f"{value:.0f}")
    text = one_line(value)
    return Text(text, style=STYLES.get(text, ""))


def write_facts(facts: Mapping[str, object]) -> None:
    """One object for a person: a line for each of its keys."""
    width = max((len(key) for key in facts), default=0)
    for key, value in facts.items():
        shown = moment(value) if isinstance(value, datetime) else _fact(value)
        write(f"{key:<{width}}  {shown}")


def _fact(value: object) -> str:
    if value is None:
        return "-"
    return as_json(value) if isinstance(value, dict | list | bool) else one_line(value)
