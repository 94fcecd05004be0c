"""Several pieces of work at once, their results in order."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from itertools import islice
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_POLL_S = 0.1
_JOIN_S = 1.0


class GivenUp(Exception):
    """Nobody waits for this result any more."""


class _Task(Generic[Result]):
    """One piece of work in a thread of its own."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._answer: queue.SimpleQueue[tuple[Result | None, BaseException | None]] = queue.SimpleQueue()
        # A daemon: nobody waits for what is no longer wanted.
        self.thread = threading.Thread(target=self._run, name="fan out", daemon=True)
        self.thread.start()

    def result(self, pause: Callable[[], None]) -> Result:
        """What the work returned or raised; `pause` is called several times a second and may raise."""
        while True:
            pause()
            try:
                result, error = self._answer.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            return result  # type: ignore[return-value] # None only where Result allows it

    def _run(self) -> None:
        try:
            self._answer.put((self._work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            self._answer.put((None, error))


def in_order(
    items: Iterable[Item],
    work: Callable[[Item, Callable[[float], None]], Result],
    at_once: int,
    *,
    pause: Callable[[], None],
    give_up: Callable[[list[int]], None],
) -> Generator[Result, None, None]:
    """`work(item, wait)` of every item, at most `at_once` under way or waiting to be taken.

    `wait(seconds)` raises GivenUp when the caller stops; then `give_up(threads)` is to end what still blocks.
    """
    source = iter(items)
    tasks: deque[_Task[Result]] = deque()
    stopping = threading.Event()

    def wait(seconds: float) -> None:
        if stopping.wait(max(0.0, seconds)):
            raise GivenUp

    def begin(most: int) -> None:
        for item in islice(source, most):
            tasks.append(_Task(lambda item=item: work(item, wait)))  # type: ignore[misc] # binds this round's item

    try:
        begin(max(1, at_once))
        while tasks:
            result = tasks[0].result(pause)
            tasks.popleft()
            begin(1)
            yield result
    finally:
        stopping.set()
        _end([task.thread for task in tasks], give_up)


def _end(threads: list[threading.Thread], give_up: Callable[[list[int]], None]) -> None:
    give_up([thread.ident for thread in threads if thread.ident is not None])
    until = time.monotonic() + _JOIN_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
