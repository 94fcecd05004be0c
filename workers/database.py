"""Connections that cannot hang for ever, and the difference between "away" and "down"."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.abc import Buffer
from psycopg.rows import DictRow, dict_row
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.json import set_json_loads

Connection = psycopg.Connection[DictRow]

# Silence is not an answer: a half-open connection once went unnoticed for hours.
_KEEPALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

# admin_shutdown, crash_shutdown, cannot_connect_now: the server itself says that it is down.
_DOWN_STATES = frozenset({"57P01", "57P02", "57P03"})
_FENCED = "SW001"
_MOST_DIGITS = 4_000  # longer numbers Python refuses to read


def connect(
    url: str, *, connect_timeout_s: float = 5, silence_s: float = 10, application: str = "scrapewarden"
) -> Connection:
    """One autocommit connection with dict rows. A peer silent for `silence_s` seconds raises OperationalError.

    No prepared statements and no session state, so that a transaction-mode pooler will do.
    """
    connection = psycopg.connect(
        url,
        autocommit=True,
        prepare_threshold=None,
        row_factory=dict_row,
        connect_timeout=max(2, round(connect_timeout_s)),  # libpq reads 1 as 2
        tcp_user_timeout=round(silence_s * 1000),
        application_name=application,
        **_KEEPALIVE,
    )
    connection.adapters.register_loader("timestamptz", _UtcLoader)
    set_json_loads(_loads, connection)
    return connection


class _UtcLoader(TimestamptzLoader):
    """Times in UTC whatever the server's time zone is: arithmetic within a zone ignores its changes of the clock."""

    def load(self, data: Buffer) -> datetime:
        """One time."""
        return super().load(data).astimezone(UTC)


def _loads(data: str | bytes) -> Any:
    """JSON of a row; what this interpreter cannot hold costs only that value."""
    text = data if isinstance(data, str) else data.decode()
    try:
        return json.loads(text, parse_int=_integer)
    except RecursionError:
        return f"nested too deeply: {text[:100]}"


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def cut(connection: Connection) -> None:
    """Shut the connection's socket down from another thread: whoever waits for its answer gets an error at once."""
    with contextlib.suppress(OSError, psycopg.Error):
        duplicate = socket.socket(fileno=os.dup(connection.fileno()))
        with duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)


def fetch_one(connection: Connection, query: bytes, **parameters: Any) -> DictRow | None:
    """The first row of a named query, or None."""
    return connection.execute(query, parameters).fetchone()


def fetch_all(connection: Connection, query: bytes, **parameters: Any) -> list[DictRow]:
    """All rows of a named query."""
    return connection.execute(query, parameters).fetchall()


def is_fenced(error: psycopg.Error) -> bool:
    """Whether a statement was refused because the run may no longer write."""
    return error.sqlstate == _FENCED


def is_down(error: BaseException, url: str) -> bool:
    """Whether the error is evidence that no server runs, so that nobody else can take over either.

    Evidence is the server's own word (SQLSTATE 57P01-57P03), or a refused connection on a unix socket or on
    loopback. Anything else may be a partition: others may see a database that we do not.
    """
    if isinstance(error, psycopg.Error) and error.sqlstate in _DOWN_STATES:
        return True
    text = str(error)
    if any(words in text for words in ("the database system is", "terminating connection due to administrator")):
        return True
    refused = "Connection refused" in text or "No such file or directory" in text
    return refused and _is_local(url)


def _is_local(url: str) -> bool:
    host = str(psycopg.conninfo.conninfo_to_dict(url).get("host") or "")
    return host == "" or host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"}


def without_password(url: str) -> str:
    """The URL as it may be shown to a person."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()
