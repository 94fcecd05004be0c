"""What the doctor says of one thing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

_POLL_S = 0.01

Verdict = Literal["pass", "warn", "fail"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was tried or looked at."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""  # what to do, where there is something to do


def judged(check: str, found: str, advice: str, *, good: bool, otherwise: Verdict = "fail") -> Finding:
    """A pass without advice, or the other verdict with it."""
    return Finding(check=check, verdict="pass" if good else otherwise, found=found, advice="" if good else advice)


def carefully(check: str, look: Callable[[], Finding]) -> Finding:
    """What the look finds; a look that cannot be made is a finding too."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - a container may forbid anything, and that is what is asked for
        found = f"could not be tried: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return Finding(check=check, verdict="fail", found=found, advice="allow it in this container, or see the error")


def soon(answer: Callable[[], bool], limit_s: float = 2.0) -> bool:
    """Whether it comes true within the limit."""
    until = time.monotonic() + limit_s
    while not answer():
        if time.monotonic() > until:
            return False
        time.sleep(_POLL_S)
    return True
