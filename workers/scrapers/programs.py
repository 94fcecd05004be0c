"""A program under guard: its lines as they come, its end, and no wait for what it leaves behind."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

GUARD = str(Path(__file__).with_name("exec_guard.py"))
LINE_LIMIT = {"stdout": 1_000_000, "stderr": 10_000}  # bytes; a longer line would have to be held in memory whole
WAITING = 16  # lines read ahead: a program that outruns the commits waits in its write
POLL_S = 0.05
DRAIN_S = 0.5  # after the end; grandchildren may hold the pipes open for ever
TERM_S = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output; `cut` when it was longer than the limit."""

    stream: str
    text: str
    cut: bool = False


class Program:
    """A running program; start it in a thread that outlives it, whose end would kill it (PDEATHSIG)."""

    def __init__(self, argv: list[str], *, cwd: str | None, env: dict[str, str]) -> None:
        """Start it in a process group of its own; raises OSError."""
        guarded = [sys.executable, "-I", "-S", GUARD, str(os.getpid()), *argv]
        self._process = subprocess.Popen(
            guarded,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._lines: queue.Queue[Line] = queue.Queue(WAITING)
        self._closed = threading.Event()
        self._pumps = [self._pump("stdout", self._process.stdout), self._pump("stderr", self._process.stderr)]

    def lines(self) -> Iterator[Line]:
        """Lines of both streams until the program has ended and is drained; time spent by the caller does not count."""
        ended_at: float | None = None
        while True:
            if ended_at is None and self._process.poll() is not None:
                ended_at = time.monotonic()
            # Asked before the look into the queue: the other way round the last line could be lost.
            pumping = any(pump.is_alive() for pump in self._pumps)
            try:
                line = self._lines.get(timeout=POLL_S)
            except queue.Empty:
                if ended_at is not None and not pumping:
                    return
            else:
                handed_out = time.monotonic()
                yield line
                if ended_at is not None:
                    ended_at += time.monotonic() - handed_out
            if ended_at is not None and time.monotonic() - ended_at > DRAIN_S:
                return

    def exit_code(self) -> int:
        """Of the ended program: its status, or minus the signal."""
        return self._process.wait()

    def close(self) -> None:
        """TERM, then KILL after a second, to its whole group; does nothing to one that has ended."""
        self._closed.set()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            # Not reaped yet, so the number of its group cannot have passed to anybody else.
            os.killpg(self.pid, number)
            try:
                self._process.wait(TERM_S)
            except subprocess.TimeoutExpired:
                continue

    def _pump(self, stream: str, pipe: IO[bytes] | None) -> threading.Thread:
        # A daemon thread: a pipe that a grandchild holds open must not hold up the end of the scrape.
        thread = threading.Thread(target=self._read, args=(stream, pipe), name=f"command-{stream}", daemon=True)
        thread.start()
        return thread

    def _read(self, stream: str, pipe: Any) -> None:
        limit = LINE_LIMIT[stream]
        inside = False  # a line whose beginning was handed over already
        while raw := pipe.readline(limit + 1):
            ends = raw.endswith(b"\n")
            if not inside:
                text = raw[:limit].decode("utf-8", "replace").rstrip("\r\n")
                self._put(Line(stream, text, cut=not ends and len(raw) > limit))
            inside = not ends
        pipe.close()

    def _put(self, line: Line) -> None:
        while not self._closed.is_set():
            try:
                self._lines.put(line, timeout=POLL_S)
            except queue.Full:
                continue
            return
