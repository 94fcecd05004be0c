"""Control groups of version 1 of a test's own: removed at its end, when all in them are gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fix_supervisor import alive
from tests.wait import wait_for

ROOT = Path("/sys/fs/cgroup")


@contextmanager
def control_group(controller: str) -> Iterator[Path]:
    """An empty group of that controller; skips where none may be made."""
    if not os.access(ROOT / controller / "cgroup.procs", os.W_OK):
        pytest.skip(f"needs root and a writable {controller} hierarchy of cgroup v1 at {ROOT / controller}")
    folder = ROOT / controller / f"scrapewarden-test-run-{os.getpid()}"
    folder.mkdir()
    yield folder
    wait_for(lambda: not alive(_members(folder)), 5, "the end of all in the group")
    wait_for(lambda: _removed(folder), 5, "the group's end")


@pytest.fixture
def pids_group() -> Iterator[Path]:
    """A control group for counting processes."""
    with control_group("pids") as folder:
        yield folder


def _members(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "cgroup.procs").read_text(encoding="ascii").split()]


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
