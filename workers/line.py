"""The run's own connection: pages, turns at hosts and proxies go over it, one statement at a time, from any thread."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from psycopg.rows import DictRow

from workers import database, queries, warm
from workers.records import Assignment

_RETRY_STATES = frozenset({"40P01", "40001", "55P03"})  # deadlock, serialization, lock timeout
_READ_ONLY = "25006"  # a standby answers: somewhere there is, or soon will be, a server that can be written to


class Line:
    """Connects when there is something to say. A worker holds two connections at most: this one and its heartbeat's."""

    def __init__(self, assignment: Assignment) -> None:
        """Nothing is connected yet."""
        self._assignment = assignment
        self._queries = queries.load("scrape")
        self._connection: database.Connection | None = None
        self._lock = threading.Lock()
        self._closed = False

    def ask(self, name: str, **parameters: Any) -> DictRow | None:
        """The first row of a named query of `sql/scrape.sql`, which is told run and epoch too. Raises psycopg.Error."""
        with self._lock:
            if self._closed:  # a thread of fetch_all that was left behind: nobody would close what it opens
                raise psycopg.OperationalError("the run is over")
            if self._connection is None:
                self._connection = warm.take_connection() or database.connect(
                    self._assignment.database_url, application="scrapewarden scrape"
                )
            try:
                cursor = self._connection.execute(
                    self._queries[name],
                    {"run_id": self._assignment.run_id, "epoch": self._assignment.epoch, **parameters},
                )
                return cursor.fetchone() if cursor.description else None
            except psycopg.Error as error:
                # A full disk or too many locks concern the statement; the connection is as good as another.
                # What did not come from the server, a descriptor that the scraper has closed say, concerns it.
                if self._connection.closed or error.sqlstate in (None, _READ_ONLY):
                    self._hang_up()
                raise

    def close(self) -> None:
        """Give the connection back; no other is made."""
        with self._lock:
            self._closed = True
            self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def may_pass(error: psycopg.Error) -> bool:
    """Whether the same statement may succeed later: away, full, out of something. No verdict on the scraper."""
    return isinstance(error, psycopg.OperationalError) or error.sqlstate in {*_RETRY_STATES, _READ_ONLY}


def was_in_the_way(error: psycopg.Error) -> bool:
    """Whether another transaction was, and the database is well."""
    return error.sqlstate in _RETRY_STATES
