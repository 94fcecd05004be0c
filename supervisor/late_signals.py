"""SIGTERM and SIGINT behind the end of the loop: what is left to do is bounded, and a further one cuts it short."""

from __future__ import annotations

import atexit
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_NUMBERS = (signal.SIGTERM, signal.SIGINT)
_hurry = threading.Event()


def only_note() -> None:
    """From now on until this process ends they end nothing by themselves: not the giving back of a server."""
    for number in _NUMBERS:
        signal.signal(number, _note)
    atexit.register(_ignore)


def _ignore() -> None:
    """The interpreter gives handlers back to the default while it ends, and that would turn exit code 0 into -15."""
    for number in _NUMBERS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def told_to_hurry() -> Iterator[threading.Event]:
    """Set by them inside the block, where they then do nothing else; or before it, where they were only noted."""
    previous = {}
    if threading.current_thread() is threading.main_thread():  # signals are nobody else's
        previous = {number: signal.signal(number, _note) for number in _NUMBERS}
    try:
        yield _hurry
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _note(_number: int, _frame: FrameType | None) -> None:
    _hurry.set()
