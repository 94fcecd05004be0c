"""Connections that cannot hang for ever, and the difference between "away" and "down"."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import time
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any, TypeVar
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

_REFUSED = ("Connection refused", "No such file or directory")
_FENCED = "SW001"
_MOST_DIGITS = 4_000  # longer numbers Python refuses to read
_ANSWER_S = 30.0
Value = TypeVar("Value")


class _Impatient(psycopg.Connection[DictRow]):
    """Waits only so long for an answer.

    The kernel's own limits see a peer that is gone, but not one that takes every byte and never answers, as a stuck
    pooler or a server without its disk does.
    """

    answer_s: float | None = _ANSWER_S

    def wait(self, gen: Generator[Any, Any, Value], *arguments: Any, **options: Any) -> Value:
        """Psycopg's own, with the limit. It looks up ten times a second."""
        if self.answer_s is None:
            return super().wait(gen, *arguments, **options)
        try:
            return super().wait(_limited(gen, self.answer_s), *arguments, **options)
        except SilentDatabase:
            self.close()  # what this connection says from now on answers an old question
            raise


class SilentDatabase(psycopg.OperationalError):
    """A statement was not answered in time; whether it was done is not known."""


def _limited(gen: Generator[Any, Any, Value], seconds: float) -> Generator[Any, Any, Value]:
    end = time.monotonic() + seconds
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > end:
                raise SilentDatabase(f"the database has not answered within {seconds:g} s")
            wanted = gen.send(ready)
    except StopIteration as stop:
        value: Value = stop.value
        return value


def connect(
    url: str,
    *,
    connect_timeout_s: float = 5,
    silence_s: float = 10,
    answer_s: float | None = _ANSWER_S,
    application: str = "scrapewarden",
) -> Connection:
    """One autocommit connection with dict rows.

    A peer that acknowledges nothing for `silence_s` seconds, or answers no statement within `answer_s` (None: for
    ever), raises OperationalError. No prepared statements and no session state: a transaction-mode pooler will do.
    """
    connection = _Impatient.connect(
        url,
        autocommit=True,
        prepare_threshold=None,
        row_factory=dict_row,
        connect_timeout=max(2, round(connect_timeout_s)),  # libpq reads 1 as 2
        tcp_user_timeout=round(silence_s * 1000),
        application_name=application,
        **_KEEPALIVE,
    )
    connection.answer_s = answer_s
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


def wait_longer(connection: Connection, answer_s: float) -> None:
    """From now on a statement on this connection may take that long until it is answered."""
    if isinstance(connection, _Impatient):
        connection.answer_s = answer_s


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


def is_down(error: psycopg.Error, url: str) -> bool:
    """Whether a connection was not made because no server runs, so that nobody else can take over either.

    `error` is that of `connect`, to a server that was reached directly before (`is_direct`). Evidence is its own word
    (the sentences of SQLSTATE 57P03), or a refusal on a unix socket or on loopback. Anything else may be a partition:
    others may see a database that we do not. The end of a connection that was there is no evidence by itself, whatever
    it says: 57P01 comes from pg_terminate_backend too, and it may have been waiting to be read for long.
    """
    host = _host(url)
    if host is None or "," in host:
        return False  # of several servers one may be alive
    if "the database system is" in str(error):
        return True
    # localhost may mean two addresses: one that refuses says nothing of one that is silent.
    reasons = re.findall(r"failed: (?!connection )(.*)", str(error))
    return bool(reasons) and all(reason.startswith(_REFUSED) for reason in reasons) and _is_local(host)


def is_direct(connection: Connection, pid: int, address: str | None, port: int | None) -> bool:
    """Whether who answers is also who listens at the other end of this connection, and not a pooler or proxy.

    `pid`, `address` and `port` are the server's own account of itself. A pooler makes up the process it names to its
    clients; a proxy listens elsewhere. When one of those refuses, the server behind it may well be alive.
    """
    info = connection.info
    if pid != info.backend_pid:
        return False
    return address is None if info.host.startswith("/") else (address, port) == (info.hostaddr, info.port)


def _host(url: str) -> str | None:
    """Where libpq connects to, empty for its default socket; None: a service file says so, which is not read here."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    if parts.get("service") or os.environ.get("PGSERVICE"):
        return None
    named = parts.get("hostaddr") or os.environ.get("PGHOSTADDR") or parts.get("host") or os.environ.get("PGHOST")
    return str(named or "")


def _is_local(host: str) -> bool:
    return host == "" or host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"}


def without_password(url: str) -> str:
    """The URL as it may be shown to a person."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()
