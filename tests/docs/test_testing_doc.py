"""docs/testing.md names tests and files that exist, and every race."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 100
    assert named - TESTS == set()


def test_every_file_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`((?:supervisor|workers|sql|tests)/[\w./]+)`", PAGE))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_races_are_numbered_without_a_gap() -> None:
    table = PAGE.split("## Races")[1].split("## ")[0]
    assert re.findall(r"^\| (\d+) \|", table, re.MULTILINE) == [str(number) for number in range(1, 25)]


def test_every_row_names_a_test() -> None:
    for heading in ("## Promises", "## Rules", "## Guards", "## Races"):
        rows = [row for row in PAGE.split(heading)[1].split("\n## ")[0].splitlines() if row.startswith("| ")][2:]
        assert rows
        for row in rows:
            assert re.search(r"`test_\w+`", row), row
