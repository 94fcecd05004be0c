"""How a run is asked to end: softly by a signal or an answer of the database, firmly by SIGTERM."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from workers.errors import StopScrape
from workers.states import Cause, EndedBy

SOFT_STOP = signal.SIGUSR1  # somebody set stop_requested
SOFT_SHUTDOWN = signal.SIGUSR2  # the supervisor drains
_TIMERS = {
    signal.SIGALRM: signal.ITIMER_REAL,
    signal.SIGVTALRM: signal.ITIMER_VIRTUAL,
    signal.SIGPROF: signal.ITIMER_PROF,
}


class Terminated(BaseException):
    """SIGTERM arrived: raised in the main thread wherever it is; no `except Exception` may keep it."""


class StopSwitch:
    """Whether this run should end, and why; waits end at once when it is thrown."""

    def __init__(self) -> None:
        """Nothing is asked for yet; the signals are not ours before `install`."""
        self.cause: Cause | None = None
        self.ended_by = EndedBy.SELF
        self._raise_at_once = False
        # A pipe, not an Event: an Event set by a handler in the thread that waits on it can deadlock.
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def install(self) -> None:
        """Take the signals; main thread only."""
        signal.signal(SOFT_STOP, self._on_soft)
        signal.signal(SOFT_SHUTDOWN, self._on_soft)
        signal.signal(signal.SIGTERM, self._on_term)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the supervisor

    def take_back(self) -> None:
        """The scraper is through: its timers ring no more, and the signals are ours again."""
        for number, timer in _TIMERS.items():
            # What rings while it is taken away raises here, once it can ring no more.
            with contextlib.suppress(BaseException):
                signal.pthread_sigmask(signal.SIG_BLOCK, {number})
            signal.setitimer(timer, 0)
        self.install()

    def request(self, cause: Cause, ended_by: EndedBy = EndedBy.SOFT) -> None:
        """Throw the switch; the first cause stands."""
        if self.cause is None:
            self.cause = cause
            self.ended_by = ended_by
        os.write(self._writer, b".")

    def check(self) -> None:
        """Raise StopScrape if the run has been asked to end."""
        if self.cause is not None:
            raise StopScrape(f"asked to end: {self.cause}")

    def wait(self, seconds: float) -> None:
        """Sleep, but raise StopScrape as soon as the run is asked to end."""
        until = time.monotonic() + seconds
        self.check()
        while (rest := until - time.monotonic()) > 0:
            if select.select([self._reader], [], [], rest)[0]:
                self.check()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Inside, a soft stop is raised at once, also out of a blocking read. Only the main thread gets signals."""
        self.check()
        if not _in_main_thread():
            yield
            return
        before, self._raise_at_once = self._raise_at_once, True
        try:
            yield
        finally:
            self._raise_at_once = before and self.cause is None

    @contextmanager
    def uninterruptible(self) -> Iterator[None]:
        """Within `interruptible()` a part that must not be torn: an exchange with the database could not go on."""
        if not (_in_main_thread() and self._raise_at_once):
            yield
            return
        self._raise_at_once = False
        try:
            yield
        except Exception:
            self.check()
            raise
        finally:
            self._raise_at_once = self.cause is None
        self.check()

    def _on_soft(self, number: int, _frame: FrameType | None) -> None:
        self.request(Cause.REQUESTED if number == SOFT_STOP else Cause.SHUTDOWN)
        if self._raise_at_once:
            self._raise_at_once = False
            self.check()

    def _on_term(self, _number: int, _frame: FrameType | None) -> None:
        # The ladder asks before it terminates: what comes unasked comes from a stranger, or from the supervisor, which
        # knows its own reason.
        self.request(self.cause or Cause.KILLED)
        self.ended_by = EndedBy.TERM
        raise Terminated


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
