"""A server on loopback that does what no server should; on raw sockets, so that even the protocol can be broken.

`hostile_answers.py` lists its paths.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.hostile_answers import HostileHandler


class HostileServer(socketserver.ThreadingTCPServer):
    """Counts what it is asked; `stop` ends every answer that is still dripping."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port of 127.0.0.1."""
        super().__init__(("127.0.0.1", 0), HostileHandler)
        self.tls = tls
        self.hits: Counter[str] = Counter()  # by path without its query
        self.asked: list[tuple[float, str]] = []  # monotonic time and path, in order
        self.connections = 0
        self.under_way = 0
        self.most_under_way = 0
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """The address without a slash at the end."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, Any]:
        """Remember the connection, so that it can be ended."""
        connection, address = super().get_request()
        with self.lock:
            self.connections += 1
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        with self.lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def secured(self, connection: socket.socket, tls: ssl.SSLContext) -> socket.socket:
        """The connection under TLS, in the place of the raw one."""
        with self.lock:
            self._open.discard(connection)
        wrapped = tls.wrap_socket(connection, server_side=True)
        with self.lock:
            self._open.add(wrapped)
        return wrapped

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what most of the paths are for."""

    @contextmanager
    def counted(self, path: str) -> Iterator[None]:
        """Count one request and how many are under way with it."""
        with self.lock:
            self.hits[path] += 1
            self.asked.append((time.monotonic(), path))
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            yield
        finally:
            with self.lock:
                self.under_way -= 1

    def stop_answering(self) -> None:
        """Hang up on everybody; answers that still wait or drip end."""
        self.stopping.set()
        with self.lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """End all answers and wait for their threads."""
        self.shutdown()
        self.stop_answering()
        self.server_close()


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    """A server that ends with the block and leaves no thread behind."""
    server = HostileServer(tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="hostile")
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


@pytest.fixture
def hostile() -> Iterator[HostileServer]:
    """The server with its counters; `url` is its address."""
    with serving() as server:
        yield server


@pytest.fixture
def hostile_server(hostile: HostileServer) -> str:
    """The address alone, without a slash at the end."""
    return hostile.url
