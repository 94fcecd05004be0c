"""Waiting for something to become true, instead of sleeping and hoping."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")
POLL_S = 0.01


def wait_for(condition: Callable[[], Answer], limit_s: float, what: str) -> Answer:
    """Ask until the answer is true and return it; AssertionError that names `what` after `limit_s` seconds."""
    end = time.monotonic() + limit_s
    while not (answer := condition()):
        if time.monotonic() > end:
            message = f"not within {limit_s:g} s: {what}"
            raise AssertionError(message)
        time.sleep(POLL_S)
    return answer
