"""A few connections for statements that must not cost the loop its own: long chores, and whoever asks from a thread."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, cast

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from workers import database
from workers.database import Connection

_IDLE_S = 60.0  # a connection that nobody takes for so long is closed
# What cannot be connected to is said by whoever asked; the library's own lines would reach the console unsorted.
logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())


class NoConnection(psycopg.OperationalError):
    """None could be had in time, and why."""


class Pool:
    """At most so many connections, with the limits that all of ours have.

    None is made before somebody asks, and none is kept that nobody uses: a server on a small machine pays for each.
    Two threads of the library's tend to it from the first to the last moment.
    """

    def __init__(self, url: str, *, most: int, wait_s: float = 2.0, application: str = "scrapewarden pool") -> None:
        """Connect to nothing yet. `wait_s`: how long somebody may wait until one is free or made."""
        self._wait_s = wait_s
        self._most = most
        self._refusal: Exception | None = None
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            connection_class=cast("type[Connection]", self),  # it is only ever asked to connect
            kwargs={"application": application},
            min_size=0,
            max_size=most,
            open=True,
            check=ConnectionPool.check_connection,  # a server that came back has forgotten those it had
            timeout=wait_s,
            reconnect_timeout=wait_s,  # after that only who asks tries again, not a thread of its own accord
            max_idle=_IDLE_S,
            num_workers=1,
            name=application,
        )

    def connect(self, url: str, *, application: str, **_: Any) -> Connection:
        """Make one with our limits and not the library's; for the library, which calls it on its own thread."""
        try:
            made = database.connect(url, connect_timeout_s=self._wait_s, application=application)
        except psycopg.Error as error:
            self._refusal = error
            raise
        self._refusal = None
        return made

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """One that works, for the block alone; broken ones are replaced. Raises NoConnection."""
        try:
            taken = self._pool.getconn()
        except PoolTimeout as error:
            raise NoConnection(self._sentence()) from self._refusal or error
        try:
            with taken:
                yield taken
        finally:
            self._pool.putconn(taken)

    def close(self) -> None:
        """Close those that are free now, others when they come back, and end the threads."""
        self._pool.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Closed."""
        self.close()

    def _sentence(self) -> str:
        lines = str(self._refusal or "").splitlines()
        return f"no connection within {self._wait_s:g} s: {lines[0] if lines else f'all {self._most} are in use'}"
