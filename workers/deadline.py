"""Connections that can be cut at a deadline: a peer that sends one byte a second never trips a read timeout."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager


class Cutter:
    """Shuts down the socket that a thread is using when its time is up."""

    def __init__(self) -> None:
        """Nothing is cut yet."""
        self._local = threading.local()

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[CutState]:
        """Inside, the connection in use is cut after so many seconds; the state says whether that happened."""
        state = CutState()
        self._local.state = state
        timer = threading.Timer(seconds, state.cut)
        timer.daemon = True
        timer.start()
        try:
            yield state
        finally:
            timer.cancel()
            self._local.state = None

    def using(self, sock: Any) -> None:
        """The calling thread is about to use this socket, or has just opened it."""
        state: CutState | None = getattr(self._local, "state", None)
        if state is not None and sock is not None:
            state.sock = sock


class CutState:
    """The socket in use by one fetch, and whether it was cut."""

    def __init__(self) -> None:
        """Not cut."""
        # The socket, not the connection: a connection that will close forgets it before the body is read.
        self.sock: Any = None
        self.happened = False

    def cut(self) -> None:
        """Shut the socket down: whoever reads from it gets an end or an error at once."""
        self.happened = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def adapter(cutter: Cutter, connections: int) -> HTTPAdapter:
    """A requests adapter whose connections report themselves to the cutter; it does not retry by itself."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            opened = super()._new_conn()
            cutter.using(opened)
            return opened

        def request(self, *arguments: Any, **options: Any) -> None:
            cutter.using(self.sock)
            super().request(*arguments, **options)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            opened = super()._new_conn()
            cutter.using(opened)
            return opened

        def request(self, *arguments: Any, **options: Any) -> None:
            cutter.using(self.sock)
            super().request(*arguments, **options)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options)
            manager: PoolManager = self.poolmanager
            manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    return Adapter(pool_connections=connections, pool_maxsize=connections, max_retries=0)
