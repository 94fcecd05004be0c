"""Every state and cause, and the table of what may follow what."""

from __future__ import annotations

from enum import StrEnum


class NodeStatus(StrEnum):
    """What the loop last wrote about a node."""

    IDLE = "idle"
    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    PAUSED = "paused"


class RunStatus(StrEnum):
    """Where a run stands; the last four are final."""

    STARTING = "starting"
    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    STOPPED = "stopped"
    SKIPPED = "skipped"


class Cause(StrEnum):
    """Which way a run came to its final status."""

    DONE = "done"
    RECYCLED = "recycled"
    EXCEPTION = "exception"
    BLOCKED = "blocked"
    TIMEOUT = "timeout"
    STALLED = "stalled"
    STALE = "stale"
    MEMORY = "memory"
    OOM = "oom"
    CRASHED = "crashed"
    KILLED = "killed"
    BOOT_FAILED = "boot_failed"
    LOST = "lost"
    FENCED = "fenced"
    REQUESTED = "requested"
    SHUTDOWN = "shutdown"
    LEASE_HELD = "lease_held"
    BREAKER_OPEN = "breaker_open"
    NO_MEMORY = "no_memory"
    NO_SLOT = "no_slot"
    TOO_BIG = "too_big"
    STILL_RUNNING = "still_running"
    MISSED = "missed"


class EndedBy(StrEnum):
    """The rung of the ladder that ended a run."""

    SELF = "self"
    SOFT = "soft"
    TERM = "term"
    KILL = "kill"


CAUSES_OF: dict[RunStatus, frozenset[Cause]] = {
    RunStatus.OK: frozenset({Cause.DONE, Cause.RECYCLED}),
    RunStatus.ERROR: frozenset(
        {
            Cause.EXCEPTION,
            Cause.BLOCKED,
            Cause.TIMEOUT,
            Cause.STALLED,
            Cause.STALE,
            Cause.MEMORY,
            Cause.OOM,
            Cause.CRASHED,
            Cause.KILLED,
            Cause.BOOT_FAILED,
            Cause.LOST,
            Cause.FENCED,
        }
    ),
    RunStatus.STOPPED: frozenset({Cause.REQUESTED, Cause.SHUTDOWN}),
    RunStatus.SKIPPED: frozenset(
        {
            Cause.LEASE_HELD,
            Cause.BREAKER_OPEN,
            Cause.NO_MEMORY,
            Cause.NO_SLOT,
            Cause.TOO_BIG,
            Cause.STILL_RUNNING,
            Cause.MISSED,
        }
    ),
}

FINAL = frozenset(CAUSES_OF)

# Skipped rows are born final: no process ever belonged to them.
TRANSITIONS: dict[RunStatus | None, frozenset[RunStatus]] = {
    None: frozenset({RunStatus.STARTING, RunStatus.SKIPPED}),
    RunStatus.STARTING: frozenset({RunStatus.RUNNING, RunStatus.OK, RunStatus.ERROR, RunStatus.STOPPED}),
    RunStatus.RUNNING: frozenset({RunStatus.OK, RunStatus.ERROR, RunStatus.STOPPED}),
    RunStatus.OK: frozenset(),
    RunStatus.ERROR: frozenset(),
    RunStatus.STOPPED: frozenset(),
    RunStatus.SKIPPED: frozenset(),
}

# These ends were nobody's fault: the next part of the same attempt follows.
UNCHARGED = frozenset({Cause.RECYCLED, Cause.LOST, Cause.FENCED, Cause.SHUTDOWN})


def status_of(cause: Cause) -> RunStatus:
    """The one final status a cause belongs to."""
    return next(status for status, causes in CAUSES_OF.items() if cause in causes)
