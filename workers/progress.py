"""Signs of life that a guard can judge: progress, memory, and the log of the run."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

from workers.plain import plain_json, plain_text

_MOST_PENDING = 2_000
_MOST_MESSAGE = 8_000
_MOST_STAGE = 500


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
    """Lines waiting to be written; bounded, so that a flood costs memory to nobody."""

    def __init__(self) -> None:
        """Empty."""
        self._lock = threading.Lock()
        self._lines: list[dict[str, Any]] = []
        self._dropped = 0

    def write(self, level: str, event: str, message: str | None = None, facts: dict[str, Any] | None = None) -> None:
        """Add a line; when too many wait it is counted instead."""
        line = {
            "at": datetime.now(UTC).isoformat(),
            "level": level,
            "event": event[:200],
            "message": message[:_MOST_MESSAGE] if message else message,
            "facts": facts or {},
        }
        with self._lock:
            if len(self._lines) < _MOST_PENDING:
                self._lines.append(plain_json(line))
            else:
                self._dropped += 1

    def take(self) -> list[dict[str, Any]]:
        """All waiting lines; they are the caller's now."""
        with self._lock:
            lines, self._lines = self._lines, []
            dropped, self._dropped = self._dropped, 0
        if dropped:
            message = f"{dropped} lines were dropped: more than {_MOST_PENDING} waited to be written"
            lines.append({**lines[-1], "level": "warning", "event": "log_dropped", "message": message, "facts": {}})
        return lines

    def put_back(self, lines: list[dict[str, Any]]) -> None:
        """Lines that could not be written, in front of what came since."""
        with self._lock:
            self._lines = (lines + self._lines)[:_MOST_PENDING]

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._lines)
