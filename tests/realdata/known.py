"""The tables of known misses in docs/: read, compared with the misses that there are, brought up to date."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from tests.realdata.judging import Verdict

DOCS = Path(__file__).resolve().parents[2] / "docs"
NO_REASON = "?"
_FOLDER = re.compile(r"^[a-z]+/(?=[\w-]+\.)")  # of "html/page.html"
_SHORT = 28  # characters: enough to find the text, too little to be a copy of it
_HEAD = "| category | text | got | expected | why |\n| --- | --- | --- | --- | --- |\n"


class Miss(NamedTuple):
    """A miss as the table names it; equal texts of one category are one row."""

    category: str
    text: str


def shortened(value: Any) -> str:
    """A value as a cell of the table: on one line, a few words long."""
    shown = re.sub(r"\s+", " ", str(value)).strip().replace("|", "/").replace("`", "'")
    return shown if len(shown) <= _SHORT else shown[: _SHORT - 1].rstrip() + "…"


def _amount(value: Any) -> str:
    shown = ("min", "max", "currency")
    if all(hasattr(value, name) for name in shown):
        return " ".join(str(getattr(value, name)) for name in shown if getattr(value, name) is not None)
    if hasattr(value, "at"):
        return f"{value.at:%Y-%m-%d %H:%M}"
    return str(next((part for part in value if part is not None), None)) if isinstance(value, tuple) else str(value)


def misses(judged: dict[str, list[Verdict]]) -> dict[Miss, Verdict]:
    """The misses there are, as the table names them."""
    return {
        Miss(name, shortened(_FOLDER.sub("", verdict.asked))): verdict
        for name, verdicts in judged.items()
        for verdict in verdicts
        if not verdict.hit
    }


def reasons(page: str) -> dict[Miss, str]:
    """The rows of the table with the reason of each."""
    rows = page.partition(_HEAD)[2].split("\n\n")[0].splitlines()
    cells = [[cell.strip().strip("`") for cell in line.strip("| ").split(" | ")] for line in rows if line]
    return {Miss(cell[0], cell[1]): cell[-1] for cell in cells}


def _line(miss: Miss, verdict: Verdict, why: str) -> str:
    got, expected = (shortened(_amount(value)) for value in (verdict.got, verdict.expected))
    return f"| {miss.category} | `{miss.text}` | {got} | {expected} | {why} |\n"


def write(name: str, judged: dict[str, list[Verdict]]) -> None:
    """Writes the table of a page anew; rows that stay keep their reason, new ones get a question mark."""
    page = (DOCS / name).read_text("utf-8")
    kept = reasons(page)
    lines = [_line(miss, verdict, kept.get(miss, NO_REASON)) for miss, verdict in misses(judged).items()]
    before, _, after = page.partition(_HEAD)
    (DOCS / name).write_text(before + _HEAD + "".join(lines) + "\n" + after.partition("\n\n")[2], encoding="utf-8")
