"""How many scrapes the server has connections for: a launch that would find none is held back."""

from __future__ import annotations

import time

from supervisor.tables import session
from workers.database import Connection

A_SCRAPE = 2  # one for its pages, one for its heartbeat
POOLED = 1  # the chores of the upkeep take turns
# What a supervisor holds besides: each of these has its own, so that none waits for another.
OUR_OWN = {
    "loop": 1,
    "renewal": 1,
    "notifications": 1,
    "pool": POOLED,
    "the process that waits ready": 1,
    "a command": 1,
}
_PLENTY = 20
_FRESH_S = 15.0  # the upkeep counts every ten seconds, so that no launch waits for it as long as there is plenty


class Connections:
    """What is left, as last counted."""

    def __init__(self) -> None:
        """Nothing is known, so nothing is held back."""
        self._left: int | None = None
        self._counted_at = -_FRESH_S

    def count_if_few(self, connection: Connection) -> None:
        """Ask the server, unless it had plenty when last asked."""
        if time.monotonic() - self._counted_at > _FRESH_S or (self._left is not None and self._left <= _PLENTY):
            self.count(connection)

    def count(self, connection: Connection) -> None:
        """Ask the server; behind a pooler its count says nothing of what we may have."""
        self._counted_at = time.monotonic()
        counts = session.connections(connection)
        direct = counts["pid"] == connection.info.backend_pid
        self._left = counts["free"] - counts["owed"] if direct else None

    def taken(self) -> None:
        """One more scrape was launched."""
        if self._left is not None:
            self._left -= A_SCRAPE

    @property
    def wait_reason(self) -> str | None:
        """Why no further scrape can be launched; None: it can. One is kept free, to connect again or to look."""
        if self._left is None or self._left > A_SCRAPE:
            return None
        return f"connections: a scrape needs {A_SCRAPE}, and the database has {max(0, self._left)} left for us"


def most_of(connection: Connection) -> int | None:
    """How many connections the server has for us; None: a pooler answers, and what it keeps is not to be seen."""
    limits = session.limits(connection)
    return int(limits["most"]) if limits["pid"] == connection.info.backend_pid else None


def needed(max_concurrent: int) -> int:
    """The most that a supervisor and so many scrapes at once ever hold."""
    return A_SCRAPE * max_concurrent + sum(OUR_OWN.values())


def parts_of_needed() -> str:
    """What that number is made of, in words."""
    several = [f"{count} for the {name}" if count > 1 else name for name, count in OUR_OWN.items()]
    return f"{A_SCRAPE} a scrape, and {sum(OUR_OWN.values())}: {', '.join(several)}"


def shortage(most: int | None, max_concurrent: int) -> str | None:
    """What is wrong with the number we may have; None: nothing."""
    wanted = needed(max_concurrent)
    if most is None or most >= wanted:
        return None
    room = max(0, most - needed(0)) // A_SCRAPE
    return (
        f"max_connections leaves us {most}, {wanted} needed for {max_concurrent} scrapes at once: "
        f"no more than {room} will run; raise max_connections or lower supervisor.max_concurrent"
    )
