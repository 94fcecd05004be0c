"""Guards and wishes under a real supervisor: deadlines, silence, stop, kill, shutdown."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_supervisor import Nodes, Start, alive, pids_in
from tests.wait import wait_for


@pytest.mark.parametrize("scraper", ["zoo:sleeps", "zoo:holds_the_gil"])
def test_a_hung_scrape_is_dead_by_its_timeout_and_a_slow_one_is_left_alone(
    supervise: Start, nodes: Nodes, scraper: str
) -> None:
    nodes.add("hung", scraper, timeout_s=2, max_attempts=1)
    nodes.add("slow", "zoo:pages", {"pages": 12, "pause_s": 0.3}, timeout_s=60)
    supervise()
    (run,) = nodes.wait_for_ends("hung")
    assert (run["status"], run["cause"], run["ended_by"]) == ("error", "timeout", "kill")
    assert run["error"].startswith("killed after 2 s: hard timeout; last page 1")
    assert 2 <= (run["finished_at"] - run["started_at"]).total_seconds() < 4
    assert not processes.is_alive(run["pid"])
    (slow,) = nodes.wait_for_ends("slow")
    assert slow["cause"] == "done"


def test_after_a_timeout_no_process_of_the_run_is_left(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")}, timeout_s=2, max_attempts=1)
    supervise()
    pids = pids_in(tmp_path / "pids")
    assert len(alive(pids)) == 4
    (run,) = nodes.wait_for_ends("deaf")
    assert run["cause"] == "timeout"
    assert alive(pids) == []


def test_a_stopped_scrape_is_killed_by_its_timeout_too(supervise: Start, nodes: Nodes) -> None:
    nodes.add("stopped", "zoo:pages", {"pages": 1000, "pause_s": 0.05}, timeout_s=2, max_attempts=1)
    supervise()
    run = nodes.wait_for_pages("stopped")
    processes.send_pid(run["pid"], signal.SIGSTOP)
    (run,) = nodes.wait_for_ends("stopped")
    assert run["cause"] == "timeout"


def test_stop_requested_ends_a_yielding_scraper_within_a_second_and_keeps_its_checkpoint(
    supervise: Start, nodes: Nodes
) -> None:
    nodes.add("long", "zoo:pages", {"pages": 1000, "pause_s": 0.05})
    supervise(supervisor__poll_s=30)  # only the notification can be that quick
    nodes.wait_for_pages("long", 2)
    asked = time.monotonic()
    nodes.update("long", stop_requested=True)
    (run,) = nodes.wait_for_ends("long")
    assert time.monotonic() - asked < 1
    assert (run["status"], run["cause"], run["ended_by"]) == ("stopped", "requested", "soft")
    node = nodes.wait_for_status("long", "stopped")
    assert node["open_tick"] is None
    state = nodes.connection.execute("select state from checkpoints").fetchone()
    assert state == {"state": {"page": run["pages_count"] + 1}}


def test_start_after_a_stop_goes_on_from_the_checkpoint(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 30, "pause_s": 0.05})
    supervise()
    nodes.wait_for_pages("long", 2)
    nodes.update("long", stop_requested=True)
    (first,) = nodes.wait_for_ends("long")
    nodes.update("long", stop_requested=False, run_requested=True)
    second = nodes.wait_for_ends("long", 2)[1]
    assert second["start_checkpoint"] == {"page": first["pages_count"] + 1}
    assert first["inserted_count"] + second["inserted_count"] == nodes.jobs() == 150


def test_a_deaf_scraper_is_stopped_by_the_ladder(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")})
    supervise()
    pids = pids_in(tmp_path / "pids")
    nodes.wait_for_pages("deaf")
    asked = time.monotonic()
    nodes.update("deaf", stop_requested=True)
    (run,) = nodes.wait_for_ends("deaf")
    assert 2 <= time.monotonic() - asked < 5  # kill.soft_s + kill.term_s
    assert (run["status"], run["cause"], run["ended_by"]) == ("stopped", "requested", "kill")
    assert alive(pids) == []


def test_a_sleeping_scraper_is_ended_by_sigterm(supervise: Start, nodes: Nodes) -> None:
    nodes.add("sleeps", "zoo:sleeps")
    supervise()
    nodes.wait_for_pages("sleeps")
    nodes.update("sleeps", stop_requested=True)
    (run,) = nodes.wait_for_ends("sleeps")
    assert (run["status"], run["cause"], run["ended_by"]) == ("stopped", "requested", "term")


def test_kill_requested_kills_at_once_and_leaves_the_node_stopped(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")})
    supervise(kill__soft_s=60)
    pids = pids_in(tmp_path / "pids")
    nodes.wait_for_pages("deaf")
    nodes.update("deaf", kill_requested=True)
    (run,) = nodes.wait_for_ends("deaf", limit_s=5)
    assert (run["status"], run["cause"], run["ended_by"]) == ("stopped", "requested", "kill")
    assert alive(pids) == []
    node = nodes.wait_for_status("deaf", "stopped")
    assert (node["stop_requested"], node["kill_requested"]) == (True, False)


def test_stop_requested_ends_a_back_off_without_a_row(supervise: Start, nodes: Nodes) -> None:
    nodes.add("raises", "zoo:raises")
    supervise(retry__base_s=60, retry__cap_s=60)
    nodes.wait_for_ends("raises")
    node = nodes.wait_for_status("raises", "waiting")
    assert node["status_reason"].startswith("attempt 2 of 3 at ")
    nodes.update("raises", stop_requested=True)
    node = nodes.wait_for_status("raises", "stopped")
    assert (node["open_tick"], node["retry_at"]) == (None, None)
    assert len(nodes.runs("raises")) == 1


def test_a_scrape_without_progress_is_killed_as_stalled(supervise: Start, nodes: Nodes) -> None:
    nodes.add("sleeps", "zoo:sleeps", stall_s=1.5, max_attempts=1)
    supervise()
    (run,) = nodes.wait_for_ends("sleeps")
    assert (run["cause"], run["ended_by"]) == ("stalled", "kill")
    assert "stall_s is 1.5" in run["error"]


def test_a_scrape_without_heartbeat_is_killed_as_stale(supervise: Start, nodes: Nodes) -> None:
    nodes.add("silent", "zoo:holds_the_gil", max_attempts=1)
    supervise(heartbeat__every_s=0.5, heartbeat__stale_after_s=3)
    (run,) = nodes.wait_for_ends("silent")
    assert (run["cause"], run["ended_by"]) == ("stale", "kill")
    assert "no heartbeat for" in run["error"]


def test_sigterm_drains_releases_leases_and_exits_0(supervise: Start, nodes: Nodes) -> None:
    nodes.add("long", "zoo:pages", {"pages": 1000, "pause_s": 0.05})
    supervisor = supervise()
    nodes.wait_for_pages("long", 2)
    tree = supervisor.tree()
    assert supervisor.terminate() == 0
    run = nodes.last("long")
    assert (run["status"], run["cause"], run["ended_by"]) == ("stopped", "shutdown", "soft")
    wait_for(lambda: not alive(tree), 2, "the end of all, the tracker that ends by itself included")
    held = nodes.connection.execute("select * from scrape_leases where lease_until > clock_timestamp()").fetchall()
    assert held == []
    supervise()
    runs = wait_for(lambda: [run for run in nodes.runs("long") if run["part"] == 1], 10, "the next part")
    assert (runs[0]["attempt"], runs[0]["start_checkpoint"]) == (1, {"page": run["pages_count"] + 1})


def test_a_second_sigterm_forces(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")})
    supervisor = supervise(supervisor__drain_s=60)
    pids = pids_in(tmp_path / "pids")
    nodes.wait_for_pages("deaf")
    supervisor.process.send_signal(signal.SIGTERM)
    supervisor.wait_for_event("draining", force=False)
    assert supervisor.terminate(5) == 0
    assert nodes.last("deaf")["cause"] == "shutdown"
    assert alive(pids) == []
