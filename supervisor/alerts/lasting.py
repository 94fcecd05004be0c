"""Troubles that are one only when they last: a database that is away, a row that somebody holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LIMITS_S = {"database_failed": 60.0, "row_failed": 300.0}
# Silence after which it is over: longer than until the next try, which for a snapshot is a minute and more.
OVER_S = {"database_failed": 30.0, "row_failed": 120.0}
_MOST = 1_000  # troubles that are remembered


@dataclass(slots=True)
class _Trouble:
    since: float
    last: float
    told: bool = False


class Lasting:
    """Remembers since when each goes on. Times are monotonic seconds."""

    def __init__(self) -> None:
        """Nothing is the matter."""
        self._troubles: dict[tuple[str, Any], _Trouble] = {}

    def heed(self, event: str, facts: Mapping[str, Any], now: float) -> dict[str, Any] | None:
        """The facts and `lasted_s`, once, when this trouble has lasted too long; else None."""
        if event == "database_back":
            self._troubles.pop(("database_failed", None), None)
        if event not in LIMITS_S:
            return None
        trouble = self._of((event, facts.get("node")), now)
        if trouble is None or trouble.told or now - trouble.since < LIMITS_S[event]:
            return None
        trouble.told = True
        return {**facts, "lasted_s": round(now - trouble.since)}

    def _of(self, key: tuple[str, Any], now: float) -> _Trouble | None:
        trouble = self._troubles.get(key)
        if trouble is None or now - trouble.last > OVER_S[key[0]]:
            self._forget(now)
            if len(self._troubles) >= _MOST:
                return None
            trouble = self._troubles[key] = _Trouble(since=now, last=now)
        trouble.last = now
        return trouble

    def _forget(self, now: float) -> None:
        for key in [key for key, trouble in self._troubles.items() if now - trouble.last > OVER_S[key[0]]]:
            del self._troubles[key]
