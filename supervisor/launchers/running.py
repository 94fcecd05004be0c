"""One scrape under way on this machine, and what can be known of its end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for_ready
from typing import Any

from supervisor import processes
from supervisor.guard import boottime
from supervisor.launchers import Ended, Flight
from supervisor.waker import readable
from workers.records import Outcome

STATUS_LIMIT_S = 2.0  # after a death: for its exit status and its result to arrive
_STATUS_WAIT_S = 0.02  # of it in one call: both are on their way when the process is gone
_FORKSERVER_EXIT = 255


@dataclass(kw_only=True)
class Running:
    """A process that the launcher has started and not yet accounted for."""

    flight: Flight
    future: Future[Outcome]
    popen: Any  # of workers.template: poll() gives the exit code
    pidfd: int
    oom_kills: int | None  # of the control group, when it was launched
    forkserver_pid: int | None  # None: it was spawned
    dead_since: float | None = None

    def look(self) -> bool:
        """Whether it is dead; a result that has arrived before is noted for the guard, which waits only so long."""
        if self.dead_since is None:
            if readable([self.pidfd], 0):
                self.dead_since = boottime()
            elif self.future.done() and self.flight.finished_seen_at is None:
                self.flight.finished_seen_at = boottime()
        return self.dead_since is not None

    def end(self, count_oom_kills: Callable[[], int | None]) -> Ended | None:
        """What it died of; None while its status or result may still arrive."""
        code = self._status()
        late = boottime() - (self.dead_since or 0) > STATUS_LIMIT_S
        if not late and (code is None or not self.future.done()):
            return None
        number = -code if code is not None and code < 0 else None
        return Ended(
            flight=self.flight,
            outcome=self._outcome(),
            exit_code=code if code is not None and code >= 0 else None,
            exit_signal=number,
            launcher_died=code == _FORKSERVER_EXIT and self._lost_its_forkserver(),
            launcher_pid=self.forkserver_pid,
            oom_killed=number == signal.SIGKILL and self._oom_rose(count_oom_kills()),
        )

    def _status(self) -> int | None:
        wait_for_ready([self.popen.sentinel], _STATUS_WAIT_S)
        code: int | None = self.popen.poll()
        if code is not None:
            futures.wait([self.future], _STATUS_WAIT_S)
        return code

    def _outcome(self) -> Outcome | None:
        future = self.future
        if not future.done() or future.cancelled() or future.exception(timeout=0) is not None:
            return None
        return future.result(timeout=0)

    def _lost_its_forkserver(self) -> bool:
        return self.forkserver_pid is not None and not processes.is_alive(self.forkserver_pid)

    def _oom_rose(self, now: int | None) -> bool:
        return now is not None and self.oom_kills is not None and now > self.oom_kills
