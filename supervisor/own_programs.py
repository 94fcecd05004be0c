"""Programs that the supervisor itself starts beside its scrapes: known, so that nobody takes them for orphans."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

_lock = threading.Lock()
_pids: set[int] = set()
_starting = 0


def start(argv: Sequence[str], environment: Mapping[str, str], directory: str) -> subprocess.Popen[bytes]:
    """Start one in a session of its own, with stdin and one pipe for all that it says. Raises OSError, ValueError.

    From any thread. Whoever starts one has to `end` it.
    """
    global _starting  # noqa: PLW0603 - children belong to the process, and so does the list of them
    with _lock:
        _starting += 1
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=dict(environment),
            cwd=directory,
        )
        _pids.add(process.pid)
        return process
    finally:
        with _lock:
            _starting -= 1


def being_started() -> bool:
    """Whether a child may exist that is not known yet. Ask this first and `known` second: then none is missed."""
    return _starting > 0


def known() -> frozenset[int]:
    """The pids of those that have been started and not been ended."""
    return frozenset(_pids)


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended by itself; its pid stays its own until `end`."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end(process: subprocess.Popen[bytes]) -> int:
    """Kill what is left of it and of its group, close its pipes, and answer its exit status (-9: killed)."""
    # Before it is reaped: until then nobody else can get its number.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    status = process.wait()
    _pids.discard(process.pid)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # what was not read to the end before it left
                pipe.close()
    return status
