"""How far an error reaches: one row, the connection, or the process."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import psycopg

from workers import events
from workers.database import Connection, cut

_CANCEL_S = 1.0  # for the server to obey; after that the connection is cut


@contextlib.contextmanager
def only_this(connection: Connection, what: str) -> Iterator[None]:
    """Whatever goes wrong inside costs only `what`; a broken connection concerns all and passes through."""
    try:
        yield
    except Exception as error:
        if is_broken(connection):
            raise
        events.emit("row_failed", node=what, error=_sentence(error))


def is_broken(connection: Connection) -> bool:
    """Whether the connection can do no more work."""
    return connection.closed or connection.broken


@contextlib.contextmanager
def patience(connection: Connection, seconds: float) -> Iterator[None]:
    """Statements inside are cancelled after that time, and the connection is cut if even that is not answered.

    The limit is the client's: a server that is stuck keeps no promise of its own, and a pooler no setting.
    """
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(connection, seconds, over), name="patience", daemon=True)
    with contextlib.suppress(RuntimeError):  # no thread to be had: then the server's own limits have to do
        watcher.start()
    try:
        yield
    finally:
        over.set()


def _watch(connection: Connection, seconds: float, over: threading.Event) -> None:
    if over.wait(seconds):
        return
    while not over.is_set() and not connection.closed:
        with contextlib.suppress(psycopg.Error, OSError):
            connection.cancel_safe(timeout=_CANCEL_S)
        if not over.wait(_CANCEL_S):
            cut(connection)


def _sentence(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}"[:500] if lines else type(error).__name__
