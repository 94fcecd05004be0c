"""Sudden deaths: of supervisors, of the template, of the keeper; strangers live, nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_supervisor import Connection, Nodes, Start, alive, none_alive, pids_in
from tests.footprint import named_semaphores, semaphores_of
from tests.scratch import scratch_folder
from tests.wait import wait_for
from workers.processes import OWNER_NAME, TAG_NAME, boot_id, pid_namespace, start_ticks, tag_of


def test_after_kill_9_of_the_supervisor_nothing_is_alive_within_two_seconds_and_the_run_goes_on(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    nodes.add("family", "zoo:with_grandchildren", {"pids": str(tmp_path / "pids"), "pages": 30, "pause_s": 0.1})
    supervisor = supervise()
    pids = pids_in(tmp_path / "pids")
    nodes.wait_for_pages("family", 3)
    tree = supervisor.tree()
    assert set(pids) & set(tree)
    supervisor.kill()
    wait_for(lambda: not alive(pids + tree), 2, f"the death of all: {alive(pids + tree)}")
    supervise()
    first, second = nodes.wait_for_ends("family", 2)
    assert (first["status"], first["cause"]) == ("error", "lost")
    assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1)
    assert second["start_checkpoint"] == {"page": first["pages_count"] + 1}
    assert first["inserted_count"] + second["inserted_count"] == nodes.jobs() == 150
    assert second["unchanged_count"] == second["updated_count"] == 0


def test_a_killed_keeper_is_replaced_and_its_successor_keeps_the_promise(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 200, "pause_s": 0.05})
    supervisor = supervise()
    run = nodes.wait_for_pages("long", 2)
    processes.send_pid(supervisor.keeper(), signal.SIGKILL)
    replaced = supervisor.wait_for_event("keeper_replaced")
    assert replaced["pid"] in supervisor.tree()
    assert processes.is_alive(run["pid"])
    tree = supervisor.tree()
    supervisor.kill()
    wait_for(partial(none_alive, tree), 2, "the death of all")


def test_after_kill_9_no_socket_and_no_semaphore_stays_behind(
    supervise: Start, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scratch_folder("t-") as folder:
        monkeypatch.setenv("TMPDIR", str(folder))
        nodes.add("fine", "zoo:pages")
        supervisor = supervise()
        nodes.wait_for_ends("fine")
        held = semaphores_of(supervisor.pid)
        assert len(list(folder.iterdir())) == 1
        supervisor.kill()
        wait_for(lambda: not list(folder.iterdir()), 2, "the folder's end")
        assert named_semaphores(held) == []


def test_kill_9_of_the_forkserver_costs_no_attempt(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 40, "pause_s": 0.05})
    supervisor = supervise()
    run = nodes.wait_for_pages("long", 2)
    assert run["pid"] in processes.children_of(supervisor.forkserver())
    processes.send_pid(supervisor.forkserver(), signal.SIGKILL)
    first, second = nodes.wait_for_ends("long", 2)
    assert (first["status"], first["cause"]) == ("error", "lost")
    assert "forkserver" in first["error"]
    assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1)
    assert nodes.jobs() == 200


def test_a_stopped_forkserver_blocks_no_guard_and_is_replaced(supervise: Start, nodes: Nodes) -> None:
    nodes.add("hung", "zoo:sleeps", timeout_s=4, max_attempts=1)
    supervisor = supervise()
    run = nodes.wait_for_pages("hung")
    processes.send_pid(supervisor.forkserver(), signal.SIGSTOP)
    nodes.add("late", "zoo:pages")
    wait_for(lambda: not processes.is_alive(run["pid"]), 6, "the death of the hung one by its timeout")
    wait_for(lambda: nodes.last("late")["cause"] == "done", 30, "the late one, by a new forkserver")


def test_a_stranger_with_the_pid_of_a_dead_run_lives(supervise: Start, nodes: Nodes, connection: Connection) -> None:
    """Boot recovery: pid, boot and namespace match, start ticks or tag do not."""
    _boot_beside_stranger(supervise, nodes, connection, ticks_off=-1)


def test_a_stranger_without_the_run_tag_lives_even_if_its_start_matches(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    _boot_beside_stranger(supervise, nodes, connection, ticks_off=0)


def test_what_a_dead_supervisor_left_running_is_killed_at_boot(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    """The counter-proof of the strangers: with the tag of the run it is killed."""
    supervisor_id = "0b2bb1f0-7c58-4a0a-9c0e-2b8a3a3a3a3a"
    tag = tag_of(_next_run_id(connection), 1_000_000)
    left = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env={**os.environ, TAG_NAME: tag, OWNER_NAME: supervisor_id},
        start_new_session=True,
    )
    try:
        _leave_open_run(connection, nodes, left.pid, ticks=start_ticks(left.pid) or 0, supervisor_id=supervisor_id)
        supervise()
        (run,) = nodes.wait_for_ends("left")
        assert run["cause"] == "lost"
        assert left.wait(5) == -signal.SIGKILL
    finally:
        left.kill()
        left.wait(5)


def test_a_live_neighbours_run_is_not_touched_at_boot(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 40, "pause_s": 0.05})
    supervise()
    nodes.wait_for_pages("long", 2)
    supervise()
    (run,) = nodes.wait_for_ends("long")
    assert run["cause"] == "done"


@pytest.mark.parametrize("count", [2, 3])
def test_two_supervisors_started_at_once_never_run_a_node_twice(supervise: Start, nodes: Nodes, count: int) -> None:
    for number in range(6):
        nodes.add(f"n{number}", "zoo:pages", {"pages": 4, "pause_s": 0.05, "board": number}, schedule="every 1s")
    supervisors = [supervise() for _ in range(count)]
    by = "select distinct supervisor_id from scrape_runs where attempt > 0"
    wait_for(lambda: len(nodes.wait_for_ends("n0")) >= 4, 30, "some rounds")
    wait_for(lambda: len(nodes.connection.execute(by.encode()).fetchall()) >= 2, 30, "rounds of at least two of them")
    for supervisor in supervisors:
        assert supervisor.terminate() == 0
    overlaps = nodes.connection.execute(
        "select * from scrape_runs a join scrape_runs b on a.source = b.source and a.id < b.id "
        "and a.status <> 'skipped' and b.status <> 'skipped' and b.started_at < a.finished_at"
    ).fetchall()
    assert overlaps == []


def _boot_beside_stranger(supervise: Start, nodes: Nodes, connection: Connection, *, ticks_off: int) -> None:
    """A stranger has the pid of an open run; the run is closed and the stranger lives."""
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        _leave_open_run(connection, nodes, stranger.pid, ticks=(start_ticks(stranger.pid) or 0) + ticks_off)
        supervise()
        (run,) = nodes.wait_for_ends("left")
        assert run["cause"] == "lost"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait(5)


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def _next_run_id(connection: Connection) -> int:
    row = connection.execute("select coalesce(max(id), 0) + 1 as id from scrape_runs").fetchone()
    return int(row["id"]) if row else 1


def _leave_open_run(
    connection: Connection,
    nodes: Nodes,
    pid: int,
    *,
    ticks: int,
    supervisor_id: str = "7e57ab1e-0000-4000-8000-000000000000",
) -> None:
    """Rows as a supervisor leaves them that died in mid-run: its own pid is surely gone."""
    node_id = nodes.add("left", "zoo:pages", run_requested=False)
    here = {"boot": boot_id(), "ns": pid_namespace(), "id": supervisor_id, "pid": pid, "ticks": ticks, "node": node_id}
    connection.execute(
        "insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks) "
        "values (%(id)s, 'here', %(boot)s, %(ns)s, 2147483000, 1)",
        here,
    )
    connection.execute(
        "insert into scrape_leases (source, lease_owner, lease_until, epoch) "
        "values ('left', %(id)s, clock_timestamp() + interval '1 hour', 1000000)",
        here,
    )
    connection.execute(
        "insert into scrape_runs (node_id, source, supervisor_id, owner, epoch, tick, attempt, status, boot_id, "
        "pid_ns, pid, start_ticks, heartbeat_at, progress_at) values (%(node)s, 'left', %(id)s, %(id)s, 1000000, "
        "now(), 1, 'running', %(boot)s, %(ns)s, %(pid)s, %(ticks)s, now(), now())",
        here,
    )
    connection.execute(
        "update nodes set open_tick = now(), open_attempt = 1, open_part = 0, stop_requested = true "
        "where id = %(node)s",
        here,
    )
