"""A file that is whole or not there: what stood there stays until the new one is complete."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from workers.errors import ConfigError

_BUFFER = 1 << 20
_OWN_FILES = Path("/proc/self/fd")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes its place when the block ends well; else nothing is left of it.

    A pipe or a device is written as it is. Raises ConfigError, OSError.
    """
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder; name a file in it")
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    real = path.resolve()  # a link stays one
    folder = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield from _new_file(real, folder)
    finally:
        os.close(folder)


def _new_file(real: Path, folder: int) -> Iterator[IO[bytes]]:
    beside = f".{real.name[:200]}.{os.getpid()}.part"
    nameless = _open_nameless(folder)
    new = nameless or os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=folder)
    try:
        with os.fdopen(new, "wb", buffering=_BUFFER) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            if nameless:
                # With a folder given the call follows the link, which the plain one does not.
                os.link(_OWN_FILES / str(stream.fileno()), beside, dst_dir_fd=folder)
        os.replace(beside, real.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)
        raise


def _open_nameless(folder: int) -> int | None:
    """A file without a name, of which not even SIGKILL leaves anything; None where there are no such files."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not _OWN_FILES.exists():
        return None
    try:
        return os.open(".", flag | os.O_WRONLY, 0o666, dir_fd=folder)
    except OSError:
        return None  # not on this kind of disk; if it is for another reason, the named one says which
