"""Forks that fail, files that cannot be opened: launches wait before it comes to that, and if it does nobody pays."""

from __future__ import annotations

import os
import pwd
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_supervisor import Nodes, Start, Supervised
from tests.wait import wait_for

FEW_FILES = 70  # an idle supervisor has some 20 open, a scrape costs it 7, and 32 are kept free


@pytest.fixture
def as_somebody() -> list[str]:
    """The program that turns root, whom no limit on processes binds, into somebody who may still read everything."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, to be somebody else for a while")
    uid = pwd.getpwnam("nobody").pw_uid
    rights = "-all,+dac_override,+dac_read_search"  # the interpreter and the checkout may lie in root's home
    return ["setpriv", f"--reuid={uid}", "--clear-groups", f"--inh-caps={rights}", f"--ambient-caps={rights}"]


def test_a_fork_that_fails_for_want_of_files_costs_nobody_an_attempt(supervise: Start, nodes: Nodes) -> None:
    _fail_a_fork(supervise(), nodes, _may_open_no_more_files)


def test_a_fork_that_fails_for_want_of_processes_costs_nobody_an_attempt(
    supervise: Start, nodes: Nodes, as_somebody: list[str]
) -> None:
    _fail_a_fork(supervise(through=as_somebody), nodes, partial(_may_start_no_more_processes, as_somebody))


def _fail_a_fork(supervisor: Supervised, nodes: Nodes, limit: Callable[[int], None]) -> None:
    """The forkserver dies of it with all that it has forked; another one, which is not limited, goes on."""
    nodes.add("long", "zoo:pages", {"pages": 30, "pause_s": 0.05, "board": "long"}, max_attempts=1)
    nodes.wait_for_pages("long", 2)
    forkserver = supervisor.forkserver()
    limit(forkserver)
    nodes.add("late", "zoo:pages", {"board": "late"}, max_attempts=1)
    for name in ("late", "long"):
        first, second = nodes.wait_for_ends(name, 2)
        assert (first["cause"], first["attempt"], first["ended_by"]) == ("lost", 1, "kill")
        assert "forkserver" in first["error"]
        assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1)
    assert nodes.runs("late")[0]["pid"] is None
    assert nodes.jobs() == 150 + 15
    assert supervisor.forkserver() != forkserver
    assert supervisor.terminate() == 0
    said = "".join(supervisor.stderr)
    assert said.count("Traceback") == 1, said  # of the forkserver that is gone
    supervisor.stderr.clear()


def _may_open_no_more_files(pid: int) -> None:
    open_now = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    subprocess.run(["prlimit", f"--pid={pid}", f"--nofile={open_now}:"], check=True)


def _may_start_no_more_processes(somebody: list[str], pid: int) -> None:
    """Done by the user it concerns: root may lack the right to limit others."""
    subprocess.run([*somebody, "prlimit", f"--pid={pid}", "--nproc=1:"], check=True)


def test_a_forkserver_that_dies_is_one_failure_however_many_it_takes_along_and_the_third_ends_the_supervisor(
    supervise: Start, nodes: Nodes
) -> None:
    """Three deaths within a minute: something is wrong with this machine."""
    for number in range(3):
        nodes.add(f"n{number}", "zoo:pages", {"pages": 1000, "pause_s": 0.05, "board": number})
    supervisor = supervise()
    for part in range(3):
        wait_for(partial(_all_are_at_part, nodes, part), 15, f"part {part} of all")
        assert supervisor.process.poll() is None
        processes.send_pid(supervisor.forkserver(), signal.SIGKILL)
    assert supervisor.wait(15) == 70
    assert supervisor.happened("gave_up")
    assert {run["attempt"] for run in nodes.runs("n0")} == {1}


def _all_are_at_part(nodes: Nodes, part: int) -> bool:
    running = nodes.connection.execute("select part from scrape_runs where status = 'running'").fetchall()
    return running == [{"part": part}] * 3


def test_where_a_user_may_start_no_more_processes_nodes_wait_and_the_supervisor_lives(
    supervise: Start, nodes: Nodes, as_somebody: list[str]
) -> None:
    supervisor = supervise(through=as_somebody)
    nodes.add("first", "zoo:pages", {"board": 1})
    nodes.wait_for_ends("first")
    _may_start_no_more_processes(as_somebody, supervisor.pid)
    nodes.add("second", "zoo:pages", {"board": 2})
    reason = nodes.wait_for_status("second", "waiting")["status_reason"]
    assert reason == "only 0 more processes are allowed here, 16 are kept free"
    _, most = resource.getrlimit(resource.RLIMIT_NPROC)  # it has inherited ours
    subprocess.run([*as_somebody, "prlimit", f"--pid={supervisor.pid}", f"--nproc={most}:"], check=True)
    (second,) = nodes.wait_for_ends("second")
    assert (second["cause"], second["attempt"]) == ("done", 1)
    assert supervisor.terminate() == 0


def test_where_few_files_may_be_opened_nodes_wait_for_each_other_and_all_finish(supervise: Start, nodes: Nodes) -> None:
    for number in range(6):
        nodes.add(f"n{number}", "zoo:pages", {"pages": 5, "pause_s": 0.1, "board": number}, max_attempts=1)
    supervisor = supervise(through=["prlimit", f"--nofile={FEW_FILES}:{FEW_FILES}"])
    for number in range(6):
        (run,) = nodes.wait_for_ends(f"n{number}", limit_s=30)
        assert run["cause"] == "done", run["error"]
    waited = [event["reason"] for event in supervisor.happened("node_waits", cause="no_slot")]
    assert waited
    assert all("more files may be opened here (ulimit -n), 32 are kept free" in reason for reason in waited)
    assert supervisor.terminate() == 0


def test_supervisor_and_forkserver_allow_themselves_as_many_files_as_the_system_does(
    supervise: Start, nodes: Nodes
) -> None:
    supervisor = supervise(through=["prlimit", "--nofile=256:4096"])
    nodes.add("fine", "zoo:pages")
    nodes.wait_for_ends("fine")
    for pid in (supervisor.pid, supervisor.forkserver()):
        assert resource.prlimit(pid, resource.RLIMIT_NOFILE) == (4096, 4096)
