"""Policy, apart from any act: values in, a named decision with its reason out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from workers.states import UNCHARGED, Cause, RunStatus, status_of

_EXHAUSTED = 0.05  # of the limit
LONGEST_WAIT_S = 1800.0  # whatever a host asks for

Step = Literal["end", "part", "retry", "bury", "stop"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Next:
    """What follows the end of a run."""

    step: Step
    delay_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """Start it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """Not now."""

    cause: Cause
    reason: str
    again_s: float = 1.0  # worth another look then


@dataclass(frozen=True, kw_only=True, slots=True)
class Refuse:
    """Never here: the tick is skipped."""

    cause: Cause
    reason: str


Admission = Launch | Wait | Refuse


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """Memory, in MB, as it is now."""

    available_mb: float
    limit_mb: float
    source: str
    reserve_mb: float
    promised_mb: float  # budgets of running scrapes that they have not used yet
    own_mb: float  # our own processes
    held_mb: float = 0.0  # what would be free if all that runs ended
    running: int
    paused: bool = False  # less than the reserve was left, and there is not clearly more yet
    resume_mb: float = 0.0  # then launches go on

    @property
    def free_mb(self) -> float:
        """What a new scrape may have."""
        return self.available_mb - self.promised_mb - self.reserve_mb

    @property
    def ever_mb(self) -> float:
        """What a scrape could have at most, were nothing else running."""
        return self.limit_mb - self.reserve_mb - self.own_mb

    def could_fit(self, budget_mb: float) -> bool:
        """Whether it would fit if all that runs here ended."""
        return self.available_mb + self.held_mb - self.reserve_mb >= budget_mb

    def is_scarce(self, budget_mb: float) -> bool:
        """Whether a launch would take more than half of what is free."""
        return self.free_mb < 2 * budget_mb

    def with_promise(self, budget_mb: float) -> Room:
        """The room that is left after one more launch."""
        return replace(self, promised_mb=self.promised_mb + budget_mb, running=self.running + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retries:
    """Section [retry] of the configuration."""

    base_s: float
    cap_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """How a run ended, as far as it matters to what follows."""

    cause: Cause
    retriable: bool = True  # False: a further attempt cannot help
    met_breaker: bool = False  # an open breaker ended it: that is nobody's fault
    wait_s: float = 0.0  # a host asked not to be asked again before


def after(end: End, *, attempt: int, max_attempts: int, retries: Retries, uniform: float) -> Next:
    """What follows a run; `uniform` is a random number in [0, 1)."""
    cause = end.cause
    if cause is Cause.DONE:
        return Next(step="end")
    if cause is Cause.REQUESTED:
        return Next(step="stop")
    if cause in UNCHARGED or (cause is Cause.BLOCKED and end.met_breaker):
        return Next(step="part")  # how long the breaker stays open is known at the gate
    if not end.retriable or attempt >= max_attempts:
        return Next(step="bury")
    asked_s = min(end.wait_s, LONGEST_WAIT_S)
    return Next(step="retry", delay_s=max(retry_delay_s(attempt, retries, uniform), asked_s))


def retry_delay_s(attempt: int, retries: Retries, uniform: float) -> float:
    """min(cap, base · 2^(attempt-1)), cut by up to half so that nodes that failed together do not return together."""
    longest = min(retries.cap_s, retries.base_s * 2.0 ** min(attempt - 1, 60))
    return longest * (0.5 + uniform / 2)


def admit(budget_mb: int, room: Room) -> Admission:
    """Whether memory for a budget is really there."""
    if budget_mb > room.ever_mb:
        return Refuse(
            cause=Cause.TOO_BIG,
            reason=f"needs {budget_mb} MB, but at most {room.ever_mb:.0f} MB can ever be free here: "
            f"{room.source} less {room.reserve_mb:.0f} MB reserve and {room.own_mb:.0f} MB of our own; "
            "lower memory_mb or raise the limit",
        )
    if room.paused:
        return Wait(
            cause=Cause.NO_MEMORY,
            reason=f"memory: launches are paused at {room.available_mb:.0f} MB available, {room.reserve_mb:.0f} MB are "
            f"the reserve; they go on at {room.resume_mb:.0f} MB ({room.source})",
        )
    if room.free_mb < budget_mb:
        return Wait(
            cause=Cause.NO_MEMORY,
            reason=f"memory: needs {budget_mb} MB, {max(0.0, room.free_mb):.0f} MB free "
            f"({room.available_mb:.0f} MB available, {room.promised_mb:.0f} MB promised to {room.running} running, "
            f"{room.reserve_mb:.0f} MB reserve; {room.source})",
        )
    return Launch()


@dataclass(frozen=True, kw_only=True, slots=True)
class Breaker:
    """The breaker of the host that a node asks first, which is not closed."""

    host: str
    left_s: float  # until it may be tried; below zero: it may
    until: str  # the same as a time of day, UTC
    error: str | None  # the failure that opened it
    probe_run_id: int | None  # the run that is trying the host at this moment


def mind(breaker: Breaker, tried_by: str | None) -> Wait | None:
    """Whether the host has to be left alone; `tried_by`: our node that was launched to try it."""
    if breaker.left_s > 0:
        told = f" ({breaker.error})" if breaker.error else ""
        reason = f"breaker: {breaker.host} is left alone until {breaker.until}{told}"
        return Wait(cause=Cause.BREAKER_OPEN, reason=reason, again_s=breaker.left_s)
    if breaker.probe_run_id is not None:
        reason = f"breaker: run {breaker.probe_run_id} tries whether {breaker.host} is well again"
        return Wait(cause=Cause.BREAKER_OPEN, reason=reason)
    if tried_by is not None:
        reason = f"breaker: {tried_by} tries whether {breaker.host} is well again"
        return Wait(cause=Cause.BREAKER_OPEN, reason=reason)
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What a running scrape weighs."""

    run_id: int
    measured_mb: float
    budget_mb: float
    launched_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Victim:
    """Whom to end when memory runs out."""

    run_id: int
    why: str


def is_exhausted(available_mb: float, limit_mb: float) -> bool:
    """Whether so little is left that the kernel may kill next, and not whom we would choose."""
    return available_mb < limit_mb * _EXHAUSTED


def whom_to_end(loads: Sequence[Load]) -> Victim | None:
    """Who breaks its promise most, else who has the least to lose: the youngest."""
    if not loads:
        return None
    worst = max(loads, key=lambda load: load.measured_mb - load.budget_mb)
    if worst.measured_mb > worst.budget_mb:
        figures = f"{worst.measured_mb:.0f} MB of {worst.budget_mb:.0f} MB"
        return Victim(run_id=worst.run_id, why=f"furthest over its budget, {figures}")
    youngest = max(loads, key=lambda load: load.launched_at)
    return Victim(run_id=youngest.run_id, why=f"the youngest, {youngest.measured_mb:.0f} MB")


def held_back(waited_s: float, ageing_s: float) -> bool:
    """Whether a node has waited for memory so long that nobody behind it may pass."""
    return waited_s >= ageing_s


def is_error(cause: Cause) -> bool:
    """Whether a run that ended with `cause` counts as failed."""
    return status_of(cause) is RunStatus.ERROR
