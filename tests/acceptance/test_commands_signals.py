"""Signals that reach everybody at once, from a terminal or from whoever stops a container: runs are drained first."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor import embedded_locks as locks
from supervisor import processes
from supervisor.embedded import EmbeddedPostgres
from tests.fix_command import SCRIPT, environment
from tests.fix_database import connect
from tests.fix_supervisor import GUESTS, Nodes, none_alive, pids_in
from tests.wait import wait_for

CONFIG = f"""
[supervisor]
drain_s = 5
[scrapers]
allow = ["zoo"]
path = ["{GUESTS}"]
"""


@pytest.fixture
def running(public_folder: Path) -> Iterator[tuple[subprocess.Popen[str], Nodes]]:
    """`supervisor run` in a process group of its own, on an embedded server that it has started."""
    (public_folder / "config.toml").write_text(CONFIG, "utf-8")
    process = subprocess.Popen(
        [SCRIPT, "run", "--no-web"],
        cwd=public_folder,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        assert "nodes ready; Ctrl-C ends it" in process.stderr.readline()
        # Shares the server from now on, so that what the end has left in it can be read.
        with EmbeddedPostgres(public_folder / ".scrapewarden") as server, connect(server.start()) as connection:
            yield process, Nodes(connection)
    finally:
        process.kill()
        process.communicate(timeout=10)


def _without_pause(process: subprocess.Popen[str]) -> int:
    """SIGTERM until it has ended; its exit code."""
    while process.poll() is None:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.002)  # the pace of the signals, not a wait
    return int(process.returncode)


def test_signals_without_pause_spoil_nothing_of_the_way_out(running: tuple[subprocess.Popen[str], Nodes]) -> None:
    process, nodes = running
    nodes.add("first", "zoo:pages", {"pages": 1})
    nodes.wait_for_ends("first")  # so its loop has begun
    assert _without_pause(process) == 0


def test_signals_without_pause_from_the_first_line_on_give_the_server_back(public_folder: Path) -> None:
    with subprocess.Popen(
        [SCRIPT, "run", "--no-web"], cwd=public_folder, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "nodes ready; Ctrl-C ends it" in process.stderr.readline()
        assert _without_pause(process) in (0, 128 + signal.SIGTERM)  # the loop had begun, or not yet
        assert "Traceback" not in process.stderr.read()
    assert locks.server_pid(public_folder / ".scrapewarden") is None


@pytest.mark.parametrize("whom", ["group by SIGTERM", "group by SIGINT", "everybody else by SIGTERM"])
def test_a_signal_to_all_drains_the_runs_and_leaves_the_database_alone(
    running: tuple[subprocess.Popen[str], Nodes], public_folder: Path, tmp_path: Path, whom: str
) -> None:
    process, nodes = running
    nodes.add("family", "zoo:with_grandchildren", {"pages": 2, "pids": str(tmp_path / "first"), "board": 1})
    nodes.wait_for_ends("family")  # orphans were swept, and the server was not taken for one
    params = {"pages": 1000, "pause_s": 0.05, "pids": str(tmp_path / "pids"), "board": 2}
    nodes.add("long", "zoo:with_grandchildren", params)
    run = nodes.wait_for_pages("long", 2)
    tree = processes.descendants_of(process.pid)
    if whom.startswith("group"):
        os.killpg(process.pid, signal.SIGTERM if whom.endswith("TERM") else signal.SIGINT)
    else:
        server = _server_of(public_folder)
        for pid in (*tree, process.pid):
            if pid not in server:
                processes.send_pid(pid, signal.SIGTERM)
    assert process.wait(15) == 0
    said = process.stderr.read() if process.stderr else ""
    assert "Traceback" not in said
    assert "keeper" not in said  # it has not died of the signal
    (ended,) = nodes.wait_for_ends("long")
    assert (ended["id"], ended["status"], ended["cause"]) == (run["id"], "stopped", "shutdown"), ended["error"]
    assert ended["outcome"] is not None  # its own word: nobody killed it, nor the forkserver above it
    assert nodes.get("long")["open_part"] == 1
    wait_for(lambda: none_alive([run["pid"], *pids_in(tmp_path / "pids")]), 2, "nothing of the run is left")


def _server_of(folder: Path) -> set[int]:
    pid = locks.server_pid(folder / ".scrapewarden")
    assert pid is not None
    return {pid, *processes.descendants_of(pid)}
