"""For tests that work in this process as a command does, to which orphans below it fall while it works."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator

import pytest

from supervisor import processes
from workers.processes import state_letter

_PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture(scope="module")
def adopting() -> Iterator[None]:
    """Orphans may fall to this process, up to the end of the module."""
    before = set(processes.children_of(os.getpid()))
    yield
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    for pid in set(processes.children_of(os.getpid())) - before:
        if state_letter(pid) == "Z":
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
