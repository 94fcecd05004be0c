"""A thread that says every few seconds, on its own connection, that the process lives."""

from __future__ import annotations

import json
import os
import threading
import time
from time import sleep

import psycopg

from workers import database, processes, queries
from workers.progress import Logbook, Progress
from workers.records import Assignment

FENCED_EXIT = 75  # exit code of a child that learned that its run is closed
_FLUSH_S = 1.0
_RECONNECT_S = 5.0
_SCARCE_S = 0.1


class Heartbeat:
    """Beats and writes log lines; opens its connection when there is something to say."""

    def __init__(self, assignment: Assignment, progress: Progress, logbook: Logbook) -> None:
        """Start beating; `begin_run` counts as the first beat."""
        self._assignment = assignment
        self._progress = progress
        self._logbook = logbook
        self._queries = queries.load("scrape")
        self._connection: database.Connection | None = None
        self._stopping = threading.Event()
        self._beat_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def stop(self, limit_s: float = 1.0) -> None:
        """Beat no more; what still waits in the logbook is the caller's."""
        self._stopping.set()
        self._thread.join(limit_s)

    def _run(self) -> None:
        pause = min(_FLUSH_S, self._assignment.heartbeat_s)
        while True:
            try:
                if self._stopping.wait(pause):
                    return
                self._speak()
                pause = min(_FLUSH_S, self._assignment.heartbeat_s)
            except MemoryError:
                sleep(_SCARCE_S)  # the scraper's thread meets it too, and reports it; even to wait takes some
            except Exception:  # noqa: BLE001 - a database that is away, or what a scraper did to us; both may pass
                # Beats that cannot be written kill nobody: the supervisor knows when its own reads fail.
                self._connection = None
                pause = min(_RECONNECT_S, self._assignment.heartbeat_s)

    def _speak(self) -> None:
        now = time.monotonic()
        due = now - self._beat_at >= self._assignment.heartbeat_s
        if not due and not self._logbook:
            return
        if self._connection is None or self._connection.closed:
            self._connection = database.connect(self._assignment.database_url, application="scrapewarden beat")
        if due:
            self._beat(self._connection)
            self._beat_at = now
        self._flush(self._connection)

    def _beat(self, connection: database.Connection) -> None:
        row = database.fetch_one(
            connection,
            self._queries["beat"],
            run_id=self._assignment.run_id,
            epoch=self._assignment.epoch,
            idle_s=self._progress.idle_s,
            stage=self._progress.stage,
            rss_mb=processes.rss_mb(os.getpid()),
        )
        if row is None:
            os._exit(FENCED_EXIT)  # the run is closed: nothing this process does may count any more

    def _flush(self, connection: database.Connection) -> None:
        if lines := self._logbook.take():
            try:
                connection.execute(
                    self._queries["write_logs"], {"run_id": self._assignment.run_id, "lines": json.dumps(lines)}
                )
            except psycopg.OperationalError:
                self._logbook.put_back(lines)
                raise
