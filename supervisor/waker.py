"""One select over everything that may wake the loop: signals, notifications, deaths."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterable
from types import FrameType

import psycopg

from supervisor import late_signals
from supervisor.tables import session
from workers import database, events

_CHANNEL = "scrapewarden"
_ANSWER_S = 5.0  # the loop waits for it


def readable(descriptors: Iterable[int], seconds: float) -> set[int]:
    """Those that can be read from, or have ended; select() would refuse numbers beyond 1,023."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return {descriptor for descriptor, _ in poll.poll(max(0.0, seconds) * 1000)}


class Waker:
    """Sleeps until something happens. Notifications are a hint: without them the poll is the backstop."""

    def __init__(self) -> None:
        """No signals are taken yet."""
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._listener: database.Connection | None = None
        self._pooled = False
        self.stop_signals = 0
        self.heard = True  # a notification came, or could not have come, since somebody last set this to False
        self._previous: dict[int, object] = {}

    def take_signals(self) -> None:
        """SIGTERM and SIGINT are only noted; SIGCHLD is not needed: pidfds tell of deaths."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._previous[number] = signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_signals += 1
        self.wake()

    def wake(self) -> None:
        """End the present or the next sleep."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._writer, b".")

    @property
    def listening(self) -> bool:
        """Whether notifications arrive, or never can: behind a pooler the poll has to do."""
        return self._listener is not None or self._pooled

    def listen(self, url: str) -> None:
        """Listen on a connection of its own. Raises psycopg.Error."""
        self.deafen()
        connection = database.connect(url, answer_s=_ANSWER_S, application="scrapewarden listen")
        self._pooled = session.peer(connection)["pid"] != connection.info.backend_pid
        if self._pooled:
            # A pooler would pass the subscription on to whoever gets that server connection next.
            connection.close()
            events.emit("not_listening", reason="a pooler stands before the database: wishes are seen at the next poll")
            return
        connection.execute(f"listen {_CHANNEL}")
        self._listener = connection
        self.heard = True  # what was said before

    def deafen(self) -> None:
        """Close the listening connection."""
        self._pooled = False
        self.heard = True
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def sleep(self, seconds: float, descriptors: list[int]) -> None:
        """Wait until a signal, a notification, a readable descriptor, or the end of the time."""
        watched = {self._reader, *descriptors}
        if self._listener is not None and not self._listener.closed:
            watched.add(self._listener.fileno())
        ready = readable(watched, seconds)
        if self._reader in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._reader, 4096)
        if self._listener is not None and ready and self._listener.fileno() in ready:
            self._drain()

    def _drain(self) -> None:
        # Not notifies(): that generator wakes ten times a second by itself.
        if self._listener is None:
            return
        try:
            self._listener.pgconn.consume_input()
            while self._listener.pgconn.notifies() is not None:
                self.heard = True
        except psycopg.Error:
            self.deafen()

    def close(self) -> None:
        """Give descriptors back, and signals; once one has come, more of them must not cut the way out short."""
        if self.stop_signals:
            late_signals.only_note()
        else:
            for number, handler in self._previous.items():
                signal.signal(number, handler)  # type: ignore[arg-type]
        self.deafen()
        os.close(self._reader)
        os.close(self._writer)
