"""A file whose time says when the loop last turned, for health checks that cost no more than a look at it.

A row in the database would say it too, but reading that takes a Python with a driver (30 MB, a quarter of a second),
and a database that is away would make a living loop look dead.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Pulse:
    """Touches its file at every beat."""

    def __init__(self, path: Path | None) -> None:
        """Beat once, so that a file which cannot be written is noticed at start. None: no file. Raises OSError."""
        self._path = path
        if path:
            path.touch()

    def beat(self) -> None:
        """The loop turns. A full disk only makes the file look old: the health check says so, and scrapes go on."""
        if self._path:
            with contextlib.suppress(OSError):
                _touch(self._path)


def _touch(path: Path) -> None:
    try:
        os.utime(path)
    except FileNotFoundError:  # somebody tidied up
        path.touch()
