"""stdout and stderr of a scrape become lines of its log."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import sys
import threading
from dataclasses import dataclass
from time import sleep
from typing import TextIO

from workers.progress import Logbook

_MOST_LINE = 8_000
_SCARCE_S = 0.01  # until memory may be there again
_LEVELS = {"DEBUG": "debug", "INFO": "info", "WARNING": "warning", "ERROR": "error", "CRITICAL": "error"}


@dataclass(kw_only=True, slots=True)
class _Source:
    """One descriptor's lines."""

    event: str
    level: str
    rest: bytes = b""
    skipping: bool = False  # in the rest of an endless line


class CapturedOutput:
    """Pipes over file descriptors 1 and 2, drained by one thread; nobody ever waits for EOF."""

    def __init__(self, logbook: Logbook) -> None:
        """Redirect at once."""
        self._logbook = logbook
        sources = {
            _redirect(1): _Source(event="stdout", level="info"),
            _redirect(2): _Source(event="stderr", level="warning"),
        }
        self._drained = threading.Thread(target=self._drain, args=(sources,), name="output", daemon=True)
        self._drained.start()
        # New objects: one that was opened on a file believes that it can seek, and fails on the pipe.
        sys.stdout, sys.stderr = _writer(1), _writer(2)
        logging.basicConfig(level=logging.INFO, handlers=[_LogbookHandler(logbook)], force=True)

    def _drain(self, sources: dict[int, _Source]) -> None:
        poller = select.poll()
        for reader in sources:
            poller.register(reader, select.POLLIN)
        # Made ahead: where the scraper has left no memory it must not be held up by a full pipe as well.
        buffer = bytearray(65_536)
        while sources:
            try:
                for reader, _ in poller.poll():
                    length = _read(reader, buffer)
                    self._take(sources[reader], bytes(buffer[:length]) or b"\n")
                    if not length:
                        poller.unregister(reader)
                        del sources[reader]
            except MemoryError:
                sleep(_SCARCE_S)  # what was read is lost; the scraper meets the same error

    def _take(self, source: _Source, chunk: bytes) -> None:
        *lines, rest = (source.rest + chunk).split(b"\n")
        for line in lines:
            if not source.skipping:
                self._note(source, line)
            source.skipping = False
        if len(rest) > _MOST_LINE:
            # The rest of an endless line is read and forgotten, so that its writer is never held up.
            if not source.skipping:
                self._note(source, rest[:_MOST_LINE] + b" [cut]")
            rest, source.skipping = b"", True
        source.rest = rest

    def _note(self, source: _Source, line: bytes) -> None:
        if line.strip():
            self._logbook.write(source.level, source.event, line[:_MOST_LINE].decode("utf-8", "replace").rstrip())

    def finish(self, limit_s: float = 0.2) -> None:
        """Give up both descriptors and wait shortly for the last lines; a grandchild may hold the pipes open."""
        for stream in (sys.stdout, sys.stderr):
            # The scraper may have closed or replaced it, or left it without memory for its last line.
            with contextlib.suppress(ValueError, OSError, AttributeError, MemoryError):
                stream.flush()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.close(quiet)
        self._drained.join(limit_s)


def _redirect(fd: int) -> int:
    """Put a pipe over a descriptor; returns its reading end."""
    reader, writer = os.pipe()
    os.dup2(writer, fd)
    os.close(writer)
    return reader


def _read(reader: int, buffer: bytearray) -> int:
    """How much has come; nothing at the end of a pipe, or where the scraper has closed it."""
    try:
        return os.readv(reader, [buffer])
    except OSError:
        return 0


def _writer(fd: int) -> TextIO:
    """A stream that writes each line at once and takes any text."""
    return open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


class _LogbookHandler(logging.Handler):
    """Records of the logging module, without the libraries' chatter below warning."""

    def __init__(self, logbook: Logbook) -> None:
        super().__init__()
        self._logbook = logbook

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a message that cannot be formatted is written as it stands."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        self._logbook.write(_LEVELS.get(record.levelname, "info"), record.name or "log", message)
