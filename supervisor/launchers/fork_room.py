"""Whether a fork would succeed: one that fails kills the forkserver, and with it every running scrape."""

from __future__ import annotations

import os
import resource

from supervisor.cgroups import pids_room

_PIDS = 16  # kept free: a scrape is a process and some threads, and its supervisor has a thread for it
_DESCRIPTORS = 32  # the same: some seven a scrape, and what the supervisor opens for a moment


def shortage() -> str | None:
    """What is too short for another scrape, as a reason to wait; None: nothing is."""
    pids = pids_room()
    if pids is not None and pids < _PIDS:
        return f"only {pids} more processes are allowed here, {_PIDS} are kept free"
    descriptors = descriptors_room()
    if descriptors is not None and descriptors < _DESCRIPTORS:
        return f"only {descriptors} more files may be opened here (ulimit -n), {_DESCRIPTORS} are kept free"
    return None


def descriptors_room() -> int | None:
    """How many more files this process may open; None where that is not known."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        used = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - asked before each launch, and only counted
    except OSError:
        return None
    return None if limit == resource.RLIM_INFINITY else max(0, limit - used)
