"""Folders for throw-away servers."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.wait import wait_for

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
        # A server that was killed a moment ago may still be writing its last file.
        wait_for(lambda: _is_removed(folder), 5, f"nobody writes into {folder}")


def _is_removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
