"""Signs of life that a guard can judge: progress, memory, and the log of the run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from workers.plain import plain_json, plain_text

_MOST_PENDING = 2_000
_MOST_MESSAGE = 8_000
_MOST_FACTS = 8_000
_MOST_STAGE = 500
# What a run may have written: a scraper that prints without end must not fill the database's disk.
_BURST_BYTES = 4_000_000
_BYTES_PER_S = 20_000
_LINE_BYTES = 100  # of a line's other columns


class Progress:
    """When the run last got on, and what it is at. Written by the scraper's thread, read by the heartbeat's."""

    def __init__(self) -> None:
        """Starting counts as progress."""
        self._at = time.monotonic()
        self.stage: str | None = None

    def bump(self, stage: str | None = None) -> None:
        """Note that the run got on."""
        self._at = time.monotonic()
        if stage is not None:
            self.stage = plain_text(str(stage)[:_MOST_STAGE])

    @property
    def idle_s(self) -> float:
        """Seconds since the run last got on."""
        return time.monotonic() - self._at


class Logbook:
    """Lines waiting to be written; bounded in number and in bytes, so that a flood costs nobody memory or disk."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        """Empty. `now`: the database's time, where this machine's clock may be wrong."""
        self._now = now or _machine_time
        self._lock = threading.Lock()
        self._lines: list[dict[str, Any]] = []
        self._dropped = 0
        self._allowed = float(_BURST_BYTES)
        self._allowed_at = time.monotonic()

    def write(self, level: str, event: str, message: str | None = None, facts: dict[str, Any] | None = None) -> None:
        """Add a line; when too many wait, or too much has been written, it is counted instead."""
        facts, weight = _short(facts) if facts else ({}, 0)
        line = _line(self._now(), level, event, message[:_MOST_MESSAGE] if message else message, facts)
        weight += _LINE_BYTES + len(line["message"] or "")
        with self._lock:
            if len(self._lines) < _MOST_PENDING and self._affords(weight):
                self._lines.append(line)
            else:
                self._dropped += 1

    def _affords(self, weight: int) -> bool:
        now = time.monotonic()
        self._allowed = min(_BURST_BYTES, self._allowed + (now - self._allowed_at) * _BYTES_PER_S)
        self._allowed_at = now
        if weight > self._allowed:
            return False
        self._allowed -= weight
        return True

    def take(self) -> list[dict[str, Any]]:
        """All waiting lines; they are the caller's now."""
        with self._lock:
            lines, self._lines = self._lines, []
            dropped, self._dropped = self._dropped, 0
        if dropped:
            message = (
                f"{dropped} lines were dropped: more than {_MOST_PENDING} waited to be written, or the run has written "
                f"more than {_BURST_BYTES / 1e6:g} MB and {_BYTES_PER_S / 1e3:g} kB a second; print less"
            )
            lines.append(_line(self._now(), "warning", "log_dropped", message, {}))
        return lines

    def put_back(self, lines: list[dict[str, Any]]) -> None:
        """Lines that could not be written, in front of what came since."""
        with self._lock:
            self._lines = (lines + self._lines)[:_MOST_PENDING]

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._lines or self._dropped)


def _machine_time() -> datetime:
    return datetime.now(UTC)


def _line(at: datetime, level: str, event: str, message: str | None, facts: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = plain_json(
        {"at": at.isoformat(), "level": level, "event": event[:200], "message": message, "facts": facts}
    )
    return line


def _short(facts: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Facts as they can be stored, and how long they are; of too long ones the beginning, as text."""
    plain: dict[str, Any] = plain_json(facts)
    text = json.dumps(plain, ensure_ascii=False)
    if len(text) <= _MOST_FACTS:
        return plain, len(text)
    return {"cut": text[:_MOST_FACTS]}, _MOST_FACTS
