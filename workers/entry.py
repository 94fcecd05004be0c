"""Where a scrape process begins: light, because the supervisor imports it to name the function it submits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.records import Assignment, Outcome


def run_assignment(assignment: Assignment) -> Outcome:
    """`workers.run.run_scrape`, imported in the process that needs it; the template holds it already."""
    from workers.run import run_scrape

    return run_scrape(assignment)
