"""What the kernel, or whoever filters its calls, gives us here; each is asked for by doing it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from supervisor import processes
from supervisor.doctor.finding import Finding, judged, soon
from supervisor.throwaway import environment
from workers.processes import state_letter

_DEAD_WITHIN_S = 2.0
_SLEEPS = "import time; time.sleep(60)"
_ORPHAN = """
import os, time
if pid := os.fork():
    print(pid, flush=True)
    os._exit(0)
time.sleep(0.2)
"""
_TIMER = """
import re, time
from workers.protect import arm_deadline
arm_deadline(time.clock_gettime(time.CLOCK_BOOTTIME) + 0.2)
re.match(r"(a+)+$", "a" * 64 + "!")
"""
_PARENT = """
import os, time
from workers.protect import die_with_parent
parent = os.getpid()
if pid := os.fork():
    print(pid, flush=True)
else:
    die_with_parent(parent)
time.sleep(60)
"""
_SUBREAPER = """
import os, time
from supervisor.processes import adopt_orphans
adopt_orphans()
me = os.getpid()
reader, writer = os.pipe()
if os.fork() == 0:
    middle = os.getpid()
    if os.fork() == 0:
        while os.getppid() == middle:
            time.sleep(0.01)
        os.write(writer, str(os.getppid()).encode())
    os._exit(0)
os.wait()
print(int(int(os.read(reader, 32)) == me), flush=True)
"""


def init() -> Finding:
    """Process 1 collects the exit status of what falls to it, or nobody does. Ask before orphans fall to us."""
    with _program(_ORPHAN) as process:
        pid = _number(process)
        process.wait(_DEAD_WITHIN_S)
        reaped = soon(lambda: state_letter(pid) is None)
    us = ", which is this very command," if os.getpid() == 1 else ""
    found = f"process 1{us} {'collects' if reaped else 'does not collect'} the dead that fall to it"
    advice = "zombies pile up: give the container an init (docker run --init, or tini in the image)"
    return judged("init", found, advice, good=reaped, otherwise="warn")


def pidfd() -> Finding:
    """Signals to a process that cannot be another one."""
    descriptor = os.pidfd_open(os.getpid())
    try:
        signal.pidfd_send_signal(descriptor, 0)
    finally:
        os.close(descriptor)
    return judged("pidfd", "processes can be held and signalled without mistaking one for another", "", good=True)


def parent_death() -> Finding:
    """PR_SET_PDEATHSIG: the chain by which scrapes die with their supervisor."""
    with _program(_PARENT) as process:
        child = _number(process)
        process.kill()
        process.wait(_DEAD_WITHIN_S)
        gone = soon(lambda: not processes.is_alive(child))
        if not gone:
            processes.send_pid(child, signal.SIGKILL)
    found = f"a process {'dies' if gone else 'does not die'} with its killed parent (PR_SET_PDEATHSIG)"
    return judged("parent death", found, "the keeper alone has to act: allow prctl", good=gone, otherwise="warn")


def timer() -> Finding:
    """The last resort of a deadline: nobody has to watch."""
    with _program(_TIMER) as process:
        died = soon(lambda: process.poll() is not None) and process.returncode == -signal.SIGKILL
    found = f"a kernel timer {'ends' if died else 'does not end'} a process that holds the interpreter (timer_create)"
    advice = "the guard alone keeps deadlines, and not while the supervisor is stopped: allow timer_create"
    return judged("timer", found, advice, good=died, otherwise="warn")


def subreaper() -> Finding:
    """Daemons of a scrape fall to the scrape, and those of a dead one to the supervisor."""
    with _program(_SUBREAPER) as process:
        adopted = bool(_number(process))
    found = f"orphans {'fall' if adopted else 'do not fall'} to their scrape (PR_SET_CHILD_SUBREAPER)"
    return judged("subreaper", found, "daemons of scrapes are only found by their marks: allow prctl", good=adopted)


def children() -> Finding:
    """Process trees are walked by /proc/PID/task/TID/children."""
    with _program(_SLEEPS) as process:
        listed = process.pid in processes.children_of(os.getpid())
    found = f"/proc {'lists' if listed else 'does not list'} the children of a process"
    return judged("children", found, "trees cannot be killed: use a kernel with CONFIG_PROC_CHILDREN", good=listed)


@contextmanager
def _program(code: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(_DEAD_WITHIN_S)
        if process.stdout:
            process.stdout.close()


def _number(process: subprocess.Popen[str]) -> int:
    line = process.stdout.readline() if process.stdout else ""
    return int(line)
