"""Looks at the memory that is really there, before a launch."""

from __future__ import annotations

import os
from collections.abc import Iterable

from supervisor.config import Config
from supervisor.decide import Room
from supervisor.launchers import Flight
from supervisor.memory import MemoryReading, read_memory, reserve_mb
from workers.processes import rss_mb

_RESUME = 0.25  # of the reserve: so much more than the reserve has to be there before launches go on
_RESUME_MOST_MB = 256.0  # on a large machine a quarter of the reserve is more than any scrape needs


def look(
    config: Config, flights: Iterable[Flight], helpers: Iterable[int] = (), *, paused: bool = False
) -> tuple[MemoryReading, Room]:
    """The reading, and what it leaves for a new scrape beside those that run.

    `helpers`: pids of our own. `paused`: whether launches were paused at the last look; they are while less than the
    reserve is left, and until there is clearly more, so that scrapes do not come and go at its edge.
    """
    memory = config.memory
    reading = read_memory(memory.cgroup_root, memory.proc_root)
    running = list(flights)
    reserve = reserve_mb(reading, memory.reserve_percent, memory.reserve_mb)
    resume = reserve + min(reserve * _RESUME, _RESUME_MOST_MB)
    promised = sum(max(0.0, flight.assignment.budget_mb - flight.measured_mb) for flight in running)
    return reading, Room(
        available_mb=reading.available_mb,
        limit_mb=reading.limit_mb,
        source=reading.source,
        reserve_mb=reserve,
        resume_mb=resume,
        paused=reading.available_mb < (resume if paused else reserve),
        promised_mb=promised,
        own_mb=rss_mb(os.getpid()) + sum(rss_mb(pid) for pid in helpers),
        held_mb=sum(flight.measured_mb for flight in running),
        running=len(running),
    )
