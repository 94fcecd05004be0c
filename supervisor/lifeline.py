"""The supervisor's end of its lifeline: a pipe to the keeper, which takes all scrapes along when it breaks."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from multiprocessing.util import get_temp_dir
from pathlib import Path

from workers.processes import OWNER_NAME, TAG_NAME


class Lifeline:
    """Starts `supervisor/keeper.py` and tells it how long the leases are valid."""

    def __init__(self, supervisor_id: str, last_words: list[str] | None = None) -> None:
        """Start it before anything carries the mark. `last_words`: what it executes after the supervisor's death."""
        script = Path(__file__).parent / "keeper.py"
        mark = f"{OWNER_NAME}={supervisor_id}"
        # multiprocessing removes the folder of the forkserver's socket only at an end in good order.
        self._command = [sys.executable, "-I", "-S", str(script), mark, get_temp_dir(), *(last_words or [])]
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if k not in (OWNER_NAME, TAG_NAME)}
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )

    def replace_if_dead(self) -> bool:
        """Start another keeper if this one has died; True if so. The next renewal tells it the time."""
        if self._process.poll() is None:
            return False
        if self._process.stdin:
            self._process.stdin.close()
        self._process = self._start()
        return True

    @property
    def pid(self) -> int:
        """Its pid."""
        return self._process.pid

    def valid_until(self, moment: float | None) -> None:
        """All leases are valid until that CLOCK_BOOTTIME; None: none is held."""
        self._say(b"idle" if moment is None else f"{moment:.3f}".encode())

    def close(self, limit_s: float = 2.0) -> None:
        """Tell it that all ended in good order."""
        self._say(b"farewell")
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(limit_s)

    def _say(self, line: bytes) -> None:
        with contextlib.suppress(OSError):  # it is gone: the loop starts a new one
            os.write(self._process.stdin.fileno(), line + b"\n")  # type: ignore[union-attr]
