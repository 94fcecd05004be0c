"""Signals outside of the loop: the first may end what has been begun, none breaks off the giving back.

Behind the end of the loop what is left to do is bounded, and a further one cuts it short.
"""

from __future__ import annotations

import atexit
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_NUMBERS = (signal.SIGTERM, signal.SIGINT)
TO_END = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
BUT_CTRL_C = (signal.SIGTERM, signal.SIGHUP)
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


@contextlib.contextmanager
def leaving_in_good_order(*numbers: signal.Signals, for_good: bool = False) -> Iterator[None]:
    """The first of these signals raises SystemExit; what comes after that does not disturb the giving back.

    `for_good`: behind the block the process ends, so that none may do so either.
    """

    def leave(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    previous = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            # Somebody inside may have a say on them to the end of the process.
            if signal.getsignal(number) in ((leave,) if for_good else (leave, signal.SIG_IGN)):
                signal.signal(number, handler)
