"""psycopg's own way to wait for notifications, for its price: `python -m benchmarks.listener URL`."""

from __future__ import annotations

import subprocess
import sys

import psycopg


class Listener:
    """A process that does nothing else."""

    def __init__(self, url: str) -> None:
        words = [sys.executable, "-m", "benchmarks.listener", url]
        self._process = subprocess.Popen(words)

    @property
    def pid(self) -> int:
        """Its pid."""
        return self._process.pid

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait(5)


def main() -> None:
    """Listen on a channel of its own."""
    with psycopg.connect(sys.argv[1], autocommit=True) as connection:
        connection.execute("listen benchmark")
        for _ in connection.notifies():
            pass


if __name__ == "__main__":
    main()
