"""Sudden deaths: of supervisors, of the template, of the keeper; strangers live, nothing is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_supervisor import Connection, Nodes, Start, Supervised, alive, none_alive, pids_in
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


def test_kill_9_at_random_moments_loses_and_doubles_nothing(supervise: Start, nodes: Nodes) -> None:
    chance = random.Random(7)
    nodes.add("long", "zoo:pages", {"pages": 60, "pause_s": 0.05})
    for _ in range(5):
        supervisor = supervise()
        wait_for(lambda: nodes.runs("long"), 10, "a run")
        moment = time.monotonic() + chance.uniform(0, 1)
        wait_for(partial(_is_past, moment), 2, "a random moment")
        tree = supervisor.tree()
        supervisor.kill()
        wait_for(partial(none_alive, tree), 2, "the death of all")
    supervise()
    wait_for(lambda: any(run["cause"] == "done" for run in nodes.runs("long")), 30, "the end of the crawl")
    runs = nodes.runs("long")
    assert {run["attempt"] for run in runs} == {1}
    assert [run["part"] for run in runs] == list(range(len(runs)))
    assert sum(run["inserted_count"] for run in runs) == nodes.jobs() == 300
    assert sum(run["pages_count"] for run in runs) == 60


def test_a_killed_keeper_is_replaced_and_its_successor_keeps_the_promise(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 200, "pause_s": 0.05})
    supervisor = supervise()
    run = nodes.wait_for_pages("long", 2)
    (keeper,) = [pid for pid in supervisor.tree() if "keeper.py" in _command_line(pid)]
    processes.send_pid(keeper, signal.SIGKILL)
    replaced = supervisor.wait_for_event("keeper_replaced")
    assert replaced["pid"] in supervisor.tree()
    assert processes.is_alive(run["pid"])
    tree = supervisor.tree()
    supervisor.kill()
    wait_for(partial(none_alive, tree), 2, "the death of all")


def _command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def test_kill_9_of_the_forkserver_costs_no_attempt(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 40, "pause_s": 0.05})
    supervisor = supervise()
    run = nodes.wait_for_pages("long", 2)
    (forkserver,) = [pid for pid in supervisor.tree() if run["pid"] in processes.children_of(pid)]
    processes.send_pid(forkserver, signal.SIGKILL)
    first, second = nodes.wait_for_ends("long", 2)
    assert (first["status"], first["cause"]) == ("error", "lost")
    assert "forkserver" in first["error"]
    assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1)
    assert nodes.jobs() == 200


def test_a_stopped_forkserver_blocks_no_guard_and_is_replaced(supervise: Start, nodes: Nodes) -> None:
    nodes.add("hung", "zoo:sleeps", timeout_s=4, max_attempts=1)
    supervisor = supervise()
    run = nodes.wait_for_pages("hung")
    (forkserver,) = [pid for pid in supervisor.tree() if run["pid"] in processes.children_of(pid)]
    processes.send_pid(forkserver, signal.SIGSTOP)
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


def test_two_supervisors_started_at_once_never_run_a_node_twice(supervise: Start, nodes: Nodes) -> None:
    for number in range(6):
        nodes.add(f"n{number}", "zoo:pages", {"pages": 4, "pause_s": 0.05, "board": number}, schedule="every 1s")
    supervisors = [supervise(), supervise()]
    wait_for(lambda: len(nodes.wait_for_ends("n0")) >= 4, 30, "some rounds")
    for supervisor in supervisors:
        assert supervisor.terminate() == 0
    overlaps = nodes.connection.execute(
        "select * from scrape_runs a join scrape_runs b on a.source = b.source and a.id < b.id "
        "and a.status <> 'skipped' and b.status <> 'skipped' and b.started_at < a.finished_at"
    ).fetchall()
    assert overlaps == []
    by_both = nodes.connection.execute("select distinct supervisor_id from scrape_runs where attempt > 0").fetchall()
    assert len(by_both) == 2


def test_a_supervisor_that_was_stopped_longer_than_its_lease_has_lost_its_runs(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 200, "pause_s": 0.05})
    sleeper = supervise(supervisor__lease_s=8, supervisor__renew_s=1)
    run = nodes.wait_for_pages("long", 2)
    sleeper.process.send_signal(signal.SIGSTOP)
    wait_for(lambda: not processes.is_alive(run["pid"]), 12, "the keeper's kill when the lease has run out")
    supervise(supervisor__lease_s=8, supervisor__renew_s=1)
    second = wait_for(lambda: [run for run in nodes.runs("long") if run["part"] == 1], 15, "the take-over")[0]
    sleeper.process.send_signal(signal.SIGCONT)
    nodes.wait_for_ends("long", 2, 40)
    first, second = nodes.runs("long")
    assert (first["cause"], second["cause"]) == ("lost", "done")
    assert first["inserted_count"] + second["inserted_count"] == nodes.jobs() == 1000
    assert sleeper.terminate() == 0


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_two_hundred_scrapes_leave_descriptors_threads_and_processes_flat(
    supervise: Start, nodes: Nodes, method: str
) -> None:
    rounds = 200 if method == "forkserver" else 20
    supervisor = supervise(launcher__start_method=method)
    for number in range(10):
        nodes.add(f"n{number}", "zoo:pages", {"pages": 1, "board": number})
    wait_for(lambda: _ended(nodes) >= 10, 60, "the first ten")
    before = wait_for(partial(_at_rest, supervisor), 10, "an idle supervisor")
    for done in range(10, rounds, 10):
        nodes.connection.execute("update nodes set run_requested = true")
        wait_for(partial(_have_ended, nodes, done + 10), 60, f"{done + 10} runs")
    wait_for(lambda: _at_rest(supervisor)[:2] <= before[:2], 10, "descriptors and threads as before")
    after = _footprint(supervisor.pid)
    assert after[2] < before[2] + 12, f"memory grew from {before[2]:.0f} to {after[2]:.0f} MB"
    causes = nodes.connection.execute("select cause, count(*) as n from scrape_runs group by cause").fetchall()
    assert causes == [{"cause": "done", "n": rounds}]
    pids = nodes.connection.execute("select count(distinct (pid, start_ticks)) as n from scrape_runs").fetchone()
    assert pids == {"n": rounds}


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


def _have_ended(nodes: Nodes, count: int) -> bool:
    return _ended(nodes) >= count


def _ended(nodes: Nodes) -> int:
    row = nodes.connection.execute("select count(*) as n from scrape_runs where finished_at is not null").fetchone()
    return int(row["n"]) if row else 0


def _at_rest(supervisor: Supervised) -> tuple[int, int, float]:
    """Its footprint, once two looks a while apart agree: the next process is made ready while nothing runs."""
    seen: list[tuple[int, int]] = []

    def twice_the_same() -> bool:
        seen.append(_footprint(supervisor.pid)[:2])
        return len(seen) > 50 and len(set(seen[-50:])) == 1

    wait_for(twice_the_same, 10, "rest")
    return _footprint(supervisor.pid)


def _footprint(pid: int) -> tuple[int, int, float]:
    """Descriptors, threads, MB."""
    descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return descriptors, threads, pages * os.sysconf("SC_PAGE_SIZE") / 2**20


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
