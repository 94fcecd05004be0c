"""The end of a run, once, in one transaction: what it died of, the sentence, and what follows."""

from __future__ import annotations

import random
import signal
from dataclasses import asdict, dataclass, replace
from typing import Any

from psycopg.rows import DictRow

from supervisor import budgets, decide, emptiness, sentences
from supervisor.config import Config
from supervisor.guard import boottime
from supervisor.launchers import Ended
from supervisor.scopes import only_this
from supervisor.tables import runs
from workers import events
from workers.database import Connection
from workers.heartbeat import FENCED_EXIT
from workers.states import Cause, EndedBy, RunStatus, status_of

_FATAL = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP, signal.SIGSYS}
    # Its own limits, timers and pipes: no stranger sends these.
    | {signal.SIGXCPU, signal.SIGXFSZ, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGPIPE}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a run died of."""

    cause: Cause
    told: str | None = None  # the beginning of its sentence
    ended_by: EndedBy = EndedBy.SELF
    traceback: str | None = None
    retriable: bool = True
    next: decide.Step | None = None  # what follows, once it is written down; None: another decided


def verdict_of(ended: Ended, outcome: dict[str, Any] | None, *, came_up: bool, still_ours: bool = False) -> Verdict:
    """Judge a death by what is known of it, the surest first.

    The child's own verdict if it is a good one; then what we did to it; then what it says of itself; then its exit.
    `still_ours`: the run is open under our epoch, so whoever leaves as if it were not is lying.
    """
    flight = ended.flight
    if outcome and outcome["status"] == RunStatus.OK:
        return _own(outcome, EndedBy.SELF)
    if flight.intent is not None:
        told = flight.sentence or (outcome or {}).get("error")
        return Verdict(cause=flight.intent, told=told, ended_by=flight.rung)
    # A pool whose forkserver dies terminates its process, which takes that for a stranger's doing.
    if outcome and not (ended.launcher_died and outcome["cause"] == Cause.KILLED):
        return _own(outcome, EndedBy.SOFT if outcome["status"] == RunStatus.STOPPED else EndedBy.SELF)
    return _verdict_of_exit(ended, came_up=came_up, still_ours=still_ours)


def _verdict_of_exit(  # noqa: PLR0911 - one line a kind of death
    ended: Ended, *, came_up: bool, still_ours: bool
) -> Verdict:
    """Judge a death that left no word."""
    if ended.launcher_died:
        return Verdict(cause=Cause.LOST, told="lost: the forkserver died and took it along", ended_by=EndedBy.KILL)
    if ended.exit_code == FENCED_EXIT and not still_ours:
        return Verdict(cause=Cause.FENCED)
    if ended.oom_killed:
        return Verdict(cause=Cause.OOM, ended_by=EndedBy.KILL)
    if ended.exit_signal == signal.SIGKILL and 0 < ended.flight.deadline <= boottime():
        # The kernel's own timer was quicker than a guard that had been held up.
        told = f"killed after {ended.flight.assignment.timeout_s:g} s: hard timeout"
        return Verdict(cause=Cause.TIMEOUT, told=told, ended_by=EndedBy.KILL)
    if not came_up:  # before any scraper's code: whatever it died of is a fault of this machine
        return Verdict(cause=Cause.BOOT_FAILED, told=sentences.of_stillbirth(ended.exit_signal))
    if ended.exit_signal in _FATAL:
        return Verdict(cause=Cause.CRASHED, told=sentences.of_signal(ended.exit_signal or 0, core=True))
    if ended.exit_signal is not None:
        return Verdict(cause=Cause.KILLED, told=sentences.of_signal(ended.exit_signal), ended_by=EndedBy.KILL)
    return Verdict(cause=Cause.CRASHED, told=sentences.of_exit(ended.exit_code))


def _own(outcome: dict[str, Any], ended_by: EndedBy) -> Verdict:
    return Verdict(
        cause=Cause(outcome["cause"]),
        told=outcome.get("error"),
        ended_by=ended_by,
        traceback=outcome.get("traceback"),
        retriable=bool(outcome.get("retriable", True)),
    )


def settle(connection: Connection, config: Config, ended: Ended, max_attempts: int) -> Verdict:
    """Write down how a run ended. Tried again by the caller when the database is away or a row is held."""
    assignment = ended.flight.assignment
    # A good word of its own settles everything; it was written into its row before it was sent.
    good = ended.outcome is not None and ended.outcome.status is RunStatus.OK
    row = {} if good else runs.read_ending(connection, assignment.run_id) or {}
    outcome = _outcome(ended, row) or {}
    still_ours = row.get("finished_at") is None and row.get("epoch") == assignment.epoch
    verdict = verdict_of(ended, outcome, came_up=row.get("pid") is not None, still_ours=still_ours)
    peak_mb = _peak_mb(ended, outcome, row)
    step = _step(config, verdict, outcome, assignment.attempt, max_attempts)
    known = {**row, "peak_mb": peak_mb, "cpu_s": outcome.get("cpu_s")}
    answer = _close(connection, ended, verdict, step, known, max_attempts)
    facts = {"run_id": assignment.run_id, "node": assignment.node, "cause": str(verdict.cause)}
    if answer["verdict"] == "gone":
        # Somebody took the lease over and closed the run as lost: what this process did since counts for nothing.
        events.emit("run_fenced", **facts)
        return Verdict(cause=Cause.FENCED)
    events.emit("run_ended", status=str(status_of(verdict.cause)), error=verdict.told, **facts)
    if outcome.get("leak"):
        events.emit("proxy_leak", error=verdict.told, **facts)
    if answer["verdict"] in runs.BURIED:
        events.emit("dead_letter", attempt=assignment.attempt, error=verdict.told, **facts)
    if answer["verdict"] == "paused":
        events.emit("node_paused", node=assignment.node, reason="too many dead letters in a row")
    if verdict.cause in budgets.TEACHING and answer["verdict"] in runs.CLOSED:
        with only_this(connection, assignment.node):  # the end is written, whatever becomes of this
            _note_trend(connection, ended, [*reversed(answer["earlier_peaks"]), peak_mb])
    if verdict.cause is Cause.DONE and answer["verdict"] in runs.CLOSED and not _found(answer):
        with only_this(connection, assignment.node):
            emptiness.look(connection, assignment.run_id, assignment.node)
    return replace(verdict, next=step.step)


def _found(answer: DictRow) -> int:
    """Postings of this part that were not rejected; only if there are none is it worth to ask for those before it."""
    return int(answer["fetched_count"] or 0) - int(answer.get("rejected_count") or 0)


def _note_trend(connection: Connection, ended: Ended, peaks: list[float]) -> None:
    """Tell once that a node's memory climbs from run to run; `peaks` oldest first, this run's last."""
    if not budgets.begins_to_climb(peaks):
        return
    assignment = ended.flight.assignment
    first, last = peaks[-budgets.TREND_RUNS], peaks[-1]
    facts = {"node": assignment.node, "first_mb": round(first, 1), "last_mb": round(last, 1)}
    runs.write_trend(connection, assignment.run_id, sentences.of_trend(first, last, budgets.TREND_RUNS), facts)
    events.emit("memory_trend", run_id=assignment.run_id, **facts)


def _peak_mb(ended: Ended, outcome: dict[str, Any], row: DictRow | dict[str, Any]) -> float:
    return max(ended.flight.peak_mb, outcome.get("peak_rss_mb") or 0.0, row.get("peak_rss_mb") or 0.0)


def _outcome(ended: Ended, row: DictRow | dict[str, Any]) -> dict[str, Any] | None:
    """The child's verdict: from its row, where it is durable, else from its result."""
    if row.get("outcome"):
        return dict(row["outcome"])
    if ended.outcome is None:
        return None
    return asdict(ended.outcome)


