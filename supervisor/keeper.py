"""The keeper: outlives the supervisor by a moment and takes its processes along.

Run as a plain file with the standard library alone. It reads lines from a pipe that the supervisor holds: a number is
the CLOCK_BOOTTIME until which all leases are valid, `idle` says that none is held. When the pipe ends, or the time
passes while the supervisor is stopped, every process that carries the supervisor's mark is killed.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from pathlib import Path

_ROUNDS = 200


def main() -> None:
    """argv: mark of the supervisor, folder of its socket, then optionally a program to execute after its death."""
    mark = sys.argv[1].encode()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a signal to the whole group must not take the keeper first
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("-500", "ascii")
    if not watch(mark):
        return  # a farewell: the supervisor has cleaned up, and its resource tracker still has work to do
    kill_marked(mark)
    remove(Path(sys.argv[2]))
    if len(sys.argv) > 3:
        os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 - our own interpreter and file


def watch(mark: bytes) -> bool:
    """Wait for the end of the pipe; kill once whenever the leases run out unrenewed."""
    valid_until: float | None = None
    pending = b""
    while True:
        left = None if valid_until is None else max(0.0, valid_until - now())
        if not select.select([0], [], [], left)[0]:
            kill_marked(mark)
            valid_until = None
            continue
        chunk = os.read(0, 4096)
        if not chunk:
            return True
        *lines, pending = (pending + chunk).split(b"\n")
        if b"farewell" in lines:
            return False
        if lines:
            valid_until = None if lines[-1] == b"idle" else float(lines[-1])


def now() -> float:
    """Seconds since boot, suspend included; CLOCK_MONOTONIC stands still in suspend."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def kill_marked(mark: bytes) -> None:
    """SIGKILL until two looks in a row find nobody."""
    empty = 0
    for _ in range(_ROUNDS):
        found = marked(mark)
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        empty = 0 if found else empty + 1
        if empty == 2:
            return
        time.sleep(0.005)


def remove(folder: Path) -> None:
    """Remove a folder of sockets; not what somebody has put there besides."""
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            if file.is_socket():
                file.unlink()
        folder.rmdir()


def marked(mark: bytes) -> list[int]:
    """Living processes whose environment block holds the mark."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib would cost memory that this process should not have
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            block = Path(f"/proc/{name}/environ").read_bytes()
            if mark in block.split(b"\0") and b") Z" not in Path(f"/proc/{name}/stat").read_bytes():
                found.append(int(name))
    return found


if __name__ == "__main__":
    main()
