"""One outbox for each receiver: a short queue and a thread, so that a dead endpoint holds nobody up."""

from __future__ import annotations

import collections
import threading
import time
from typing import Protocol

from supervisor.alerts.message import Message
from workers import events
from workers.errors import ScrapewardenError

_PAUSES_S = (1.0, 4.0, 16.0, 60.0, 240.0)  # between tries: an outage of five minutes loses nothing
_MOST_PAUSE_S = 300.0  # that a receiver may ask for
_CUT_S = 0.5  # for a program to be killed; a request that still waits for its answer ends with this process
_MOST_WAITING = 50  # messages; the oldest goes first


class Undelivered(ScrapewardenError):
    """A message that did not arrive; the text names no secret."""

    def __init__(self, sentence: str, *, final: bool = False, wait_s: float = 0.0) -> None:
        """`final`: another try cannot help. `wait_s`: the receiver's own wish before the next."""
        super().__init__(sentence)
        self.final = final
        self.wait_s = min(wait_s, _MOST_PAUSE_S)


class Receiver(Protocol):
    """Somebody who is told."""

    name: str
    limit_s: float  # of one try

    @property
    def shown(self) -> str:
        """Where it goes, for people: without secrets."""
        ...

    def send(self, message: Message, limit_s: float) -> None:
        """Deliver it within that time; raises Undelivered."""
        ...

    def cut(self) -> None:
        """End a try that is under way."""
        ...


class Outbox:
    """Sends in order from a thread of its own, with few tries for each message."""

    def __init__(self, receiver: Receiver) -> None:
        """The thread runs from now on, until `close`."""
        self._receiver = receiver
        self._waiting: collections.deque[Message] = collections.deque(maxlen=_MOST_WAITING)
        self._changed = threading.Condition()
        self._until: float | None = None  # closing: no try goes on longer
        self._complained = False
        self._thread = threading.Thread(target=self._run, name=f"alerts {receiver.name}", daemon=True)
        self._thread.start()

    def put(self, message: Message) -> None:
        """Send it as soon as those before it are through."""
        with self._changed:
            full = len(self._waiting) == _MOST_WAITING
            self._waiting.append(message)
            self._changed.notify()
        if full:
            self._complain(message, "more messages wait for it than are kept, so the oldest was dropped")

    def close(self, until: float) -> None:
        """Begin to end: what waits gets one try each, until that monotonic moment. Returns at once."""
        with self._changed:
            self._until = until
            self._changed.notify()

    @property
    def is_through(self) -> bool:
        """Whether it has ended, or its time is up."""
        return not self._thread.is_alive() or (self._until is not None and time.monotonic() >= self._until)

    def cut(self) -> None:
        """Leave now, whatever is under way."""
        self.close(time.monotonic())
        self._receiver.cut()
        self._thread.join(_CUT_S)

    def _run(self) -> None:
        while (message := self._next()) is not None:
            try:
                self._deliver(message)
            except Exception as error:  # noqa: BLE001 - whatever goes wrong with one message, the next is sent
                self._complain(message, f"{type(error).__name__} in our own code")

    def _next(self) -> Message | None:
        with self._changed:
            while not self._waiting and self._until is None:
                self._changed.wait()
            return self._waiting.popleft() if self._waiting else None

    def _deliver(self, message: Message) -> None:
        for pause_s in (*_PAUSES_S, None):
            try:
                self._receiver.send(message, self._limit_s())
            except Undelivered as error:
                self._complain(message, str(error))
                if error.final or pause_s is None or not self._rest(max(pause_s, error.wait_s)):
                    return
            else:
                self._complained = False
                events.emit("alert_sent", receiver=self._receiver.name, kind=message.kind, count=message.count)
                return

    def _limit_s(self) -> float:
        if self._until is None:
            return self._receiver.limit_s
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise Undelivered("no time was left for it", final=True)
        return min(self._receiver.limit_s, left_s)

    def _rest(self, seconds: float) -> bool:
        """Wait before the next try; False: there is none any more."""
        with self._changed:
            return not self._changed.wait_for(lambda: self._until is not None, seconds)

    def _complain(self, message: Message, reason: str) -> None:
        """Say it once, until something arrives again."""
        if not self._complained:
            self._complained = True
            events.emit("alert_failed", receiver=self._receiver.name, kind=message.kind, reason=reason)
