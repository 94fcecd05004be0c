"""stdout and stderr of a scrape become lines of its log."""

from __future__ import annotations

import logging
import os
import sys
import threading

from workers.progress import Logbook

_MOST_LINE = 8_000
_LEVELS = {"DEBUG": "debug", "INFO": "info", "WARNING": "warning", "ERROR": "error", "CRITICAL": "error"}


class CapturedOutput:
    """Pipes over file descriptors 1 and 2, each drained by a thread of its own; nobody ever waits for EOF."""

    def __init__(self, logbook: Logbook) -> None:
        """Redirect at once."""
        self._logbook = logbook
        self._drained = [self._redirect(1, "stdout", "info"), self._redirect(2, "stderr", "warning")]
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
        handler = _LogbookHandler(logbook)
        logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)

    def _redirect(self, fd: int, event: str, level: str) -> threading.Thread:
        reader, writer = os.pipe()
        os.dup2(writer, fd)
        os.close(writer)
        thread = threading.Thread(target=self._drain, args=(reader, event, level), name=event, daemon=True)
        thread.start()
        return thread

    def _drain(self, reader: int, event: str, level: str) -> None:
        rest, skipping = b"", False
        while chunk := os.read(reader, 65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if not skipping:
                    self._note(level, event, line)
                skipping = False
            if len(rest) > _MOST_LINE:
                # The rest of an endless line is read and forgotten, so that its writer is never held up.
                if not skipping:
                    self._note(level, event, rest[:_MOST_LINE] + b" [cut]")
                rest, skipping = b"", True
        if rest:
            self._note(level, event, rest)

    def _note(self, level: str, event: str, line: bytes) -> None:
        if line.strip():
            self._logbook.write(level, event, line[:_MOST_LINE].decode("utf-8", "replace").rstrip())

    def finish(self, limit_s: float = 0.2) -> None:
        """Give up both descriptors and wait shortly for the last lines; a grandchild may hold the pipes open."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.close(quiet)
        for thread in self._drained:
            thread.join(limit_s)


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
