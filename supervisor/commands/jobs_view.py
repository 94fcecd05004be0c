"""Jobs for a person to read: three lines each."""

from __future__ import annotations

from collections.abc import Iterable

import click
from psycopg.rows import DictRow

from supervisor.commands.output import moment, one_line, write

_INDENT = " " * 21
_OPEN, _CLOSE = "<b>", "</b>"


def write_jobs(rows: Iterable[DictRow]) -> None:
    """When, what, who, where and for how much; the address; the place in the text, its words in bold."""
    for row in rows:
        facts = (row["company"], _place(row), "remote" if row["remote"] else None, _pay(row))
        title = click.style(one_line(row["title"]), bold=True)
        shown = " · ".join([title, *(one_line(fact) for fact in facts if fact)])
        write(f"{moment(row['listed_at'])}  {shown}")
        write(f"{_INDENT}{one_line(row['url'])}")
        if row["snippet"]:
            write(f"{_INDENT}{_bold(one_line(row['snippet']))}")


def _place(row: DictRow) -> str:
    return ", ".join(part for part in (row["city"], row["region"], row["country"]) if part)


def _pay(row: DictRow) -> str:
    amounts = [f"{row[key]:,.10g}" for key in ("salary_min", "salary_max") if row[key] is not None]
    if not amounts:
        return ""
    per = f" a {row['salary_period']}" if row["salary_period"] else ""
    return f"{'-'.join(dict.fromkeys(amounts))} {row['salary_currency'] or ''}".rstrip() + per


def _bold(snippet: str) -> str:
    """Where there is no terminal the words stand as they are."""
    first, *marked = snippet.split(_OPEN)
    parts = [part.partition(_CLOSE) for part in marked]
    return first + "".join(f"{click.style(word, bold=True)}{rest}" for word, _, rest in parts)
