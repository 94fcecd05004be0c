"""A scraper tried once: a fresh process under the guards of a real run, without a database."""

from __future__ import annotations

import contextlib
import json
import math
import os
import pickle
import select
import signal
import subprocess
import sys
import uuid
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import workers
from supervisor import decide, processes, sentences
from supervisor.config import Config
from supervisor.guard import Guard, boottime
from supervisor.launchers import Flight
from supervisor.lifeline import Lifeline
from supervisor.memory import read_memory, reserve_mb
from supervisor.scales import Scales
from workers.dry_run import Order
from workers.processes import OWNER_NAME, PLACEHOLDER, TAG_NAME, rss_mb
from workers.records import Assignment, FetchSettings, JsonObject, ScraperSettings
from workers.states import Cause

_BOOT = "import sys; sys.path.append(sys.argv[1]); from workers.dry_run import main; main()"
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)
_END_LIMIT_S = 5.0
_CHUNK = 65_536


def room_for(budget_mb: int, config: Config) -> str | None:
    """Why a process with this budget must not start now, or None."""
    memory = config.memory
    reading = read_memory(memory.cgroup_root, memory.proc_root)
    room = decide.Room(
        available_mb=reading.available_mb,
        limit_mb=reading.limit_mb,
        source=reading.source,
        reserve_mb=reserve_mb(reading, memory.reserve_percent, memory.reserve_mb),
        promised_mb=0,
        own_mb=rss_mb(os.getpid()),
        running=0,
    )
    decision = decide.admit(budget_mb, room)
    return None if isinstance(decision, decide.Launch) else decision.reason


def assignment_of(
    scraper: str,
    params: JsonObject,
    *,
    timeout_s: float,
    budget_mb: int,
    fetch: FetchSettings,
    scrapers: ScraperSettings,
    locations: tuple[str, ...] = (),
) -> Assignment:
    """What a fresh process needs for a run that is in no database."""
    now = datetime.now(UTC)
    return Assignment(
        run_id=0,
        node_id=0,
        node="try",
        epoch=0,
        owner="",
        supervisor_id=str(uuid.uuid4()),
        scraper=scraper,
        params=params,
        checkpoint=None,
        tick=now,
        attempt=1,
        part=0,
        now=now,
        launched_at=boottime(),
        timeout_s=timeout_s,
        database_url="",
        budget_mb=budget_mb,
        parent_pid=os.getpid(),
        fetch=fetch,
        scrapers=scrapers,
        locations=locations,
    )


def dry_run(order: Order, config: Config, guard: Guard | None = None) -> Generator[JsonObject, None, None]:
    """The lines of the process as they come, the last one `{"end": {"cause", "error", "peak_mb"}}`.

    Closing the iterator ends the process with everything it has started, as does the death of this one. `guard`: one
    of the caller's, who may end run 0 by it; it is closed here.
    """
    mark = order.assignment.supervisor_id
    lifeline = Lifeline(mark)
    guard = guard or Guard(cut_off_s=math.inf)
    scales = Scales(guard, config.memory)
    processes.adopt_orphans()
    try:
        yield from _watched(order, config, guard)
    finally:
        processes.kill_tagged(mark)
        scales.close()
        guard.close()
        lifeline.close()


def _watched(order: Order, config: Config, guard: Guard) -> Iterator[JsonObject]:
    reader, writer = os.pipe()
    try:
        process = _start(replace(order, answer_fd=writer), config)
    finally:
        os.close(writer)
    pidfd = os.pidfd_open(process.pid)
    assignment = order.assignment
    deadline = assignment.launched_at + assignment.timeout_s
    flight = Flight(assignment=assignment, pid=process.pid, lease_sent_at=math.inf, deadline=deadline)
    guard.watch(flight, pidfd)
    end: JsonObject | None = None
    try:
        for line in _lines(reader, pidfd):
            if "end" in line:
                end = line["end"]
                break
            yield line
    finally:
        _finish(process, pidfd, reader, gently=end is not None)
        guard.forget(assignment.run_id)
        os.close(pidfd)
    yield {"end": _verdict(end, flight, process.returncode)}


def _start(order: Order, config: Config) -> subprocess.Popen[bytes]:
    """The process, with its order given. What it prints goes to our stderr."""
    root = Path(workers.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _BOOT, str(root)],
        stdin=subprocess.PIPE,
        stdout=2,
        env=_environment(config, order.assignment.supervisor_id),
        pass_fds=[order.answer_fd],
    )
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:  # it died at once: its exit tells
            pipe.write(pickle.dumps(order))
    return process


def _environment(config: Config, mark: str) -> dict[str, str]:
    """Ours without our secrets: a scraper gets those that `[scrapers] env` names."""
    kept = {name: value for name, value in os.environ.items() if name not in config.secret_names}
    return kept | {TAG_NAME: PLACEHOLDER, OWNER_NAME: mark}


def _lines(reader: int, pidfd: int) -> Iterator[JsonObject]:
    """JSON lines until the pipe ends or its writer has died; others may hold the pipe open for longer."""
    os.set_blocking(reader, False)
    rest, alive = b"", True
    while True:
        ready, _, _ = select.select([reader, pidfd], [], [], None)
        if reader not in ready:
            if not alive:
                return
            alive = False  # look once more: its last lines may have come meanwhile
            continue
        chunk = os.read(reader, _CHUNK)
        if not chunk:
            return
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (json.loads(line) for line in whole)


def _finish(process: subprocess.Popen[bytes], pidfd: int, reader: int, *, gently: bool) -> None:
    os.close(reader)
    if not gently or not select.select([pidfd], [], [], _END_LIMIT_S)[0]:
        processes.kill_tree(process.pid, pidfd)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_LIMIT_S)


def _verdict(end: JsonObject | None, flight: Flight, returncode: int | None) -> dict[str, Any]:
    peak_mb = max(flight.peak_mb, end["rss_mb"] if end else 0.0)
    if end is not None:
        cause, error = Cause(end["cause"]), end["error"]
    elif flight.intent is not None:
        cause, error = flight.intent, flight.sentence
    elif returncode is not None and returncode < 0:
        fatal = -returncode in _CRASHES
        cause, error = Cause.CRASHED if fatal else Cause.KILLED, sentences.of_signal(-returncode, core=fatal)
    else:
        cause, error = Cause.CRASHED, sentences.of_exit(returncode)
    return {"cause": cause, "error": error, "peak_mb": round(peak_mb, 1)}
