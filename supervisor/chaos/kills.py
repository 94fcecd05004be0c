"""Sudden deaths, and who may survive them: nobody of the run, and everybody else."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from supervisor import processes
from supervisor.chaos.stage import Stage
from supervisor.chaos.trial import Found
from supervisor.chaos.troupe import Supervised
from supervisor.sightings import Pid, alive, pid_of
from supervisor.tables import chaos
from workers.processes import OWNER_NAME, stat_fields
from workers.states import Cause, RunStatus

LIMIT_S = 3
TIMEOUT_GRACE_S = 1.0  # dead by its limit and that much
CHILD_RESCUE_S = 1.0
ALL_GONE_S = 2.0
PATIENCE_S = 10.0  # for what must be gone: the figure tells how long it took


def hung_and_slow(stage: Stage) -> Found:
    """One hangs in C code, one is slow but well: the first dies at its limit, the second is left alone."""
    pages = LIMIT_S * 2 + 2
    stage.rows.add("slow", "steady", {"pages": pages, "pause_s": 0.5}, timeout_s=120)
    stage.supervise()
    late = [_latency(stage, f"hangs{number}", asleep=False)[0] for number in range(stage.rounds(1, 5))]
    stage.until(lambda: stage.rows.is_done("slow"), 60, "the end of the slow one")
    figure = f"gone {_ms(late)} after its limit of {LIMIT_S} s; the slow one took {pages * 0.5:g} s and was left alone"
    return Found(rounds=len(late), kept=max(late) <= TIMEOUT_GRACE_S, figure=figure)


def survivors(stage: Stage) -> Found:
    """A timeout of a scrape with a plain child, one in its own session and a daemon."""
    stage.supervise()
    ends = [_latency(stage, f"family{number}", asleep=bool(number % 2)) for number in range(stage.rounds(2, 8))]
    living = sum(len(alive(family)) for _, family in ends)
    figure = f"{living} survivors of {sum(len(family) for _, family in ends)}, the last gone {_ms(e for e, _ in ends)}"
    return Found(rounds=len(ends), kept=living == 0, figure=f"{figure} after the limit")


def _latency(stage: Stage, name: str, *, asleep: bool) -> tuple[float, list[Pid]]:
    """Seconds from a node's limit until nothing of its run is left, and who that was."""
    stage.rows.add(name, "hangs", {"asleep": asleep}, timeout_s=LIMIT_S, max_attempts=1)
    run = stage.until(lambda: stage.rows.working(name), 20, f"{name} at work")
    family = stage.until(lambda: stage.rows.family(name), 5, "its family")
    limit = run["started_at"].timestamp() + LIMIT_S
    stage.until(lambda: not alive(family), LIMIT_S + PATIENCE_S, f"the death of {name} and its family")
    late = datetime.now(UTC).timestamp() - limit
    (run,) = stage.until(lambda: stage.rows.ended(name), 10, f"the end of {name} in its row")
    if run["cause"] != Cause.TIMEOUT:
        late = float("inf")
    return late, family


def dead_child(stage: Stage) -> Found:
    """A scrape is killed by somebody else: its row is closed at once, and the next attempt begins."""
    stage.supervise()
    stage.rows.add("long", "steady", {"pages": 400, "pause_s": 0.05}, max_attempts=50)
    waits = []
    for number in range(stage.rounds(3, 10)):
        run = stage.until(lambda: stage.rows.working("long"), 20, "the scrape at work")
        killed = time.monotonic()
        processes.send_pid(run["pid"], signal.SIGKILL)
        stage.until(partial(stage.rows.ended, "long", number + 1), 20, "its row closed")
        waits.append(time.monotonic() - killed)
    causes = {run["cause"] for run in stage.rows.ended("long")}
    figure = f"closed {_ms(waits)} after its death, cause {', '.join(sorted(causes))}"
    return Found(rounds=len(waits), kept=max(waits) <= CHILD_RESCUE_S and causes == {Cause.KILLED}, figure=figure)


def supervisor_at_random(stage: Stage) -> Found:
    """`kill -9` of the supervisor at random moments, from its first breath on, again and again."""
    rounds = stage.rounds(5, 30)
    pages = rounds * 10
    stage.rows.add("long", "steady", {"pages": pages, "pause_s": 0.08, "family": True})
    stage.rows.add("other", "steady", {"pages": pages, "pause_s": 0.05})
    slowest, left = 0.0, 0
    for number in range(rounds):
        supervised = stage.supervise()
        if number % 2:  # in mid-crawl; the others may be killed before they have begun
            before = len(stage.rows.runs("long"))
            stage.until(partial(_goes_on, stage, before), 30, "the crawl going on")
        stage.pause(stage.chance.uniform(0.1, 1.5))
        seconds, living = kill_and_count(stage, supervised)
        slowest, left = max(slowest, seconds), left + living
    stage.supervise()
    stage.until(lambda: stage.rows.is_done("long") and stage.rows.is_done("other"), 120, "the end of both crawls")
    accounts = [stage.rows.account("long", pages), stage.rows.account("other", pages)]
    figure = f"{left} survivors after 2 s, the last gone after {_ms([slowest])}; " + "; ".join(map(str, accounts))
    return Found(rounds=rounds, kept=left == 0 and all(each.clean for each in accounts), figure=figure)


