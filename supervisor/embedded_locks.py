"""Who uses the embedded Postgres, and how the last one stops it.

Three files lie beside the cluster, all locked with flock, so that every lock dies with its process:

- the gate, held alone by whoever creates, starts or stops the server;
- the users file, shared by every owner: who gets it alone is the last;
- the life file, held by the server itself and inherited by each of its processes, so "is it gone?" needs no pid.

This module needs the standard library alone and runs by its path (`python embedded_locks.py DIRECTORY...`), because the
process that tidies up after a killed supervisor imports nothing of this package.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLUSTER = "postgres"
GATE = "postgres.gate"
USERS = "postgres.users"
LIFE = "postgres.life"
LOCATION = "location"

GATE_LIMIT_S = 120.0  # longer than a first start on a slow disk; a holder that is stopped must not block for ever
STOP_LADDER = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 8.0), (signal.SIGKILL, 5.0))  # fast, immediate, none
ORPHANS_LIMIT_S = 8.0  # the processes of a killed postmaster end by themselves as soon as they look up
POLL_S = 0.01


def home_of(directory: Path) -> Path:
    """Folder that holds the cluster of `directory` and its locks: itself, or the one its note `location` names."""
    note = directory / LOCATION
    return Path(note.read_text(encoding="utf-8").strip()) if note.is_file() else directory


def open_lock(path: Path) -> int:
    """Descriptor of a lock file, made when missing. Raises OSError.

    No program that is started inherits it. A bare fork would, and would hold the share as long as it lives.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()  # a root command must not lock the folder's owner out
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def try_lock(descriptor: int, kind: int) -> bool:
    """Take a flock of `kind` (LOCK_SH or LOCK_EX) at once, or answer False."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def poll(condition: Callable[[], bool], limit_s: float) -> bool:
    """Ask until `condition` holds; False when it does not within `limit_s` seconds."""
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True


@contextlib.contextmanager
def gate(home: Path, limit_s: float | None = None) -> Iterator[None]:
    """Be the only one that creates, starts or stops the server in `home`. Raises TimeoutError, OSError."""
    limit_s = GATE_LIMIT_S if limit_s is None else limit_s
    descriptor = open_lock(home / GATE)
    try:
        if not poll(lambda: try_lock(descriptor, fcntl.LOCK_EX), limit_s):
            raise TimeoutError(f"{home / GATE} has been locked by another command for {limit_s:g} s; end that command")
        yield
    finally:
        os.close(descriptor)


def is_alive(home: Path) -> bool:
    """Whether any process of the server in `home` still lives, whichever pid namespace it is in."""
    descriptor = open_lock(home / LIFE)
    try:
        return not try_lock(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def server_pid(home: Path) -> int | None:
    """Pid of the running postmaster of `home`, or None; a stranger that was given its old pid does not count."""
    pid = noted_pid(home)
    return pid if pid is not None and is_alive(home) and _runs_on(pid, home / CLUSTER) else None


def noted_pid(home: Path) -> int | None:
    """Pid in postmaster.pid, which a killed server leaves behind; None without the file."""
    try:
        return int((home / CLUSTER / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _runs_on(pid: int, cluster: Path) -> bool:
    # The command line and not the working folder: root in a container may not read the latter of another user.
    if not Path("/proc/self").exists():
        return True
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return (b"-D", os.fsencode(cluster)) in itertools.pairwise(words)


def stop_server(home: Path) -> bool:
    """Stop the server of `home`, rung by rung, each with its limit (call it inside the gate); whether it is gone."""
    # A server that is only just starting lives before it has noted its pid.
    poll(lambda: not is_alive(home) or server_pid(home) is not None, ORPHANS_LIMIT_S)
    for number, limit_s in STOP_LADDER:
        pid = server_pid(home)
        if pid is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if poll(lambda: not is_alive(home), limit_s):
            return True
    return poll(lambda: not is_alive(home), ORPHANS_LIMIT_S)


def stop_if_unused(home: Path) -> bool:
    """Stop the server of `home` unless somebody holds a share (call it inside the gate); whether it is gone."""
    users = open_lock(home / USERS)
    try:
        return try_lock(users, fcntl.LOCK_EX) and stop_server(home)
    finally:
        os.close(users)


def release_if_unused(directory: Path) -> bool:
    """Stop the server of `directory` unless somebody uses it; whether it is gone. Raises TimeoutError, OSError."""
    home = home_of(directory.resolve())
    if not (home / CLUSTER).is_dir():
        return True
    with gate(home):
        return stop_if_unused(home)


if __name__ == "__main__":
    released = [release_if_unused(Path(directory)) for directory in sys.argv[1:]]
    sys.exit(0 if all(released) else 1)
