"""A world of nodes and supervisors with a clock of its own, whose ticks all lie in the past, so that all can be due."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fix_database import Connection, connect

STEP_S = 10


@dataclass
class World:
    """What supervisors share: a database, a clock, and the dice."""

    url: str
    dice: random.Random
    odds: float = 0.02  # that a statement breaks its connection
    fates: dict[str, int] = field(default_factory=Counter)  # of connections, supervisors and leases
    births: list[datetime] = field(default_factory=list)
    now: datetime = field(init=False)
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        """The past begins at a full second 300 days ago."""
        self.connection = connect(self.url)
        # A take-over has to wait for a lease's time after the start of the server: that was long ago.
        self.connection.execute("update server_awake set awake_at = awake_at - interval '1 day'")
        row = self.connection.execute("select date_trunc('second', clock_timestamp()) as at").fetchone() or {}
        self.now = row["at"] - timedelta(days=300)

    def add_nodes(self, count: int) -> list[str]:
        """Nodes that are born within the first period."""
        for number in range(count):
            self.births.append(self.now + timedelta(seconds=self.dice.uniform(0, STEP_S)))
            self.connection.execute(
                "insert into nodes (name, scraper, schedule, created_at) values (%s, 'feed', 'every 10s', %s)",
                [f"n{number}", self.births[-1]],
            )
        return [f"n{number}" for number in range(count)]

    def pass_time(self) -> None:
        """A moment, or a long while."""
        longest = 200 if self.dice.random() < 0.03 else 14
        self.now += timedelta(seconds=self.dice.uniform(0, longest))

    def ticks_due(self) -> int:
        """How many ticks there have been."""
        return sum(int((self.now - born).total_seconds() / STEP_S) for born in self.births if born < self.now)

    def end_leases(self, supervisor_id: str) -> None:
        """Nobody has renewed what this supervisor holds."""
        self.connection.execute(
            "update scrape_leases l set lease_until = clock_timestamp() from scrape_runs r "
            "where r.owner = l.lease_owner and r.finished_at is null and r.supervisor_id = %s",
            [supervisor_id],
        )
