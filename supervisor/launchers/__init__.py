"""The launcher seam: what turns an assignment into a process. Five verbs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from workers.records import Assignment, Outcome
from workers.states import Cause, EndedBy


class LaunchError(Exception):
    """No process came of an assignment; the text says why."""


@dataclass(kw_only=True, slots=True)
class Flight:
    """One scrape under way: what the guard watches and settling needs. Times are CLOCK_BOOTTIME seconds."""

    assignment: Assignment
    pid: int
    lease_sent_at: float  # when the last good claim or renewal was sent
    soft_s: float = 10.0
    term_s: float = 3.0
    deadline: float = 0.0
    measured_mb: float = 0.0
    peak_mb: float = 0.0
    over_since: float | None = None  # over budget since then
    intent: Cause | None = None  # why we ended it; None: it ends by itself
    sentence: str | None = None
    rung: EndedBy = EndedBy.SELF
    next_rung_at: float | None = None
    finished_seen_at: float | None = None  # its result arrived; the process should follow


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A scrape whose process tree is gone."""

    flight: Flight
    outcome: Outcome | None  # its own verdict, if it arrived
    exit_code: int | None = None  # ≥ 0
    exit_signal: int | None = None
    launcher_died: bool = False  # the forkserver took its children along
    launcher_pid: int | None = None  # whose death that was: one for all that it took along
    oom_killed: bool = False  # the cgroup's counter rose


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """What a launcher could start now."""

    slots: int
    reason: str = ""
    ended: list[Ended] = field(default_factory=list)


class Launcher(Protocol):
    """What the loop knows of a launcher."""

    @property
    def helpers(self) -> set[int]:
        """Pids of processes of its own that are no scrapes."""
        ...

    @property
    def fresh_mb(self) -> float:
        """What a scrape weighs before it has done anything, in MB."""
        ...

    def room(self) -> Room:
        """How many more scrapes could start, and if none, why."""
        ...

    def launch(self, assignment: Assignment, lease_sent_at: float) -> Flight:
        """Start one; raises LaunchError."""
        ...

    def poll(self) -> list[Ended]:
        """Those that ended since the last call, with nothing of them left."""
        ...

    def end(self, run_id: int, cause: Cause, sentence: str | None, rung: EndedBy) -> None:
        """Begin or raise the ladder of one scrape: soft, term, kill."""
        ...

    def close(self) -> None:
        """End everything that is left and give all back."""
        ...
