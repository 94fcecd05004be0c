"""What stays when a supervisor is killed: nothing. And what its scrape shows of itself while it lives."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from supervisor import processes
from supervisor.doctor.finding import Finding, carefully, judged, soon
from supervisor.sightings import Pid, alive, pid_of
from supervisor.throwaway import environment
from workers.processes import OWNER_NAME, TAG_NAME, tag_of

BOOT_LIMIT_S = 20.0
GONE_WITHIN_S = 2.0
OOM_SCORE = 900


@dataclass(frozen=True, kw_only=True, slots=True)
class Victim:
    """A stand-in for a supervisor, at work."""

    process: subprocess.Popen[str]
    launched: Pid  # forked from the template
    mark: str
    took_s: float  # to launch it
    all: frozenset[Pid]  # it, its helpers, its scrapes and their grandchildren


class NeverCameUp(Exception):
    """The stand-in did not start its scrapes; the text says why."""


def look_and_sweep() -> Iterator[Finding]:
    """Findings about one stand-in: how it launches, what its scrape shows, and what is left when it is killed.

    Each stands for itself: what a container forbids to look at costs one finding, not those behind it.
    """
    try:
        with _victim() as victim:
            yield judged(
                "launch", f"a scrape was forked from the template in {victim.took_s * 1000:.0f} ms", "", good=True
            )
            for name, look in _LOOKS:
                yield carefully(name, partial(look, victim))
    except (NeverCameUp, OSError) as error:
        advice = "set launcher.start_method to spawn, or give the container more processes, memory and time"
        yield judged("launch", f"no scrape came up: {error}", advice, good=False)


@contextmanager
def _victim() -> Iterator[Victim]:
    with tempfile.TemporaryDirectory(prefix="scrapewarden-doctor-") as nowhere:
        log = Path(nowhere) / "stderr.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.doctor.victim", nowhere],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )
        impatience = threading.Timer(BOOT_LIMIT_S, process.kill)
        impatience.start()
        try:
            yield _introduced(process, log)
        finally:
            impatience.cancel()
            impatience.join()
            process.kill()
            process.wait(10)
            if process.stdout:  # not read to its end, which who lives on would hold up
                process.stdout.close()


def _introduced(process: subprocess.Popen[str], log: Path) -> Victim:
    first, second = _line(process, log), _line(process, log)
    return Victim(
        process=process,
        launched=Pid(*first["launched"]),
        mark=first["mark"],
        took_s=first["took_s"],
        all=frozenset({pid_of(process.pid), *(Pid(*each) for each in second["all"])}),
    )


def _line(process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    line = process.stdout.readline() if process.stdout else ""
    if line:
        facts: dict[str, Any] = json.loads(line)
        return facts
    said = log.read_text("utf-8", "replace").strip().splitlines()
    raise NeverCameUp(said[-1] if said else f"nothing was said within {BOOT_LIMIT_S:g} s")


def _marks(victim: Victim) -> Finding:
    pid = victim.launched.pid
    wanted = {TAG_NAME: tag_of(1, 1), OWNER_NAME: victim.mark}
    shown = soon(lambda: wanted.items() <= processes.environment_of(pid).items())
    found = "/proc/PID/environ shows run and supervisor of a scrape"
    advice = "a killed supervisor's processes are not found again: allow reading /proc (no hidepid; ptrace)"
    return judged("run marks", found if shown else f"{found} not", advice, good=shown)


def _oom_score(victim: Victim) -> Finding:
    path = Path(f"/proc/{victim.launched.pid}/oom_score_adj")
    volunteered = soon(lambda: path.read_text("ascii").strip() == str(OOM_SCORE))
    found = f"oom_score_adj of a scrape is {path.read_text('ascii').strip()}, wanted are {OOM_SCORE}"
    advice = "the kernel may choose the supervisor before a scrape: make /proc/self/oom_score_adj writable"
    return judged("oom score", found, advice, good=volunteered, otherwise="warn")


def _data_limit(victim: Victim) -> Finding:
    soft, _ = resource.prlimit(victim.launched.pid, resource.RLIMIT_DATA)
    apart = os.getsid(victim.launched.pid) == victim.launched.pid
    found = f"a scrape {'leads' if apart else 'does not lead'} a session of its own, "
    limited = soft != resource.RLIM_INFINITY
    found += f"data limit {soft / 2**20:.0f} MB" if limited else "and has no data limit"
    return judged("scrape", found, "see the log of a run: it could not protect itself", good=apart and limited)


def _sweep(victim: Victim) -> Finding:
    before = alive(victim.all)
    killed = time.monotonic()
    victim.process.send_signal(signal.SIGKILL)
    victim.process.wait(10)
    gone = soon(lambda: not alive(before), GONE_WITHIN_S)
    took = time.monotonic() - killed
    left = [pid.pid for pid in alive(before)]
    for pid in left:
        processes.send_pid(pid, signal.SIGKILL)
    found = f"{len(before)} processes of a killed supervisor gone after {took * 1000:.0f} ms"
    if not gone:
        found = f"{len(left)} of {len(before)} processes of a killed supervisor live on after {GONE_WITHIN_S:g} s"
    return judged("orphan sweep", found, "allow signals, and reading /proc/PID/environ, in this container", good=gone)


_LOOKS = (("run marks", _marks), ("oom score", _oom_score), ("scrape", _data_limit), ("orphan sweep", _sweep))
