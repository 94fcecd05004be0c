"""Takes the daily snapshot when its time has come."""

from __future__ import annotations

from supervisor.config import Config
from workers.database import Connection


class Snapshots:
    """A chore of the upkeep, which calls it every ten seconds."""

    def __init__(self, config: Config) -> None:
        """Nothing has been done yet."""
        self._config = config

    def tend(self, connection: Connection) -> None:
        """Do what is due."""
