"""A memory group of cgroup v1 made by hand, and a program that lives in it as in a container."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

MEMORY = Path("/sys/fs/cgroup/memory")
MB = 2**20
GONE_S = 10.0
# The shell writes its own pid into the group before it becomes the program: nothing of it is ever outside.
JOIN = 'echo $$ > "$0" && exec "$@"'


class Group:
    """A memory group with a limit; removed at the end, with everything in it."""

    def __init__(self, name: str, limit_mb: int) -> None:
        self.folder = MEMORY / f"scrapewarden-{name}-{os.getpid()}"
        self._limit_mb = limit_mb

    def __enter__(self) -> Self:
        if not os.access(MEMORY / "memory.limit_in_bytes", os.W_OK):
            raise SystemExit(f"needs root and a writable memory hierarchy of cgroup v1 at {MEMORY}")
        self.folder.mkdir()
        (self.folder / "memory.limit_in_bytes").write_text(str(self._limit_mb * MB), "ascii")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill_all()
        self.folder.rmdir()

    @property
    def members(self) -> list[int]:
        """Pids in it."""
        return [int(line) for line in (self.folder / "cgroup.procs").read_text("ascii").split()]

    @property
    def used_mb(self) -> float:
        """Use without file cache, which the kernel would give back first."""
        stat = self._fields("memory.stat")
        usage = int((self.folder / "memory.usage_in_bytes").read_text("ascii"))
        return (usage - stat["total_inactive_file"] - stat["total_active_file"]) / MB

    @property
    def oom_kills(self) -> int:
        """How often the kernel has killed in it."""
        return self._fields("memory.oom_control")["oom_kill"]

    def kill_all(self) -> None:
        """As an engine does when process 1 is gone."""
        until = time.monotonic() + GONE_S
        while (left := self.members) and time.monotonic() < until:
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(0.05)

    def _fields(self, name: str) -> dict[str, int]:
        lines = (self.folder / name).read_text("ascii").splitlines()
        return {words[0]: int(words[1]) for words in (line.split() for line in lines)}


class Limited:
    """A program in a group; started again when it is killed, as by `restart: unless-stopped`."""

    def __init__(self, group: Group, words: Sequence[str], *, cwd: Path, log: Path) -> None:
        self._group = group
        self._words = ["sh", "-c", JOIN, str(group.folder / "cgroup.procs"), *words]
        self._cwd = cwd
        self._log: IO[bytes] = log.open("ab")
        self._began = time.monotonic()
        self.restarts = 0
        self.peak_mb = 0.0
        self.process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._group.kill_all()
        self.process.wait(GONE_S)
        self._log.close()

    def watch(self, seconds: float, pause_s: float, until: Callable[[], bool] | None = None) -> None:
        """Note the peak and start it again when it was killed, for so long or until the condition holds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (until and until()):
            self.peak_mb = max(self.peak_mb, self._group.used_mb)
            if (self.process.poll() or 0) < 0:
                self._group.kill_all()
                self.restarts += 1
                self.process = self._start()
            time.sleep(pause_s)

    def figures(self, *, ended_well: bool = False) -> dict[str, float]:
        """What was seen so far."""
        return {
            "oom_kills": self._group.oom_kills,
            "restarts": self.restarts,
            "alive": ended_well or self.process.poll() is None,
            "wall_s": time.monotonic() - self._began,
            "peak_mb": self.peak_mb,
        }

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._words, cwd=self._cwd, stdout=self._log, stderr=self._log, start_new_session=True)
