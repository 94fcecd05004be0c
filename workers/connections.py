"""Connections under a limit: looking the host up, connecting, TLS and the head of an answer end when it is cut."""

from __future__ import annotations

import contextlib
import errno
import http.client
import io
import queue
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import ProxyManager

from workers import tls
from workers.cookies import BoundedCookies
from workers.deadline import Limit, limit_here

_LONGEST_LINE = 65_537
_CONNECTIONS = 16
_IN_BETWEEN = range(102, 200)  # hints before the answer; the base class knows only 100, and takes others for the answer
_REFUSED = re.compile(r"^Tunnel connection failed: (\d{3})\b")  # as http.client says it
_Address = tuple[Any, ...]


class PlainSession(requests.Session):
    """Leaves redirects alone: the base class reads the body of one whole, however large, only to note its target."""

    def __init__(self, *, proxy: str | None = None, login: str | None = None, family: int = socket.AF_UNSPEC) -> None:
        """`proxy`: its address, without a login; `login`: the header that it wants. `family`: of addresses to use."""
        super().__init__()
        self.cookies = BoundedCookies()
        self.trust_env = False  # a stray proxy variable or netrc must not leak into a scrape
        self.proxies = {} if proxy is None else {"http": proxy, "https": proxy}
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(login, family))

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


class ProxyFailed(ConnectionError):
    """The proxy itself failed, or refused; `status` is what it answered, if it did."""

    def __init__(self, status: int | None = None) -> None:
        """Its cause says more."""
        super().__init__("the proxy failed" if status is None else f"the proxy answered {status}")
        self.status = status


class _Plain(HTTPConnection):
    response_class = _WholeHead
    family = socket.AF_UNSPEC

    def _new_conn(self) -> socket.socket:
        where = self._dns_host, self.port or self.default_port
        if self.proxy is None:
            return _connected(*where, self.socket_options or (), limit_here(), self.family)
        with _of_the_proxy():  # so `where` is the proxy; the host's name is looked up there
            return _connected(*where, self.socket_options or (), limit_here(), self.family)

    def _tunnel(self) -> None:
        with _of_the_proxy():
            super()._tunnel()

    def connect(self) -> None:
        super().connect()
        limit_here().sent = True

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:  # kept alive, or connected a moment ago
            limit_here().use(getattr(self.sock, "socket", self.sock))  # TLS within TLS is no socket, but has one
            limit_here().sent = True
        super().request(*arguments, **options)


class _Secure(_Plain, HTTPSConnection):
    def connect(self) -> None:
        if self.cert_reqs == "CERT_REQUIRED" and self.ca_certs == tls.AUTHORITIES:
            self.ssl_context, self.ca_certs = tls.usual_context(), None
            if self.proxy_config is not None:
                self.proxy_config = self.proxy_config._replace(ssl_context=self.ssl_context)
        elif self.ssl_context is None:
            self.ssl_context = tls.new_context()
        super().connect()

    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> ssl.SSLSocket:
        with _of_the_proxy():
            return super()._connect_tls_proxy(hostname, sock)


@contextlib.contextmanager
def _of_the_proxy() -> Iterator[None]:
    """What goes wrong inside is the proxy's doing, and says nothing of the host."""
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        refused = _REFUSED.search(str(error))
        failure = limit_here().proxy_failure = ProxyFailed(int(refused[1]) if refused else None)
        raise failure from error


class _Adapter(HTTPAdapter):
    """Makes the connections of this module, to hosts and to proxies."""

    def __init__(self, login: str | None, family: int) -> None:
        self._login = login
        kind = {"family": family}
        self._pools = {
            "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": type("_Plain", (_Plain,), kind)}),
            "https": type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": type("_Secure", (_Secure,), kind)}),
        }
        super().__init__(pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002 - of the base class
        """By whom the connection is made to: the base class trusts any proxy that is asked for a plain page."""
        super().cert_verify(conn, conn.scheme, verify, cert)  # type: ignore[no-untyped-call] # typeshed's

    def proxy_headers(self, proxy: str) -> dict[str, str]:  # noqa: ARG002 - of the base class, which wants a login in it
        """For the proxy alone: in a tunnel the host does not see them, and a proxy that forwards takes them off."""
        return {"Proxy-Authorization": self._login} if self._login else {}


def _connected(host: str, port: int, options: Any, limit: Limit, family: int) -> socket.socket:
    """A socket to the first address that answers; a silent one gets its share of the time only."""
    addresses = _looked_up(host, port, limit, family)
    failure: OSError | None = None
    for untried, (found, kind, protocol, _, where) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        sock = socket.socket(found, kind, protocol)
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
            # A family that this machine has no network for says nothing of the host, unless there is no other.
            failure = error if failure is None or error.errno != errno.ENETUNREACH else failure
        except BaseException:
            sock.close()
            raise
    limit.left()  # what is cut fails in odd ways
    # Not the failure itself: urllib3 takes a reset for one of a connection that exists.
    raise ConnectionError(f"no connection to {host}") from failure or OSError(f"{host} has no address")


def _looked_up(host: str, port: int, limit: Limit, family: int) -> list[_Address]:
    """The addresses of a host. The resolver knows no limit, so it is waited for in a thread that may be left behind."""
    host = host.strip("[]")
    found: queue.SimpleQueue[object] = limit.wake

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))
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