def _step(config: Config, verdict: Verdict, outcome: dict[str, Any], attempt: int, max_attempts: int) -> decide.Next:
    end = decide.End(
        cause=verdict.cause,
        retriable=verdict.retriable,
        met_breaker=outcome.get("breaker_host") is not None,
        wait_s=outcome.get("wait_s") or 0.0,
    )
    retries = decide.Retries(base_s=config.retry.base_s, cap_s=config.retry.cap_s)
    return decide.after(end, attempt=attempt, max_attempts=max_attempts, retries=retries, uniform=random.random())


def _close(
    connection: Connection,
    ended: Ended,
    verdict: Verdict,
    step: decide.Next,
    facts: dict[str, Any],
    max_attempts: int,
) -> DictRow:
    assignment = ended.flight.assignment
    facts = {**facts, "budget_mb": assignment.budget_mb}
    return runs.close_run(
        connection,
        run_id=assignment.run_id,
        epoch=assignment.epoch,
        status=str(status_of(verdict.cause)),
        cause=str(verdict.cause),
        error=sentences.of_end(verdict.cause, verdict.told, facts),
        traceback=verdict.traceback,
        ended_by=str(verdict.ended_by),
        exit_code=ended.exit_code,
        exit_signal=ended.exit_signal,
        peak_rss_mb=facts["peak_mb"] or None,
        cpu_s=facts["cpu_s"],
        next=step.step,
        retry_s=step.delay_s,
        max_attempts=max_attempts,
        # All of its process tree is gone and its row was read after that: nothing newer can come.
        outcome_seen=True,
    )
