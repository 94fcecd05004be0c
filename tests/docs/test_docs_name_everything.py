"""What a person can meet is in the docs: every command, event and file that is linked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supervisor.cli import COMMANDS

ROOT = Path(__file__).parent.parent.parent
DOCS = {path: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
OPERATING = DOCS[ROOT / "docs" / "operating.md"]
SOURCES = [*(ROOT / "supervisor").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_operating_page(command: str) -> None:
    table = OPERATING.split("## Commands")[1].split("##")[0]
    assert re.search(rf"`(supervisor )?{command}`", table)


def test_every_event_is_explained_and_no_other() -> None:
    emitted = {name for path in SOURCES for name in re.findall(r'\bemit\(\s*"(\w+)"', path.read_text("utf-8"))}
    table = OPERATING.split("## What the loop says")[1]
    explained = {name for line in table.splitlines() if line.startswith("| `") for name in _names(line)}
    assert emitted == explained


def _names(line: str) -> list[str]:
    return re.findall(r"`(\w+)`", line.split("|")[1])


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", DOCS[path]):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_readme_shows_problem_promise_needs_commands_and_picture_in_its_first_forty_lines() -> None:
    head = "\n".join(DOCS[ROOT / "README.md"].splitlines()[:40])
    assert all(words in head for words in ("make demo", "make test", "python3", "supervisor status"))
