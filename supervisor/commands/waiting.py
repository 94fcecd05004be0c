"""Waiting for what the loop makes of a wish, within a limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.1


def wait_until(answer: Callable[[], T], limit_s: float, poll_s: float = POLL_S) -> T | None:
    """The first true answer, or None after `limit_s` seconds."""
    end = time.monotonic() + limit_s
    while not (found := answer()):
        if time.monotonic() >= end:
            return None
        time.sleep(poll_s)
    return found
