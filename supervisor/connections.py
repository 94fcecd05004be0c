"""How many scrapes the server has connections for: a launch that would find none is held back."""

from __future__ import annotations

import time

from supervisor.tables import session
from workers.database import Connection

A_SCRAPE = 2  # one for its pages, one for its heartbeat
SPARE = 5  # loop, renewal, listener, the process that waits ready, and a command
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


def shortage(most: int | None, max_concurrent: int) -> str | None:
    """What is wrong with that number; None: nothing."""
    needed = A_SCRAPE * max_concurrent + SPARE
    if most is None or most >= needed:
        return None
    room = max(0, most - SPARE) // A_SCRAPE
    return (
        f"max_connections leaves us {most}, {needed} needed for {max_concurrent} scrapes at once: "
        f"no more than {room} will run; raise max_connections or lower supervisor.max_concurrent"
    )
