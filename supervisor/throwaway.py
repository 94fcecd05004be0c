"""Places and environments for what is thrown away: gone at the end, or, if its owner was killed, at the next call."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import supervisor
from supervisor import embedded_locks as locks
from workers.processes import own_identity, start_ticks

_PREFIX = "scrapewarden-"
_INSTALLED = ("site-packages", "dist-packages")
_OWNER = "owner.pid"  # pid and start ticks of the command that owns the folder


@contextlib.contextmanager
def throwaway_folder(purpose: str) -> Iterator[Path]:
    """A folder of the system's for temporary ones, named after `purpose`; those of killed owners are removed first."""
    remove_leftovers(purpose)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-"))
    me = own_identity()
    (folder / _OWNER).write_text(f"{me.pid} {me.start_ticks}", encoding="ascii")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(purpose: str) -> None:
    """Remove folders whose owner was killed; an owner that still runs, or a server in it, keeps its own."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}{purpose}-*"):
        try:
            pid, ticks = (folder / _OWNER).read_text(encoding="ascii").split()
        except (OSError, ValueError):
            continue  # a stranger's, or one that is being made
        homes = [folder, *(home for home in folder.iterdir() if (home / locks.CLUSTER).is_dir())]
        if start_ticks(int(pid)) != int(ticks) and all(locks.server_pid(home) is None for home in homes):
            shutil.rmtree(folder, ignore_errors=True)


def command() -> list[str]:
    """What starts this very `supervisor` in a clean environment."""
    return [sys.executable, "-m", "supervisor"]


def environment() -> dict[str, str]:
    """Ours without settings and without what names a database; the package that runs now is found, installed or not."""
    ours = ("SCRAPEWARDEN_", "PG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours) and name != "DATABASE_URL"}
    root = Path(supervisor.__file__).parents[1]
    if root.name in _INSTALLED:
        return kept
    return kept | {"PYTHONPATH": os.pathsep.join([str(root), *filter(None, [kept.get("PYTHONPATH")])])}
