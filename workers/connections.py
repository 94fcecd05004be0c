"""Connections under a limit: looking the host up, connecting, TLS and the head of an answer end when it is cut."""

from __future__ import annotations

import http.client
import io
import queue
import socket
import threading
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from workers.cookies import BoundedCookies
from workers.deadline import Limit, limit_here

_LONGEST_LINE = 65_537
_CONNECTIONS = 16
_IN_BETWEEN = range(102, 200)  # hints before the answer; the base class knows only 100, and takes others for the answer
_Address = tuple[Any, ...]


class PlainSession(requests.Session):
    """Leaves redirects alone: the base class reads the body of one whole, however large, only to note its target."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies = BoundedCookies()
        self.trust_env = False  # a stray proxy variable or netrc must not leak into a scrape
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS, max_retries=0))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: nothing is to be followed."""


class _Lines(io.BufferedReader):
    """Hands out no endless line and never all there is, and knows whether the last line was the end of the stream."""

    ended = False

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(_LONGEST_LINE if size is None or size < 0 else min(size, _LONGEST_LINE))
        self.ended = not line
        return line

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:  # urllib3 takes a chunk of length -1 at its word, and would read without end
            raise http.client.HTTPException("a length below zero")
        return super().read(size)


class _WholeHead(http.client.HTTPResponse):
    """An answer whose head must be complete: the base class takes a connection lost among headers for their end."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._lines = _Lines(self.fp.detach())
        self.fp = self._lines

    def begin(self) -> None:
        super().begin()
        if self._lines.ended:
            raise http.client.IncompleteRead(b"")

    def _read_status(self) -> tuple[str, int, str]:
        version, status, phrase = super()._read_status()  # type: ignore[misc] # typeshed leaves it out
        while status in _IN_BETWEEN:
            http.client.parse_headers(self._lines)
            version, status, phrase = super()._read_status()  # type: ignore[misc] # as above
        return version, status, phrase


class _Plain(HTTPConnection):
    response_class = _WholeHead

    def _new_conn(self) -> socket.socket:
        return _connected(self._dns_host, self.port or self.default_port, self.socket_options or (), limit_here())

    def connect(self) -> None:
        super().connect()
        limit_here().sent = True

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:  # kept alive, or connected a moment ago
            limit_here().use(self.sock)
            limit_here().sent = True
        super().request(*arguments, **options)


class _Secure(_Plain, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def _connected(host: str, port: int, options: Any, limit: Limit) -> socket.socket:
    """A socket to the first address that answers; a silent one gets its share of the time only."""
    addresses = _looked_up(host, port, limit)
    failure = OSError(f"{host} has no address")
    for untried, (family, kind, protocol, _, where) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            limit.use(sock)
            sock.settimeout(limit.left() / untried)
            sock.connect(where)
            sock.settimeout(limit.left())
            return sock
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
    limit.left()  # what is cut fails in odd ways
    # Not the failure itself: urllib3 takes a reset for one of a connection that exists.
    raise ConnectionError(f"no connection to {host}") from failure


def _looked_up(host: str, port: int, limit: Limit) -> list[_Address]:
    """The addresses of a host. The resolver knows no limit, so it is waited for in a thread that may be left behind."""
    host = host.strip("[]")
    found: queue.SimpleQueue[object] = limit.wake

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=look_up, name="name lookup", daemon=True).start()
    try:
        answer = found.get(timeout=limit.left())
    except queue.Empty:
        answer = None
    if isinstance(answer, list):
        return answer
    raise answer if isinstance(answer, Exception) else TimeoutError(f"looking up {host} took too long")
