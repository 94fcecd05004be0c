"""The guards at work, here and now, on scrapes that deserve it: no database, nobody else's process."""

from __future__ import annotations

import math
import time
from contextlib import closing
from typing import Any

from supervisor.config import Config
from supervisor.doctor.finding import Finding, judged
from supervisor.dry_run import assignment_of, dry_run, room_for
from supervisor.guard import Guard, boottime
from supervisor.memory import read_memory, reserve_mb
from supervisor.sightings import Pid, alive
from workers.dry_run import Order
from workers.processes import stat_fields
from workers.records import FetchSettings, ScraperSettings
from workers.states import Cause, EndedBy

GUESTS = "workers.demo.hostile"
TIMEOUT_S = 4.0
ENOUGH_S = 25.0  # no proof goes on for longer
BUDGET_MB = 96
SWELL_MB = 120  # on top of some 40: over 1.3 times the budget, under the data limit
NEEDS_MB = 192
RESERVE_MB = 4096
MARGIN_MB, MARGIN = 32.0, 0.02
WITHIN_S = 1.0
BUSY_TICKS = 5  # of processor time: it has entered its loop in C code
_BUSY_LIMIT_S = 2.0
_POLL_S = 0.01


def order(scraper: str, params: dict[str, Any] | None = None, *, timeout_s: float = ENOUGH_S) -> Order:
    """A scrape of the hostile kind."""
    assignment = assignment_of(
        f"{GUESTS}:{scraper}",
        params or {},
        timeout_s=timeout_s,
        budget_mb=BUDGET_MB,
        fetch=FetchSettings(),
        scrapers=ScraperSettings(allow=(GUESTS,)),
    )
    return Order(assignment=assignment)


def hard_kill(config: Config) -> Finding:
    """SIGKILL to a scrape that holds the interpreter, ignores SIGTERM and has scattered its children."""
    guard = Guard(cut_off_s=math.inf)
    family: list[Pid] = []
    asked = 0.0
    with closing(dry_run(order("hangs"), config, guard)) as lines:
        for line in lines:
            if "page" in line:
                family = _family(line)
                _wait_until_busy(family[0])
                asked = boottime()
                guard.end(0, Cause.REQUESTED, None, EndedBy.KILL)
            elif "end" in line:
                break
        took, left = boottime() - asked, alive(family)
    return _of_a_kill("hard kill", family, left, took, "killed")


def timeout(config: Config) -> Finding:
    """The same scrape, left to its deadline."""
    given = order("hangs", timeout_s=TIMEOUT_S)
    family: list[Pid] = []
    end: dict[str, Any] = {}
    with closing(dry_run(given, config)) as lines:
        for line in lines:
            if "page" in line:
                family = _family(line)
            elif "end" in line:
                end = line["end"]
                break
        late, left = boottime() - given.assignment.launched_at - TIMEOUT_S, alive(family)
    if end["cause"] != Cause.TIMEOUT:
        return judged("timeout", f"ended as {end['cause']}: {end['error']}", "see the error", good=False)
    return _of_a_kill("timeout", family, left, late, f"at its limit of {TIMEOUT_S:g} s")


def _of_a_kill(check: str, family: list[Pid], left: list[Pid], seconds: float, what: str) -> Finding:
    found = f"{what}: {len(family)} processes (own session and daemon among them) gone after {seconds * 1000:.0f} ms"
    if left:
        found = f"{what}, but {len(left)} of {len(family)} processes live on"
    elif not family:
        found = "the scrape did not come up in time"
    advice = "allow signals and a readable /proc in this container; give it more than a fraction of a processor"
    return judged(check, found, advice, good=bool(family) and not left and seconds <= WITHIN_S)


def _family(line: dict[str, Any]) -> list[Pid]:
    return [Pid(*each) for each in line["page"]["checkpoint"]["family"]]


def _wait_until_busy(pid: Pid) -> None:
    """Until it has entered its loop, which the message was sent ahead of."""
    until, first = boottime() + _BUSY_LIMIT_S, _ticks(pid)
    while boottime() < until and _ticks(pid) < first + BUSY_TICKS:
        time.sleep(_POLL_S)


def _ticks(pid: Pid) -> int:
    """Of processor time, used so far."""
    fields = stat_fields(pid.pid)
    return sum(map(int, fields[11:13])) if fields else 0


def memory_wait(config: Config) -> Finding:
    """Admission, on the real reading."""
    memory = config.memory
    reading = read_memory(memory.cgroup_root, memory.proc_root)
    free_mb = reading.available_mb - reserve_mb(reading, memory.reserve_percent, memory.reserve_mb)
    # Others may give some back until admission looks for itself.
    too_much = math.ceil(max(0.0, free_mb) + max(MARGIN_MB, reading.limit_mb * MARGIN))
    refusal = room_for(too_much, config)
    if refusal is None:
        found = f"{too_much} MB would be admitted where {reading.available_mb:.0f} MB are available"
        return judged("memory wait", found, "look at memory.cgroup_root and memory.proc_root", good=False)
    if reason := room_for(BUDGET_MB, config):
        found = f"not even {BUDGET_MB} MB can be admitted now: {reason}"
        return judged("memory wait", found, "free some memory or raise the limit", good=False, otherwise="warn")
    found = f"{BUDGET_MB} MB are admitted, {too_much} MB are not: {refusal}"
    return judged("memory wait", found, "", good=True)


def memory_kill(config: Config) -> Finding:
    """A scrape that takes far more than its budget, within its data limit."""
    if reason := room_for(NEEDS_MB, config):
        found = f"not tried, there is too little memory: {reason}"
        return judged("memory kill", found, "free some memory and try again", good=False, otherwise="warn")
    began = boottime()
    end = _end_of(order("swells", {"swell_mb": SWELL_MB}), config)
    found = f"{end['cause']} after {boottime() - began:.1f} s: {end['error']}"
    advice = "nothing here may keep the supervisor from reading /proc/PID/statm and smaps_rollup"
    return judged("memory kill", found, advice, good=end["cause"] == Cause.MEMORY and "over its" in str(end["error"]))


def burst(config: Config) -> Finding:
    """More than any look could stop in time meets the data limit, before a page of it is touched."""
    end = _end_of(order("reserves", {"reserve_mb": RESERVE_MB}), config)
    met = end["cause"] == Cause.MEMORY
    found = str(end["error"]) if met else f"RLIMIT_DATA is not enforced: {RESERVE_MB} MB were to be had"
    advice = "a burst may be quicker than the guard: give the container a memory limit, so that the kernel ends it"
    return judged("memory burst", found, advice, good=met, otherwise="warn")


def _end_of(given: Order, config: Config) -> dict[str, Any]:
    with closing(dry_run(given, config)) as lines:
        return next(line["end"] for line in lines if "end" in line)
