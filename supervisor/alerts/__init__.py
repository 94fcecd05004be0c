"""Alerts: tells people what needs one. A subscriber of events that never holds up whoever raises them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from supervisor.alerts.grouping import Groups
from supervisor.alerts.kinds import LASTING, TEST, kind_of, told
from supervisor.alerts.lasting import Lasting
from supervisor.alerts.message import Message
from supervisor.alerts.outbox import Outbox, Receiver, Undelivered
from supervisor.alerts.receivers import host_of, receivers_of
from supervisor.config import Config
from supervisor.late_signals import told_to_hurry
from workers import events

_GATHER_S = 5.0  # after the first alert of a kind: a storm breaks within seconds
_LAST_S = 5.0  # for what is pending when the supervisor leaves
_LOOK_S = 0.02


class Alerts:
    """Hears every event from creation to the end of its block, and sends the alerts among them.

    Without a receiver it does nothing and has no thread; else it has one, and one for each receiver.
    """

    def __init__(self, config: Config, environ: Mapping[str, str]) -> None:
        """Raises ConfigError if a receiver is named that cannot be one."""
        self._receivers = receivers_of(config, environ)
        self._host = host_of(config)
        self._supervisor = ""
        every_s = config.alerts.every_s
        self._groups = Groups(gather_s=min(_GATHER_S, every_s / 2), every_s=every_s)
        self._lasting = Lasting()
        self._changed = threading.Condition()
        self._closing = False
        self._outboxes: list[Outbox] = []
        self._thread: threading.Thread | None = None
        self._unsubscribe: Callable[[], None] = _nothing

    def __enter__(self) -> Self:
        if self._receivers:
            self._outboxes = [Outbox(receiver) for receiver in self._receivers]
            self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
            self._thread.start()
            self._unsubscribe = events.subscribe(self._heed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send what is pending, within five seconds or until a signal to end: what is left then is lost."""
        self._unsubscribe()
        if self._thread is None:
            return
        with self._changed:
            self._closing = True
            self._changed.notify()
        with told_to_hurry() as hurried:
            self._thread.join(_LAST_S)
            for outbox in self._outboxes:
                outbox.close(time.monotonic() + _LAST_S)
            while not hurried.is_set() and not all(outbox.is_through for outbox in self._outboxes):
                hurried.wait(_LOOK_S)
        for outbox in self._outboxes:
            outbox.cut()

    def speak_for(self, supervisor_id: str) -> None:
        """Name this supervisor in every message from now on."""
        self._supervisor = supervisor_id

    def _heed(self, event: str, facts: dict[str, Any]) -> None:
        """From any thread; costs microseconds."""
        now = time.monotonic()
        with self._changed:
            lasted = self._lasting.heed(event, facts, now)
            kind = LASTING[event] if lasted is not None else kind_of(event, facts)
            if kind is not None:
                self._groups.add(kind, lasted or told(event, facts), at=datetime.now(UTC), now=now)
                self._changed.notify()

    def _run(self) -> None:
        while not self._closing:
            with self._changed:
                self._changed.wait(self._groups.next_s(time.monotonic()))
                messages = self._groups.take(time.monotonic(), supervisor=self._supervisor, host=self._host)
            self._hand_out(messages)
        with self._changed:
            messages = self._groups.take_all(supervisor=self._supervisor, host=self._host)
        self._hand_out(messages)

    def _hand_out(self, messages: list[Message]) -> None:
        for message in messages:
            for outbox in self._outboxes:
                outbox.put(message)


def try_out(receivers: Iterable[Receiver], config: Config) -> Iterator[tuple[str, str, str | None]]:
    """Send one test message to each receiver: its name, where it goes, and why it did not arrive."""
    groups = Groups(gather_s=0.0, every_s=0.0)
    groups.add(TEST, {}, at=datetime.now(UTC), now=0.0)
    (message,) = groups.take_all(host=host_of(config))
    for receiver in receivers:
        problem = None
        try:
            receiver.send(message, receiver.limit_s)
        except Undelivered as error:
            problem = str(error)
        yield receiver.name, receiver.shown, problem


def _nothing() -> None:
    """Nobody had subscribed."""


__all__ = ["Alerts", "receivers_of", "try_out"]
