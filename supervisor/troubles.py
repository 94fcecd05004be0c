"""Raises events for what only rows tell: breakers that opened, nodes that wait for long."""

from __future__ import annotations

from supervisor.config import Config
from workers.database import Connection


class Troubles:
    """A chore of the upkeep, which calls it every ten seconds."""

    def __init__(self, config: Config, supervisor_id: str) -> None:
        """Nothing has been done yet."""
        self._config = config
        self._supervisor_id = supervisor_id

    def tend(self, connection: Connection) -> None:
        """Do what is due."""
