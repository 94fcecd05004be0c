"""A look at the tables: what is wished, who is silent, what is due. And when the next one is worth it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from supervisor import wishes
from supervisor.collect import Collector
from supervisor.dispatch import Dispatcher
from supervisor.launchers import Launcher
from supervisor.tables import runs
from supervisor.upkeep import Upkeep
from supervisor.waker import Waker
from supervisor.watchdog import Watchdog
from workers.database import Connection


@dataclass(kw_only=True, slots=True)
class Look:
    """The end of a run costs no look when nothing follows from it and nobody waits for its room."""

    supervisor_id: str
    database_url: str
    poll_s: float  # at most, between two looks
    launcher: Launcher
    waker: Waker
    watchdog: Watchdog
    collector: Collector
    upkeep: Upkeep
    dispatcher: Dispatcher
    next_at: float = 0.0  # monotonic clock

    @property
    def is_due(self) -> bool:
        """Whether the tables may hold anything new."""
        if self.waker.heard or self.collector.anything_follows or time.monotonic() >= self.next_at:
            return True
        return self.dispatcher.anyone_waits and self.collector.anything_ended

    @property
    def rest_s(self) -> float:
        """Seconds until the next one."""
        return max(0.0, self.next_at - time.monotonic())

    def take(self, connection: Connection, *, draining: bool) -> None:
        """Act on what the tables say; `draining`: nothing is launched any more. If it fails it stays due."""
        self.next_at = 0.0
        self.waker.heard = self.collector.anything_follows = self.collector.anything_ended = False
        rows = runs.read_own_open(connection, self.supervisor_id)
        wishes.fulfil(connection, self.launcher, rows)
        nap = min(self.poll_s, self.watchdog.look(rows))
        self.collector.close_phantoms(connection, rows)
        self.collector.anything_follows = any(row["run_requested"] for row in rows)  # due as soon as the run ends
        nap = min(nap, self.upkeep.keep(connection, self.waker, self.database_url))
        if not draining:
            nap = min(nap, self.dispatcher.launch_due(connection))
        if draining or self.dispatcher.waits_over:
            # Behind the launches, which need not wait for it: whoever is to stop is not due.
            wishes.end_waits(connection)
        self.next_at = time.monotonic() + nap
