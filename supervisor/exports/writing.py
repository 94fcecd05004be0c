"""What every format can do: take rows, a few at a time, and come to an end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

from supervisor.exports.columns import Row


class Sink(Protocol):
    """Where bytes go: a file, a pipe, or what packs them on their way there."""

    def write(self, data: bytes, /) -> int:
        """Take them all."""


class Pipe:
    """Standard output without a buffer, of which something would be left to write when its reader or we have gone."""

    def write(self, data: bytes, /) -> int:
        """Take them all, however slow the reader is."""
        left = memoryview(data)
        while left:
            left = left[os.write(1, left) :]
        return len(data)


class Writer(Protocol):
    """Writes rows into the sink that it was made with, and keeps no more of them than a bounded few."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""

    def close(self) -> None:
        """Write what belongs behind the last row; the sink stays open."""

    def abandon(self) -> None:
        """Let go of the sink: it is about to be closed, and what is in it thrown away."""
