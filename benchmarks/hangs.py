"""Jobs that never end, for benchmarks/kill.py: the same for us and for the rivals."""

from __future__ import annotations

import collections
import itertools
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.rival_job import clock

KINDS = {
    "regex": "holds the interpreter in a regular expression",
    "loop": "holds it in C code that looks for no signal",
    "deaf": "ignores SIGTERM",
    "family": "ignores SIGTERM; grandchildren: plain, own session, daemon",
}
_SLEEPER = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]


def hang(kind: str, notes: str) -> None:
    """Note when it began and which processes there are, then never return."""
    if kind in ("deaf", "family"):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, signal.SIG_IGN)
    pids = [os.getpid(), *(_family() if kind == "family" else [])]
    unfinished = Path(f"{notes}.new")
    unfinished.write_text(" ".join(map(str, [clock(), *pids])), "ascii")
    unfinished.rename(notes)
    if kind == "regex":
        re.match(r"(a+)+$", "a" * 64 + "b")
    if kind == "loop":
        collections.deque(itertools.repeat(None), maxlen=0)
    while True:
        time.sleep(3600)


def _family() -> list[int]:
    plain = subprocess.Popen(_SLEEPER)
    session = subprocess.Popen(_SLEEPER, start_new_session=True)
    reader, writer = os.pipe()
    if (first := os.fork()) == 0:
        os.setsid()
        if (daemon := os.fork()) == 0:
            os.execv(_SLEEPER[0], _SLEEPER)  # noqa: S606 - no shell is wanted
        os.write(writer, str(daemon).encode())
        os._exit(0)
    os.waitpid(first, 0)
    daemon = int(os.read(reader, 32))
    return [plain.pid, session.pid, daemon]
