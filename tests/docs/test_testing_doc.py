"""docs/testing.md and docs/guards.md name tests and files that exist, and every race."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
GUARDS = (ROOT / "docs" / "guards.md").read_text(encoding="utf-8")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)[`\[]", PAGE + GUARDS))
    assert len(named) > 100
    assert named - TESTS == set()


def test_every_file_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`((?:supervisor|workers|sql|tests)/[\w./]+)`", PAGE + GUARDS))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_races_are_numbered_without_a_gap() -> None:
    table = PAGE.split("## Races")[1].split("## ")[0]
    assert re.findall(r"^\| (\d+) \|", table, re.MULTILINE) == [str(number) for number in range(1, 34)]


def test_every_row_names_a_test() -> None:
    tables = [PAGE.split(f"## {heading}\n")[1].split("\n## ")[0] for heading in ("Promises", "Rules", "Races")]
    tables += GUARDS.split("\n## ")[1:]
    for table in tables:
        rows = [row for row in table.splitlines() if row.startswith("| ")][1:]
        assert rows
        for row in rows:
            assert re.search(r"`test_\w+[`\[]", row), row


def test_every_guard_stands_in_the_file_that_is_named_with_it() -> None:
    places = re.findall(r"`(\w+)` in `((?:supervisor|workers|sql)/[\w./]+)`", PAGE + GUARDS)
    assert len(places) > 50
    assert [place for place in places if place[0] not in (ROOT / place[1]).read_text(encoding="utf-8")] == []
