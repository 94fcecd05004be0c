"""A forward proxy as one rents it: absolute URIs, CONNECT, a login; and its ways to fail."""

from __future__ import annotations

import base64
import contextlib
import http.client
import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

ELSEWHERE = "127.0.0.2"  # where a proxy exits that hides us: all requests of ours come from 127.0.0.1
_ITS_OWN = {"proxy-authorization", "proxy-connection", "connection", "keep-alive", "te", "transfer-encoding", "upgrade"}
_IDLE_S = 10.0


class ForwardProxy:
    """Listens on loopback from `start` to `die`; `asked` holds method and target of every request, in order."""

    def __init__(
        self,
        *,
        exits_at: str = ELSEWHERE,
        login: tuple[str, str] | None = None,
        tells: bool = False,
        refuses: int | None = None,
        tls: ssl.SSLContext | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """`tells`: adds the client's address; `refuses`: its answer to CONNECT; `names`: what only it can look up."""
        self.exits_at = exits_at
        self.tells = tells
        self.refuses = refuses
        self.names = dict(names or {})
        self.expected = None if login is None else "Basic " + base64.b64encode(":".join(login).encode()).decode()
        self.asked: list[tuple[str, str]] = []
        self.before: Callable[[str], None] = lambda _target: None  # called with each target, in the handler's thread
        self._open: set[socket.socket] = set()
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.place = f"127.0.0.1:{self._server.server_port}"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def targets(self, method: str = "GET") -> list[str]:
        """What was asked for by one method."""
        return [target for asked, target in list(self.asked) if asked == method]

    def die(self) -> None:
        """Stop listening and drop every connection, whatever is under way."""
        self._server.shutdown()  # first: a listener that is being waited for goes on listening when it is closed
        self._server.socket.close()
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """The same, and wait for the end."""
        self.die()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: ForwardProxy

    def setup(self) -> None:
        super().setup()
        self.proxy._open.add(self.connection)

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.proxy._open.discard(self.connection)

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        if not self._may_go_on():
            return
        parts = urlsplit(self.path)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _ITS_OWN}
        if self.proxy.tells:
            headers["X-Forwarded-For"] = self.client_address[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            host, port = self._reached(parts.netloc, 80)
            onward = http.client.HTTPConnection(host, port, timeout=_IDLE_S, source_address=(self.proxy.exits_at, 0))
            onward.request(self.command, parts._replace(scheme="", netloc="").geturl() or "/", body or None, headers)
            answer = onward.getresponse()
            content = answer.read()
            onward.close()
        except OSError:
            self._say(502)
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {*_ITS_OWN, "content-length", "server", "date"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_HEAD = do_GET  # noqa: N815 - the names in the base class

    def do_CONNECT(self) -> None:
        if not self._may_go_on():
            return
        if self.proxy.refuses is not None:
            self._say(self.proxy.refuses)
            return
        try:
            onward = socket.create_connection(self._reached(self.path, 443), _IDLE_S, (self.proxy.exits_at, 0))
        except OSError:
            self._say(502)
            return
        self.proxy._open.add(onward)
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        with onward:
            _relay(self.connection, onward)
        self.proxy._open.discard(onward)

    def _reached(self, netloc: str, port: int) -> tuple[str, int]:
        host, _, given = self.proxy.names.get(netloc, netloc).partition(":")
        return host, int(given or port)

    def _may_go_on(self) -> bool:
        self.proxy.asked.append((self.command, self.path))
        self.proxy.before(self.path)
        if self.proxy.expected in (None, self.headers.get("Proxy-Authorization")):
            return True
        self._say(407, ("Proxy-Authenticate", 'Basic realm="proxy"'))
        return False

    def _say(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


def _relay(one: socket.socket, other: socket.socket) -> None:
    ends = {one: other, other: one}
    while True:
        pending = isinstance(one, ssl.SSLSocket) and one.pending()
        ready = [one] if pending else select.select([one, other], [], [], _IDLE_S)[0]
        if not ready:
            return
        for sock in ready:
            data = sock.recv(65_536)
            if not data:
                return
            ends[sock].sendall(data)
