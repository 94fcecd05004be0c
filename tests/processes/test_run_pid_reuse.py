"""Pids are given out again: a stranger that gets one of ours lives, whatever our rows and our threads remember."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from supervisor import processes
from supervisor.waker import readable
from tests.fix_supervisor import Nodes, Start, none_alive
from tests.wait import wait_for
from workers.processes import start_ticks

NEXT_PID = Path("/proc/sys/kernel/ns_last_pid")
PR_SET_CHILD_SUBREAPER = 36
TRIES = 200  # others of this machine fork, too
SLEEPS = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]
PARENT = [
    sys.executable,
    "-I",
    "-S",
    "-c",
    "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); sys.stdin.read()",
    *SLEEPS,
]

pytestmark = pytest.mark.skipif(
    not os.access(NEXT_PID, os.W_OK), reason="needs a kernel that lets us choose the next pid (ns_last_pid, root)"
)


@contextmanager
def stranger_with(pid: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process of nobody's that has this pid."""
    for _ in range(TRIES):
        NEXT_PID.write_text(str(pid - 1), "ascii")
        process = subprocess.Popen(SLEEPS, start_new_session=True)
        if process.pid == pid:
            break
        process.kill()
        process.wait(5)
    else:
        pytest.skip(f"pid {pid} was not to be had: this machine forks too much")
    try:
        yield process
    finally:
        process.kill()
        process.wait(5)


@contextmanager
def reaper() -> Iterator[None]:
    """Orphans fall to this process: a pid is free when it is nobody's group or session either, zombies included."""
    processes.adopt_orphans()
    try:
        yield
    finally:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def test_strangers_with_the_pids_of_a_dead_supervisor_and_its_dead_run_live(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 30, "pause_s": 0.05})
    supervisor = supervise()
    run = nodes.wait_for_pages("long", 2)
    tree = supervisor.tree()
    with reaper():
        supervisor.kill()
        wait_for(lambda: none_alive(tree) and all(map(_is_reaped, tree)), 2, "the death of all")
    with stranger_with(run["pid"]) as runs, stranger_with(supervisor.pid) as supervisors:
        # The row knows better: same pid, boot and namespace, another start.
        assert start_ticks(runs.pid) != run["start_ticks"]
        supervise()
        first, second = nodes.wait_for_ends("long", 2)
        assert (first["cause"], second["cause"], second["part"]) == ("lost", "done", 1)
        assert (runs.poll(), supervisors.poll()) == (None, None)


def _is_reaped(pid: int) -> bool:
    processes.reap(pid)
    return start_ticks(pid) is None


def test_a_stranger_that_gets_the_pid_of_a_reaped_scrape_gets_none_of_its_signals(
    supervise: Start, nodes: Nodes
) -> None:
    """The executor terminates what has died, late and by its pid; our own ladder is late as well."""
    nodes.add("killed", "zoo:sleeps", max_attempts=1)
    supervisor = supervise(kill__soft_s=0.1, kill__term_s=0.1)
    run = nodes.wait_for_pages("killed")
    supervisor.process.send_signal(signal.SIGSTOP)
    processes.send_pid(run["pid"], signal.SIGKILL)
    wait_for(lambda: start_ticks(run["pid"]) is None, 5, "its end: the forkserver has reaped it")
    nodes.update("killed", kill_requested=True)
    with stranger_with(run["pid"]) as stranger:
        supervisor.process.send_signal(signal.SIGCONT)
        (ended,) = nodes.wait_for_ends("killed")
        assert (ended["id"], ended["exit_signal"]) == (run["id"], signal.SIGKILL)
        assert supervisor.terminate() == 0
        assert stranger.poll() is None


@pytest.mark.parametrize("end", [processes.terminate_tree, processes.kill_tree])
def test_the_children_of_a_stranger_are_not_taken_for_those_of_a_dead_scrape(
    end: Callable[[int, int], None],
) -> None:
    dead = subprocess.Popen(SLEEPS)
    pidfd = os.pidfd_open(dead.pid)
    dead.kill()
    dead.wait(5)
    with subprocess.Popen(PARENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout is not None
        child = int(stranger.stdout.readline())
        deaths = [os.pidfd_open(stranger.pid), os.pidfd_open(child)]
        try:
            end(stranger.pid, pidfd)  # as if it had got the pid
            assert readable(deaths, 0.3) == set()
        finally:
            processes.send_pid(child, signal.SIGKILL)
            for descriptor in (*deaths, pidfd):
                os.close(descriptor)
