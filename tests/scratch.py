"""Folders for throw-away servers."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A folder that any account can pass through, in memory where there is room; gone at the end.

    pytest's own temporary folders are private, and as root a server runs under another account.
    """
    parent = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent)).resolve()
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
