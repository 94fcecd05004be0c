"""How long the demo's board lives, how many it serves, and that nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.wait import wait_for
from workers.demo.board import Board

ROOT = Path(__file__).parents[2]
BOARD = [sys.executable, "-m", "workers.demo.board"]


def test_a_visitor_beyond_the_limit_is_turned_away_and_the_board_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.demo.server.MAX_CONNECTIONS", 2)
    served = Board(jobs=8)
    url = served.start()
    with (
        socket.create_connection(address(url)),
        socket.create_connection(address(url)),
        pytest.raises(requests.exceptions.ConnectionError),
    ):
        requests.get(url, timeout=5)
    wait_for(lambda: answers(url), 5, "the board answers when the others have left")
    served.stop()


def test_stopping_closes_the_port_and_ends_every_thread_even_with_visitors_inside() -> None:
    before = set(threading.enumerate())
    served = Board(jobs=8)
    url = served.start()
    with socket.create_connection(address(url)) as visitor, socket.create_connection(address(url)) as silent:
        visitor.sendall(b"GET /stall HTTP/1.1\r\nHost: board\r\n\r\n")
        wait_for(lambda: len(set(threading.enumerate()) - before) == 3, 5, "both visitors have a thread")
        served.stop()
        silent.settimeout(5)
        assert silent.recv(1) == b""
    wait_for(lambda: set(threading.enumerate()) <= before, 2, "no thread is left")
    assert not answers(url)
    served.stop()


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/robots.txt", timeout=5).ok
    except requests.exceptions.ConnectionError:
        return False


@contextmanager
def started(*argv: str) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
    """A process with its stdin and stdout; killed at the end whatever the test found out."""
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield process, process.stdin, process.stdout
        finally:
            process.kill()


def test_the_process_ends_when_its_stdin_does() -> None:
    with started(*BOARD, "--parent", str(os.getpid())) as (process, stdin, stdout):
        url = json.loads(stdout.readline())["url"]
        assert answers(url)
        stdin.close()
        assert process.wait(5) == 0
        assert not answers(url)


def test_ctrl_c_is_meant_for_the_parent_and_sigterm_for_the_board() -> None:
    with started(*BOARD, "--parent", str(os.getpid())) as (process, _, stdout):
        url = json.loads(stdout.readline())["url"]
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.8)  # longer than the board's own look around
        assert answers(url)
        process.terminate()
        assert process.wait(5) == 0


def test_a_board_without_a_parent_to_watch_ends_at_ctrl_c() -> None:
    with started(*BOARD) as (process, _, stdout):
        assert answers(json.loads(stdout.readline())["url"])
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0


def test_the_process_dies_with_its_parent_though_its_stdin_stays_open() -> None:
    start = (
        "import os, subprocess, sys\n"
        "board = subprocess.Popen([*sys.argv[1:], '--parent', str(os.getpid())])\n"
        "print(board.pid, flush=True)\n"
        "board.wait()\n"
    )
    with started(sys.executable, "-c", start, *BOARD) as (parent, _, stdout):
        first, second = sorted((stdout.readline(), stdout.readline()), key=len)
        pid, url = int(first), json.loads(second)["url"]
        assert answers(url)
        parent.kill()
        try:
            wait_for(lambda: gone(pid), 5, "the board is gone")
        finally:
            end(pid)
        assert not answers(url)


def test_a_board_whose_parent_is_another_already_serves_nobody() -> None:
    done = subprocess.run(
        [*BOARD, "--parent", str(os.getppid())], cwd=ROOT, input=b"", capture_output=True, timeout=10, check=True
    )
    assert done.stdout == b""


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def end(pid: int) -> None:
    if not gone(pid):
        os.kill(pid, signal.SIGKILL)
