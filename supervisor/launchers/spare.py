"""The next scrape's process, started while there is none to start: forked, connected, waiting for its assignment.

It is used for one scrape like any other, so each scrape still has a fresh process; only the wait for it is gone.
"""

from __future__ import annotations

import signal
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from typing import Any

from supervisor import processes
from supervisor.waker import readable
from workers import template
from workers.entry import warm_up
from workers.processes import anonymous_mb

_AGAIN_S = 10.0  # after a spare that died waiting: what killed it may kill the next
_WARM_S = 1.0  # after that long it has loaded and looked up all that it will before its assignment


class Spare:
    """At most one waiting process. `start` and `take` belong to the main thread."""

    def __init__(self, context: BaseContext, database_url: str) -> None:
        """None is started yet."""
        self._context = context
        self._url = database_url
        self._executor: ProcessPoolExecutor | None = None
        self._popen: Any = None  # of workers.template
        self._not_before = 0.0
        self._started_at = 0.0
        self._fresh_mb: float | None = None

    def weigh(self) -> float | None:
        """What a fresh scrape weighs before it has any work, in MB; None until one has waited long enough."""
        waits = self._popen is not None and time.monotonic() - self._started_at >= _WARM_S
        if self._fresh_mb is None and waits and self._is_alive():
            self._fresh_mb = anonymous_mb(self._popen.pid) or None
        return self._fresh_mb

    @property
    def wanted(self) -> bool:
        """Whether one is missing; a dead one is let go."""
        if self._executor is not None and not self._is_alive():
            self.close()
            self._not_before = time.monotonic() + _AGAIN_S
        return self._executor is None and time.monotonic() >= self._not_before

    def start(self, parent_pid: int) -> None:
        """Start one. Raises OSError or EOFError like a submit."""
        template.started.last = None
        self._not_before = time.monotonic() + _AGAIN_S  # if it fails: what ended the forkserver may end the next
        executor = ProcessPoolExecutor(
            max_workers=1,
            mp_context=self._context,
            max_tasks_per_child=1,
            initializer=warm_up,
            initargs=(self._url, parent_pid),
        )
        executor._spawn_process()  # type: ignore[attr-defined]  # noqa: SLF001 - the same call that a submit makes
        self._executor, self._popen = executor, template.started.last
        self._started_at = time.monotonic()
        self._not_before = 0.0

    def take(self) -> tuple[ProcessPoolExecutor, Any] | None:
        """The executor and its process, the caller's now; None if there is none alive."""
        if self._executor is None or not self._is_alive():
            return None
        taken = self._executor, self._popen
        self._executor = self._popen = None
        return taken

    def close(self) -> None:
        """Kill it."""
        if self._popen is not None:
            processes.send(self._popen.pidfd, signal.SIGKILL)
        self._executor = self._popen = None

    def _is_alive(self) -> bool:
        return self._popen is not None and not readable([self._popen.pidfd], 0)
