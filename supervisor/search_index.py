"""Keeps the index of the search in order: words of new jobs wait in a list until somebody takes the time."""

from __future__ import annotations

from supervisor.tables import jobs
from workers.database import Connection


class SearchIndex:
    """A chore of the upkeep: words that wait in the list go where searches find them without reading all of it."""

    def tend(self, connection: Connection) -> None:
        """Empty the list; where it is empty that costs a look at one page."""
        jobs.clean_search(connection)
