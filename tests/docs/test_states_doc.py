"""docs/states.md tells of exactly the states that there are, and of what the policy makes of them."""

from __future__ import annotations

from pathlib import Path

from supervisor import decide
from workers.states import CAUSES_OF, FINAL, TRANSITIONS, Cause, NodeStatus, RunStatus

PAGE = Path(__file__).parent.parent.parent / "docs" / "states.md"
RETRIES = decide.Retries(base_s=1, cap_s=1)


def table(heading: str) -> list[list[str]]:
    """Cells of the table under a heading of the page."""
    section = PAGE.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_page_draws_the_transitions_as_they_are() -> None:
    drawn = {row[0]: set(row[1].split(", ")) for row in table("What a run may become")}
    assert drawn == {
        str(status or "(nothing)"): {str(each) for each in following} or {"(final)"}
        for status, following in TRANSITIONS.items()
    }


def test_the_page_lists_every_cause_under_its_status_with_what_follows() -> None:
    listed = {(row[0], row[1], row[3]) for row in table("Causes")}
    assert listed == {(status, cause, follows(cause)) for status in FINAL for cause in CAUSES_OF[status]}
    assert all(row[2] for row in table("Causes"))


def test_the_page_lists_every_status_of_a_node() -> None:
    assert [row[0] for row in table("States of a node")] == [str(status) for status in NodeStatus]


def follows(cause: Cause) -> str:
    if cause in CAUSES_OF[RunStatus.SKIPPED]:
        return "end"
    return decide.after(decide.End(cause=cause), attempt=1, max_attempts=2, retries=RETRIES, uniform=0).step
