"""How much of the real data is understood, category by category: `make realdata`."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.realdata import apis, dates, feeds, marked_up, pages, pay, places
from tests.realdata.folder import ABSENT, FOLDER
from tests.realdata.judging import Category, Verdict, share

CATEGORIES: dict[str, Category] = {
    category.name: category
    for module in (dates, places, pay, marked_up, pages, apis, feeds)
    for category in module.CATEGORIES
}


def row(category: Category, verdicts: list[Verdict]) -> dict[str, Any]:
    """One line of the report."""
    micros = [verdict.micros for verdict in verdicts if verdict.micros is not None]
    return {
        "category": category.name,
        "hits": sum(verdict.hit for verdict in verdicts),
        "total": len(verdicts),
        "percent": round(100 * share(verdicts), 2) if verdicts else None,
        "floor_percent": round(100 * category.floor, 2),
        "median_us": round(statistics.median(micros)) if micros else None,
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    shown = Table(title="Real data", title_justify="left")
    shown.add_column("category")
    for heading in ("hits", "total", "percent", "asked for", "µs a call"):
        shown.add_column(heading, justify="right")
    for line in rows:
        percent = "-" if line["percent"] is None else f"{line['percent']:.2f}"
        micros = "-" if line["median_us"] is None else str(line["median_us"])
        style = "red" if line["percent"] is not None and line["percent"] < line["floor_percent"] else None
        numbers = (str(line["hits"]), str(line["total"]), percent, f"{line['floor_percent']:g}", micros)
        shown.add_row(line["category"], *numbers, style=style)
    Console().print(shown)


def _print_misses(category: Category) -> None:
    console = Console(markup=False, highlight=False, soft_wrap=True)
    misses = [verdict for verdict in category.verdicts(FOLDER) if not verdict.hit]
    for miss in misses:
        console.print(f"{miss.asked}\n    got       {miss.got}\n    expected  {miss.expected}")
    console.print(f"{len(misses)} misses in {category.name}")


def main() -> int:
    """Prints the report; 2 where the real data is absent."""
    parser = argparse.ArgumentParser(prog="make realdata ARGS=...", description=__doc__)
    parser.add_argument("--misses", metavar="CATEGORY", choices=CATEGORIES, help="list each miss of one category")
    parser.add_argument("--json", action="store_true", help="the table as an array of objects")
    parser.add_argument("--write", action="store_true", help="bring the tables of misses in docs/ up to date")
    options = parser.parse_args()
    if not FOLDER.is_dir():
        sys.stderr.write(f"{ABSENT}.\n")
        return 2
    if options.misses:
        _print_misses(CATEGORIES[options.misses])
        return 0
    judged = [(category, category.verdicts(FOLDER)) for category in CATEGORIES.values()]
    if options.write:
        from tests.realdata.known import write

        for page in sorted({category.page for category, _ in judged if category.page}):
            write(page, {category.name: verdicts for category, verdicts in judged if category.page == page})
    rows = [row(category, verdicts) for category, verdicts in judged]
    if options.json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        _print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
