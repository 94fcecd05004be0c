"""The guard that fails a test which leaves a process alive."""

from __future__ import annotations

import subprocess

import psutil

from tests import fix_leftovers
from tests.wait import wait_for


def test_a_child_that_a_test_leaves_is_found_named_and_ended() -> None:
    child = subprocess.Popen(["sleep", "60"])
    # Popen returns in the middle of the exec: the kernel fills in the command line a moment later.
    wait_for(lambda: psutil.Process(child.pid).cmdline(), 5, "its command line")
    found = [process for process in fix_leftovers.living_children() if process.pid == child.pid]
    assert "sleep 60" in fix_leftovers._end(found[0])
    assert child.poll() is not None
    assert child.pid not in {process.pid for process in fix_leftovers.living_children()}


def test_a_child_that_has_ended_but_is_not_waited_for_is_not_alive() -> None:
    child = subprocess.Popen(["true"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()
    wait_for(lambda: not fix_leftovers.living_children(child.pid), 5, "it is a zombie")
    child.communicate(timeout=5)
    assert child.returncode == 0


def test_a_servers_children_are_its_own_affair() -> None:
    parent = subprocess.Popen(["sh", "-c", "sleep 60 & echo; wait"], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    try:
        fix_leftovers.leave_alone(parent.pid, with_its_children=True)
        assert not fix_leftovers.living_children()
        fix_leftovers.leave_alone(parent.pid, with_its_children=False)
        assert len(fix_leftovers.living_children()) == 1
    finally:
        fix_leftovers._left_alone.pop(parent.pid)
        for process in fix_leftovers.living_children():
            fix_leftovers._end(process)
        parent.communicate(timeout=5)
