"""Supervisors under experiment: real processes of `supervisor run`, seen from outside through /proc."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from supervisor import processes
from supervisor.sightings import Pid, alive, pid_of
from supervisor.throwaway import command, environment

Settings = Mapping[str, object]


class Footprint(NamedTuple):
    """What a process holds."""

    descriptors: int
    threads: int


class Supervised:
    """One `supervisor run`."""

    def __init__(self, folder: Path, url: str, settings: Settings, mark: Mapping[str, str]) -> None:
        """Start it in a session of its own; `settings` by "section.key", `mark` goes into its environment."""
        config = folder / "config.toml"
        config.write_text(as_toml(settings), encoding="utf-8")
        self.log = folder / "stderr.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command(), "run", "--config", str(config), "--database-url", url, "--no-web"],
                cwd=folder,
                env=environment() | dict(mark),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.pid = pid_of(self.process.pid)
        self.began_at = datetime.now(UTC)

    def tree(self) -> list[Pid]:
        """Living descendants: template, keeper, scrapes, and what they started."""
        return alive(pid_of(number) for number in processes.descendants_of(self.pid.pid))

    def keeper(self) -> Pid | None:
        """Its keeper, which is to outlive it by a moment."""
        for child in processes.children_of(self.pid.pid):
            with contextlib.suppress(OSError):
                if b"keeper.py" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return pid_of(child)
        return None

    def send(self, number: int) -> None:
        """Signal it."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, as the kernel or a person in anger would."""
        self.process.kill()
        self.process.wait(10)

    def end(self, limit_s: float = 20) -> int | None:
        """SIGTERM; its exit code, or None when it is still there after the limit."""
        self.send(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(limit_s)
        return None

    def footprint(self) -> Footprint:
        """Descriptors and threads."""
        folder = Path(f"/proc/{self.pid.pid}")
        return Footprint(len(os.listdir(folder / "fd")), len(os.listdir(folder / "task")))  # noqa: PTH208 - only counted

    def complaint(self) -> str | None:
        """The last line of a traceback that it wrote, if there is one."""
        text = self.log.read_text("utf-8", "replace")
        return text.strip().splitlines()[-1] if "Traceback (most recent call last)" in text else None


def as_toml(settings: Settings) -> str:
    """A configuration file; JSON writes texts, numbers, booleans and lists as TOML does."""
    sections: dict[str, list[str]] = {}
    for path, value in settings.items():
        section, _, key = path.partition(".")
        sections.setdefault(section, []).append(f"{key} = {json.dumps(value)}\n")
    return "".join(f"[{section}]\n{''.join(lines)}" for section, lines in sections.items())
