"""Process trees: who belongs to a run, and how to end them all."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from workers.processes import OWNER_NAME, Identity, boot_id, pid_namespace, start_ticks, state_letter

_PR_SET_CHILD_SUBREAPER = 36
_ROUNDS = 50
_ROUND_S = 0.002


def adopt_orphans() -> None:
    """Become the process that orphaned descendants fall to, instead of init."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def raise_descriptor_limit() -> None:
    """Allow as many descriptors as the system does: each scrape takes some seven."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def children_of(pid: int) -> list[int]:
    """Direct children over all threads of a process; a process that is gone has none."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text("ascii").split())
    return found


def descendants_of(pid: int) -> list[int]:
    """All descendants, parents before children."""
    found = children_of(pid)
    for child in found:  # grows while it is walked
        found += children_of(child)
    return found


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    return state_letter(pid) not in (None, "Z", "X")


def send(pidfd: int, number: int) -> bool:
    """Signal through a pidfd; False if the process is gone."""
    try:
        signal.pidfd_send_signal(pidfd, number)
    except ProcessLookupError:
        return False
    return True


def send_pid(pid: int, number: int) -> bool:
    """Signal a pid that is known to be in one of our trees; False if it is gone."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def kill_tree(pid: int, pidfd: int) -> None:
    """SIGKILL a scrape and all its descendants, own sessions and daemons included.

    The scrape is a subreaper: stopped first, it can neither fork nor lose a descendant to somebody else, so its
    tree can be emptied from below before it dies itself. Bounded to 0.1 s; what is left falls to the supervisor.
    """
    if not send(pidfd, signal.SIGSTOP):
        return
    for _ in range(_ROUNDS):
        living = [child for child in descendants_of(pid) if is_alive(child)]
        if not living:
            break
        for child in living:
            send_pid(child, signal.SIGKILL)
        time.sleep(_ROUND_S)
    send(pidfd, signal.SIGKILL)


def terminate_tree(pid: int, pidfd: int) -> None:
    """SIGTERM a scrape and its descendants; nothing if it is gone: its pid may be a stranger's by now."""
    if not send(pidfd, 0):
        return
    for child in descendants_of(pid):
        send_pid(child, signal.SIGTERM)
    send(pidfd, signal.SIGTERM)


def environment_of(pid: int) -> dict[str, str]:
    """The environment block that the kernel shows of a process; empty where it may not be read."""
    try:
        block = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    pairs = (entry.partition(b"=") for entry in block.split(b"\0") if entry)
    return {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, _, value in pairs}


def tagged_with(name: str, value: str) -> Iterator[int]:
    """Living processes whose environment block holds `name=value`, this one excepted."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            pid = int(entry.name)
            if environment_of(pid).get(name) == value and is_alive(pid):
                yield pid


def kill_tagged(supervisor_id: str, *, limit_s: float = 2.0) -> int:
    """SIGKILL every process that carries the mark of that supervisor; returns how many there were."""
    until = time.monotonic() + limit_s
    killed: set[int] = set()
    while (living := list(tagged_with(OWNER_NAME, supervisor_id))) and time.monotonic() < until:
        for pid in living:
            send_pid(pid, signal.SIGKILL)
            killed.add(pid)
        time.sleep(_ROUND_S * 5)
    return len(killed)


def is_provably_gone(identity: Identity) -> bool:
    """Whether a process of this boot and pid namespace ended; anything we cannot see counts as alive."""
    if identity.boot_id != boot_id() or identity.pid_ns != pid_namespace() or not identity.boot_id:
        return False
    ticks = start_ticks(identity.pid)
    if ticks is None:
        return not _exists(identity.pid)  # /proc may hide other users' processes
    return ticks != identity.start_ticks or not is_alive(identity.pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def reap(pid: int) -> bool:
    """Collect one child's exit status, never any other's; True if it is gone."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