def _goes_on(stage: Stage, runs_before: int) -> bool:
    """Whether a new process of the crawl is at work, or it is done."""
    runs = len(stage.rows.runs("long"))
    return stage.rows.is_done("long") or (runs > runs_before and stage.rows.working("long") is not None)


def kill_and_count(stage: Stage, supervised: Supervised) -> tuple[float, int]:
    """SIGKILL to a supervisor: seconds until all that was its is gone, and how many were alive after two."""
    known = set(supervised.tree())
    marks = {processes.environment_of(pid.pid).get(OWNER_NAME) for pid in known} - {None, stage.house.id}
    supervised.kill()
    killed = time.monotonic()

    def living() -> list[Pid]:
        marked = (pid_of(pid) for mark in marks for pid in processes.tagged_with(OWNER_NAME, str(mark)))
        return alive({*known, *marked})

    while living() and time.monotonic() - killed < ALL_GONE_S:
        stage.pause(0.01)
    return time.monotonic() - killed, len(living())


def forkserver(stage: Stage) -> Found:
    """`kill -9` of the process from which all scrapes are forked: they go with it, and go on.

    A supervisor each time: one whose forkserver dies again and again within a minute gives up, on purpose.
    """
    rounds = stage.rounds(2, 5)
    pages = 40 * rounds
    stage.rows.add("long", "steady", {"pages": pages, "pause_s": 0.05})
    codes = []
    for _ in range(rounds):
        supervised = stage.supervise()
        run = stage.until(lambda: stage.rows.working("long", 2), 30, "the scrape at work")
        before = len(stage.rows.ended("long"))
        processes.send_pid(_parent_of(run["pid"]), signal.SIGKILL)
        stage.until(partial(stage.rows.ended, "long", before + 1), 20, "its row closed")
        stage.until(partial(_goes_on, stage, before + 1), 30, "the crawl going on")
        codes.append(supervised.end())
    stage.supervise()
    stage.until(lambda: stage.rows.is_done("long"), 90, "the end of the crawl")
    account = stage.rows.account("long", pages)
    figure = f"supervisors live, {account}"
    return Found(rounds=rounds, kept=account.clean and set(codes) == {0}, figure=figure)


def _parent_of(pid: int) -> int:
    return int((stat_fields(pid) or ["", "0"])[1])


def sigterm(stage: Stage) -> Found:
    """SIGTERM: runs come to a safe end, leases are released, exit 0, nothing is left."""
    stage.rows.add("long", "steady", {"pages": 1000, "pause_s": 0.1, "family": True})
    supervised = stage.supervise()
    stage.until(lambda: stage.rows.working("long", 2), 20, "the scrape at work")
    tree = supervised.tree()
    asked = time.monotonic()
    code = supervised.end()
    took = time.monotonic() - asked
    (run,) = stage.rows.runs("long")[-1:]
    left, released = _left_of(stage, tree), _released(stage, "long")
    figure = f"exit {code} after {took:.1f} s, {run['status']}/{run['cause']} by {run['ended_by']}, {left} left"
    good = code == 0 and released and not left and run["cause"] == Cause.SHUTDOWN
    return Found(kept=good and run["status"] == RunStatus.STOPPED, figure=figure)


def second_sigterm(stage: Stage) -> Found:
    """A second SIGTERM does not wait for one that listens to nobody."""
    stage.rows.add("deaf", "hangs", {"asleep": True})
    supervised = stage.supervise({"supervisor.drain_s": 60})
    stage.until(lambda: stage.rows.working("deaf"), 20, "the deaf one at work")
    tree = supervised.tree()
    supervised.send(signal.SIGTERM)
    stage.pause(1)
    waited = supervised.process.poll() is None
    asked = time.monotonic()
    code = supervised.end(15)
    took = time.monotonic() - asked
    left = _left_of(stage, tree)
    figure = f"exit {code} {took:.1f} s after the second one, {left} left"
    return Found(kept=waited and code == 0 and not left and _released(stage, "deaf"), figure=figure)


def _left_of(stage: Stage, tree: list[Pid]) -> int:
    """How many are still there after a moment: the resource tracker ends when it sees that its owner has."""
    until = time.monotonic() + ALL_GONE_S
    while alive(tree) and time.monotonic() < until:
        stage.pause(0.01)
    return len(alive(tree))


def _released(stage: Stage, source: str) -> bool:
    lease = chaos.read_lease(stage.rows.connection, source)
    return bool(lease["lease_until"] <= lease["now_at"])


def _ms(seconds: Iterable[float]) -> str:
    """The worst of them, for a person."""
    return f"{max(seconds) * 1000:.0f} ms"
