"""Questions to the database that are put once: what comes back late is not worth waiting for."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import psycopg
from psycopg.rows import DictRow

from workers.line import Line, was_in_the_way

_AGAIN_S = 5.0  # after the database was away

Tell = Callable[[str, str, str, dict[str, Any]], None]  # level, event, message, facts
Shielded = Callable[[], AbstractContextManager[None]]


class Asking:
    """Over the run's line, where there is one; any thread may ask."""

    def __init__(self, line: Line | None, tell: Tell, shielded: Shielded = nullcontext) -> None:
        """Inside `shielded()` no signal tears an exchange apart."""
        self._line = line
        self._tell = tell
        self._shielded = shielded
        self._again_at = 0.0
        self._told = False

    def ask(self, name: str, **parameters: Any) -> DictRow | None:
        """The answer to a statement; None: there is nobody to ask, or no answer came."""
        if self._line is None or time.monotonic() < self._again_at:
            return None
        try:
            with self._shielded():
                row = self._line.ask(name, **parameters)
        except psycopg.Error as error:
            self._note(error)
            return None
        self._told = False
        return row

    def _note(self, error: psycopg.Error) -> None:
        if was_in_the_way(error):  # a person holds this host's row, and the database is well
            return
        self._again_at = time.monotonic() + _AGAIN_S
        if not self._told:
            self._told = True
            why = next(iter(str(error).splitlines()), type(error).__name__)
            message = f"other runs cannot be asked about hosts ({why}); going on with gaps of its own"
            self._tell("warning", "hosts_not_asked", message, {})
