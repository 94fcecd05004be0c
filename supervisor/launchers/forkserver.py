"""The forkserver that holds the template: started early, known by its pid, ended with the launcher."""

from __future__ import annotations

import signal
import time
from multiprocessing import forkserver, resource_tracker
from typing import Any

from supervisor import processes
from workers import template

# Private names of the standard library: there is no other way to know these pids.
_server: Any = forkserver._forkserver  # noqa: SLF001 - see above
_tracker: Any = resource_tracker._resource_tracker  # noqa: SLF001 - see above


def start() -> int | None:
    """The forkserver's pid, started if need be; main thread only, since it dies with the thread that starts it."""
    forkserver.set_forkserver_preload(list(template.PRELOAD))
    forkserver.ensure_running()
    pid: int | None = _server._forkserver_pid  # noqa: SLF001 - see above
    return pid


def helpers() -> set[int]:
    """Pids of the forkserver and of the resource tracker beside it."""
    pids = (_server._forkserver_pid, getattr(_tracker, "_pid", None))  # noqa: SLF001 - see above
    return {pid for pid in pids if pid is not None}


def has_died(pid: int, limit_s: float) -> bool:
    """Whether it is dead by then: one whose fork has failed takes a moment to end."""
    until = time.monotonic() + limit_s
    while processes.is_alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
    return True


def stop() -> None:
    """Kill it; it is reaped and its pipes are closed."""
    pid = _server._forkserver_pid  # noqa: SLF001 - see above
    if pid is not None and processes.send_pid(pid, signal.SIGKILL):
        _server._stop()  # noqa: SLF001 - see above
