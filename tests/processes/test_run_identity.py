"""Who a process is: marks that the kernel shows, the chain of death, and what a boot may and may not touch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_supervisor import Connection, Nodes, Start, none_alive, pids_in
from tests.wait import wait_for
from workers.processes import OWNER_NAME, TAG_NAME, boot_id, own_identity, pid_namespace, start_ticks, tag_of

DEAD = "0b2bb1f0-7c58-4a0a-9c0e-2b8a3a3a3a3a"  # a supervisor that is gone
EPOCH = 1_000_000
NO_PID = 2_147_483_000
SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_every_process_of_a_run_shows_its_marks_and_the_run_leads_a_group_of_its_own(
    supervise: Start, nodes: Nodes, connection: Connection, tmp_path: Path, method: str
) -> None:
    params = {"pids": str(tmp_path / "pids"), "pages": 100, "pause_s": 0.05}
    nodes.add("family", "zoo:with_grandchildren", params)
    supervisor = supervise(launcher__start_method=method)
    run = nodes.wait_for_pages("family")
    row = connection.execute("select id from supervisors").fetchone()
    assert row is not None
    for pid in pids_in(tmp_path / "pids"):
        shown = processes.environment_of(pid)
        assert shown[TAG_NAME] == tag_of(run["id"], run["epoch"])
        assert shown[OWNER_NAME] == str(row["id"])
    assert os.getsid(run["pid"]) == run["pid"] != os.getsid(supervisor.pid)
    assert (run["start_ticks"], run["boot_id"], run["pid_ns"]) == (
        start_ticks(run["pid"]),
        boot_id(),
        pid_namespace(),
    )


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_scrapes_die_with_their_supervisor_even_if_its_keeper_cannot_act(
    supervise: Start, nodes: Nodes, method: str
) -> None:
    """The kernel's chain alone: supervisor, template, scrape. What the keeper is for comes after it is woken."""
    nodes.add("hung", "zoo:holds_the_gil")
    supervisor = supervise(launcher__start_method=method)
    run = nodes.wait_for_pages("hung")
    (keeper,) = [pid for pid in supervisor.tree() if b"keeper.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    marked = [pid for pid in supervisor.tree() if OWNER_NAME in processes.environment_of(pid)]
    assert run["pid"] in marked
    os.kill(keeper, signal.SIGSTOP)
    try:
        supervisor.kill()
        wait_for(lambda: none_alive(marked), 2, "the end of the chain")
        assert processes.is_alive(keeper)
    finally:
        processes.send_pid(keeper, signal.SIGCONT)
    wait_for(lambda: not processes.is_alive(keeper), 3, "the keeper's own end")


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a dead supervisor's rows say of a process, and what that process shows."""

    start_ticks: int
    boot_id: str
    pid_ns: str
    tag_epoch: int = EPOCH
    owner: str = DEAD


@pytest.fixture
def stray(connection: Connection) -> Iterator[subprocess.Popen[bytes]]:
    """A process that carries the marks of the next run, and of a supervisor that is gone."""
    row = connection.execute("select coalesce(max(id), 0) + 1 as id from scrape_runs").fetchone()
    assert row is not None
    marks = {OWNER_NAME: DEAD, TAG_NAME: tag_of(row["id"], EPOCH)}
    process = subprocess.Popen(SLEEPS, env={**os.environ, **marks}, start_new_session=True)
    yield process
    process.kill()
    process.wait(5)


def _identity_of(pid: int) -> Left:
    return Left(start_ticks=start_ticks(pid) or 0, boot_id=boot_id(), pid_ns=pid_namespace())


def test_the_very_process_of_a_dead_supervisors_run_is_killed_at_boot(
    supervise: Start, nodes: Nodes, stray: subprocess.Popen[bytes]
) -> None:
    """Its supervisor had said goodbye, so nobody looks for marks: the run's row alone leads to it."""
    _leave(nodes, stray.pid, _identity_of(stray.pid), farewell=True)
    supervise()
    (run,) = nodes.wait_for_ends("left")
    assert run["cause"] == "lost"
    assert stray.wait(5) == -signal.SIGKILL


@pytest.mark.parametrize("field", ["start_ticks", "boot_id", "pid_ns", "epoch", "supervisor"])
def test_one_thing_that_does_not_match_and_the_process_lives(
    supervise: Start, nodes: Nodes, stray: subprocess.Popen[bytes], field: str
) -> None:
    left = _identity_of(stray.pid)
    match field:
        case "start_ticks":
            left = replace(left, start_ticks=left.start_ticks - 1)
        case "boot_id":
            left = replace(left, boot_id="another boot")
        case "pid_ns":
            left = replace(left, pid_ns="pid:[1]")
        case "epoch":
            left = replace(left, tag_epoch=EPOCH + 1)
        case _:
            left = replace(left, owner="7e57ab1e-0000-4000-8000-000000000000")
    _leave(nodes, stray.pid, left, farewell=True)
    supervise()
    (run,) = nodes.wait_for_ends("left")
    assert run["cause"] == "lost"
    assert stray.poll() is None


def test_a_marked_process_whose_run_is_closed_is_killed_at_boot(
    supervise: Start, nodes: Nodes, connection: Connection, stray: subprocess.Popen[bytes]
) -> None:
    _leave(nodes, NO_PID, _identity_of(stray.pid))
    connection.execute(
        "update scrape_runs set status = 'error', cause = 'lost', finished_at = now() where source = 'left'"
    )
    supervise()
    assert stray.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize("field", ["boot_id", "pid_ns"])
def test_runs_of_another_boot_or_namespace_wait_for_their_lease(
    supervise: Start, nodes: Nodes, stray: subprocess.Popen[bytes], field: str
) -> None:
    """That no such process is seen here proves nothing about there."""
    _leave(nodes, stray.pid, _identity_of(stray.pid), supervisor={field: "elsewhere"})
    nodes.add("other", "zoo:pages")
    supervise(supervisor__lease_s=8, supervisor__renew_s=1)  # so long nothing is taken over after a database's start
    nodes.wait_for_ends("other")
    assert nodes.last("left")["finished_at"] is None
    assert stray.poll() is None
    nodes.connection.execute("update scrape_leases set lease_until = clock_timestamp() where source = 'left'")
    (run,) = nodes.wait_for_ends("left")
    assert run["cause"] == "lost"


def test_a_stranger_with_the_pid_of_a_dead_supervisor_does_not_pass_for_it(
    supervise: Start, nodes: Nodes, connection: Connection, stray: subprocess.Popen[bytes]
) -> None:
    """This very test process has the pid, and another start."""
    me = own_identity()
    _leave(nodes, NO_PID, _identity_of(stray.pid), supervisor={"pid": me.pid, "start_ticks": me.start_ticks - 1})
    supervise()
    (run,) = nodes.wait_for_ends("left")
    assert run["cause"] == "lost"
    assert connection.execute("select from supervisors where stopped_at is not null").rowcount == 1


def _leave(
    nodes: Nodes, pid: int, left: Left, *, farewell: bool = False, supervisor: dict[str, object] | None = None
) -> None:
    """Rows as a supervisor leaves them that died in mid-run."""
    node_id = nodes.add("left", "zoo:pages", run_requested=False)
    host = {"boot_id": boot_id(), "pid_ns": pid_namespace(), "pid": NO_PID, "start_ticks": 1, **(supervisor or {})}
    nodes.connection.execute(
        "insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks, stopped_at) values "
        "(%(id)s, 'here', %(boot_id)s, %(pid_ns)s, %(pid)s, %(start_ticks)s, case when %(farewell)s then now() end)",
        {"id": left.owner, "farewell": farewell, **host},
    )
    values = {"owner": left.owner, "epoch": left.tag_epoch, "node": node_id, "pid": pid, "ticks": left.start_ticks}
    nodes.connection.execute(
        "insert into scrape_leases (source, lease_owner, lease_until, epoch) "
        "values ('left', %(owner)s, clock_timestamp() + interval '1 hour', %(epoch)s)",
        values,
    )
    nodes.connection.execute(
        "insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, status, boot_id, "
        "pid_ns, pid, start_ticks, heartbeat_at, progress_at) values (%(node)s, 'left', %(owner)s, %(owner)s, "
        "%(epoch)s, now(), 1, 'running', %(boot)s, %(ns)s, %(pid)s, %(ticks)s, now(), now())",
        {**values, "boot": left.boot_id, "ns": left.pid_ns},
    )
    nodes.connection.execute(
        "update nodes set open_tick = now(), open_attempt = 1, open_part = 0, stop_requested = true where id = %s",
        (node_id,),
    )
