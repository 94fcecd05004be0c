"""Connections that keep to the limit of the try that uses them: every wait for the peer is as short as the time left.

A read timeout alone is no deadline: a peer that sends one byte a second never trips it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from workers.records import FetchSettings

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8"
_CONNECTIONS = 16  # kept open to one host
_in_use = threading.local()


class TooMuch(Exception):
    """The peer sent more bytes than the limit of this try allows."""


class Limit:
    """What one try may still use: seconds until its deadline, and bytes from the wire."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        """The clock runs from now."""
        self._end = time.monotonic() + seconds
        self._bytes_left = most_bytes
        self.sent = False  # whether any of the request has left: then it may have taken effect

    @property
    def over(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time of this try is up")
        return left

    def extend(self, seconds: float) -> None:
        """Give back the time that we ourselves spent waiting."""
        self._end += seconds

    def took(self, count: int) -> None:
        """Count bytes from the wire. Raises TooMuch."""
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise TooMuch


@contextlib.contextmanager
def within(limit: Limit) -> Iterator[None]:
    """Inside, every socket that the calling thread uses keeps to the limit."""
    _in_use.limit = limit
    try:
        yield
    finally:
        _in_use.limit = None


def _limit() -> Limit:
    limit: Limit | None = getattr(_in_use, "limit", None)
    if limit is None:
        raise RuntimeError("a connection was used outside `within`")
    return limit


class _LimitedSocket(socket.socket):
    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        limit = _limit()
        self.settimeout(limit.left())
        count = super().recv_into(buffer, nbytes or memoryview(buffer).nbytes, flags)
        limit.took(count)
        return count

    def send(self, data: Any, flags: int = 0) -> int:
        self.settimeout(_limit().left())
        return super().send(data, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        limit = _limit()
        self.settimeout(limit.left())
        limit.sent = True
        super().sendall(data, flags)


class _LimitedTLSSocket(_LimitedSocket, ssl.SSLSocket):
    """The handshake needs nothing of its own: one timeout, the raw socket's, covers all of it."""


def _open(host: str, port: int, options: Any) -> socket.socket:
    """Connect to the first address that answers; a dead one may use only its share of the time left."""
    limit = _limit()
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    last: OSError = OSError(f"{host} has no address")
    for number, (family, kind, protocol, _, address) in enumerate(found):
        try:
            return _dial(_LimitedSocket(family, kind, protocol), address, limit.left() / (len(found) - number), options)
        except OSError as error:
            last = error
    raise last


def _dial(sock: socket.socket, address: Any, seconds: float, options: Any) -> socket.socket:
    try:
        for option in options or ():
            sock.setsockopt(*option)
        sock.settimeout(seconds)
        sock.connect(address)
        sock.settimeout(_limit().left())
    except BaseException:
        sock.close()
        raise
    return sock


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self._dns_host, self.port or self.default_port, self.socket_options)


class _TLSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self._dns_host, self.port or self.default_port, self.socket_options)

    def connect(self) -> None:
        if self.ssl_context is None:
            self.ssl_context = create_urllib3_context()
            # ssl's default; urllib3 sets it by itself only on a context that it makes in passing
            self.ssl_context.hostname_checks_common_name = False
        self.ssl_context.sslsocket_class = _LimitedTLSSocket
        super().connect()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class Adapter(HTTPAdapter):
    """Keep-alive connections for any number of sessions and threads; retries nothing by itself."""

    def __init__(self) -> None:
        super().__init__(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Let every pool make connections of ours."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


class Session(requests.Session):
    """Headers and cookies of one thread; follows no redirect by itself."""

    def __init__(self, settings: FetchSettings, adapter: Adapter, cookies: RequestsCookieJar | None = None) -> None:
        """`adapter` may be shared with other threads, `cookies` are copied: a jar bears no second thread."""
        super().__init__()
        self.trust_env = False  # a stray proxy variable or netrc must not leak into a scrape
        self.mount("http://", adapter)
        self.mount("https://", adapter)
        contact = f" (+{settings.contact})" if settings.contact else ""
        self.headers["User-Agent"] = settings.user_agent + contact
        self.headers["Accept"] = _ACCEPT
        self.headers["Accept-Encoding"] = "gzip, deflate"  # what can be decoded piece by piece, everywhere
        if cookies is not None:
            self.cookies.update(cookies)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would read the body of a redirect to its end, however long it is."""
