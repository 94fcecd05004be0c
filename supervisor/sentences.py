"""Every end of a run as a sentence that a person understands at two in the morning. The only place with prose."""

from __future__ import annotations

import signal
from typing import Any

from workers.states import Cause

_DEFAULTS = {
    Cause.TIMEOUT: "killed: hard timeout",
    Cause.STALE: "killed: no heartbeat",
    Cause.STALLED: "killed: no progress",
    Cause.MEMORY: "killed: over its memory budget",
    Cause.OOM: "killed by the kernel: out of memory (the oom_kill counter rose); lower memory_mb or raise the limit",
    Cause.KILLED: "killed by a stranger",
    Cause.BOOT_FAILED: "its process ended before it wrote its identity",
    Cause.LOST: "lost: its supervisor, launcher or lease is gone; it goes on from its checkpoint",
    Cause.FENCED: "fenced: its lease has passed on to another holder",
    Cause.REQUESTED: "stopped on request",
    Cause.SHUTDOWN: "stopped: the supervisor shut down; it goes on from its checkpoint",
    Cause.EXCEPTION: "failed",
    Cause.BLOCKED: "refused by the host",
    Cause.CRASHED: "ended without a result",
    Cause.RECYCLED: "gave its memory back at a checkpoint",
}


def of_end(cause: Cause, told: str | None, facts: dict[str, Any]) -> str | None:
    """The sentence of an end: what was told of it, then last page, heartbeat and peak, as far as known."""
    if cause is Cause.DONE:
        return told
    head = told or _DEFAULTS.get(cause, str(cause))
    tail = _figures(facts) if cause not in (Cause.REQUESTED, Cause.RECYCLED, Cause.SHUTDOWN) else ""
    return f"{head}; {tail}" if tail else head


def of_stillbirth(number: int | None) -> str | None:
    """A death by signal before the process had written its identity; None: there was no signal."""
    return None if number is None else f"{_signal_name(number)} ended its process before it wrote its identity"


def of_signal(number: int, *, core: bool = False) -> str:
    """A death by signal that we did not send."""
    name = _signal_name(number)
    return f"crashed: {name} in its own code" if core else f"killed: {name} from a stranger, not from us"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def of_exit(code: int | None) -> str:
    """An exit without a result."""
    return "ended without a result" if code is None else f"exited with status {code} without a result"


def of_trend(first_mb: float, last_mb: float, runs: int) -> str:
    """A node that takes more at each run."""
    return (
        f"its memory has climbed over {runs} runs, from {first_mb:.0f} MB to {last_mb:.0f} MB: "
        "look for what it keeps from run to run, such as a growing checkpoint, or for a site that grows"
    )


def _figures(facts: dict[str, Any]) -> str:
    """`last page 41 of 120, last heartbeat 3 s earlier, peak 212 MB of 256 MB`."""
    parts = []
    if facts.get("pages_count") is not None:
        total = f" of {facts['progress_total']}" if facts.get("progress_total") else ""
        done = facts["progress_done"] if facts.get("progress_done") is not None else facts["pages_count"]
        parts.append(f"last page {done}{total}")
    if facts.get("heartbeat_age_s") is not None:
        parts.append(f"last heartbeat {facts['heartbeat_age_s']:.0f} s earlier")
    if facts.get("peak_mb"):
        parts.append(f"peak {facts['peak_mb']:.0f} MB of {facts['budget_mb']} MB")
    return ", ".join(parts)
