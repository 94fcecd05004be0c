"""Where a scrape process begins: light, because the supervisor imports it to name the functions it submits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.records import Assignment, Outcome


def warm_up(url: str, parent_pid: int) -> None:
    """`workers.warm.warm_up`, in a process that waits for its assignment."""
    from workers.warm import warm_up

    warm_up(url, parent_pid)


def run_assignment(assignment: Assignment) -> Outcome:
    """`workers.run.run_scrape`, imported in the process that needs it; the template holds it already."""
    from workers.run import run_scrape

    return run_scrape(assignment)
