"""Whether a run that found nothing should have found something, by the history of its own node."""

from __future__ import annotations

from collections.abc import Sequence

from supervisor.tables import troubles
from workers import events
from workers.database import Connection

TICKS = 10  # of the node's history that count
ENOUGH = 3  # fewer tell nothing


def expected(found: int, earlier: Sequence[int]) -> float | None:
    """What the ticks before found on average, if most of them found something and this one nothing; else None.

    A node that goes on finding nothing is told of a few times, and then that is its history.
    """
    successes = sum(1 for each in earlier if each > 0)
    if found > 0 or len(earlier) < ENOUGH or successes * 2 <= len(earlier):
        return None
    return sum(earlier) / len(earlier)


def look(connection: Connection, run_id: int, node: str) -> None:
    """Judge a run that is done and whose last part found nothing: a line in its log and an event, or neither.

    Counts over all parts of its tick. One that went on from the checkpoint of another tick had only the rest to do.
    """
    row = troubles.read_finds(connection, run_id, TICKS)
    if row is None or row["start_checkpoint"] is not None:
        return
    average = expected(row["found"], row["earlier"])
    if average is None:
        return
    reason = sentence(average, len(row["earlier"]))
    facts = {"node": node, "average": round(average, 1), "ticks": len(row["earlier"])}
    troubles.write_emptiness(connection, run_id, f"{reason}; look at the site, then at `supervisor try`", facts)
    events.emit("suspiciously_empty", run_id=run_id, reason=reason, **facts)


def sentence(average: float, ticks: int) -> str:
    """What happened, and what it was compared with."""
    amount = f"{average:.0f}" if average >= 1 else f"{average:.1f}"
    return f"found nothing; the {ticks} runs before it found {amount} on average: the site may have changed"
