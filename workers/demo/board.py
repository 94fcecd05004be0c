"""The demo's job board, in a thread (`Board`) or as a process (`python -m workers.demo.board`).

The process prints one line, `{"url": ...}`, and lives until its stdin ends, its parent dies, or SIGTERM asks it to go.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import select
import signal
import sys
from datetime import UTC, datetime
from threading import Event, Thread

from workers.demo.desk import Desk
from workers.demo.server import LOOPBACK, BoardServer
from workers.demo.site import make_jobs

PARENT_POLL_S = 0.5
STOP_LIMIT_S = 5.0
PR_SET_PDEATHSIG = 1


class Board:
    """A job board in a thread of this process."""

    def __init__(self, seed: int = 1, jobs: int = 240, port: int = 0) -> None:
        """Prepare `jobs` postings grown from `seed`; nothing listens yet."""
        self._jobs = make_jobs(seed, jobs)
        self._port = port
        self._server: BoardServer | None = None
        self._thread: Thread | None = None

    def start(self) -> str:
        """Listen and serve; returns the address without a slash at the end. OSError when the port is taken."""
        self._server = BoardServer(self._port)
        base_url = f"http://{LOOPBACK}:{self._server.server_port}"
        # Ages are told from this one moment, so that the same posting looks the same at each visit.
        self._server.desk = Desk(self._jobs, base_url, datetime.now(UTC).replace(microsecond=0))
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="job-board", daemon=True)
        self._thread.start()
        return base_url

    def stop(self) -> None:
        """Close the board and all connections; a second call does nothing."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is None or thread is None:
            return
        server.shutdown()
        thread.join(STOP_LIMIT_S)
        server.turn_out()
        server.server_close()

    def __enter__(self) -> str:
        """Start it; gives its address."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()


def die_with(parent: int) -> bool:
    """Ask the kernel to end this process with its parent; False when the parent is gone already.

    The kernel watches the parent's *thread*: start this program from one that stays, best the main one.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent


def listen_to_signals(parent: int | None) -> Event:
    """An event that SIGTERM sets; SIGINT too, unless a parent is there to decide."""
    asked = Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    # Ctrl-C reaches every process of the terminal; a parent still needs the board while it winds down.
    signal.signal(signal.SIGINT, signal.SIG_IGN if parent else lambda *_: asked.set())
    return asked


def wait_for_the_end(parent: int | None, asked: Event) -> None:
    """Return when stdin ends, the parent has changed, or a signal has asked for it."""
    while not asked.is_set() and parent in (None, os.getppid()):
        readable, _, _ = select.select([0], [], [], PARENT_POLL_S)
        if readable and not os.read(0, 4096):
            return


def main() -> None:
    """Serve a board until the process that wanted it is done with it."""
    parser = argparse.ArgumentParser(prog="workers.demo.board", description="An invented job board on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--parent", type=int, help="end when this process, our parent, ends")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same postings")
    parser.add_argument("--jobs", type=int, default=240, help="number of postings")
    options = parser.parse_args()
    if options.parent is not None and not die_with(options.parent):
        return
    asked = listen_to_signals(options.parent)
    board = Board(options.seed, options.jobs, options.port)
    try:
        print(json.dumps({"url": board.start()}), flush=True)  # noqa: T201 -- the line the parent waits for
    except OSError as error:
        parser.error(f"port {options.port} is not to be had ({error}); choose another, or 0 for a free one")
    wait_for_the_end(options.parent, asked)
    board.stop()


if __name__ == "__main__":
    main()
