"""The demo's job board on the wire: bounded, quiet, on loopback only."""

from __future__ import annotations

import select
import socket
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Event, Lock
from time import monotonic
from typing import Any

from workers.demo.desk import HTML, Answer, Desk
from workers.demo.pages import item
from workers.demo.site import make_jobs

LOOPBACK = "127.0.0.1"
MAX_CONNECTIONS = 64  # at a time; further ones are closed unheard
IDLE_S = 30  # a silent connection is closed
SLOW_S = 1.0  # a page under /slow/
ENDLESS_CHUNK = 64 * 1024  # bytes, about a hundred times a second
ODD_LIMIT_S = 600  # even "never" ends, so that a forgotten visitor holds no thread for ever
TURN_OUT_S = 5.0


class BoardServer(ThreadingHTTPServer):
    """A bounded, quiet HTTP server that can be closed with visitors still inside."""

    daemon_threads = True
    request_queue_size = MAX_CONNECTIONS
    desk: Desk

    def __init__(self, port: int) -> None:
        """Listen on loopback; port 0 takes a free one."""
        super().__init__((LOOPBACK, port), BoardHandler)
        self.closing = Event()
        self._slots = BoundedSemaphore(MAX_CONNECTIONS)
        self._lock = Lock()
        self._visitors: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand a connection to a thread of its own, or close it when there are too many."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        with self._lock:
            self._visitors.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        with self._lock:
            self._visitors.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Visitors may leave at any time, that is no error; the rest is shown on stderr."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def turn_out(self) -> None:
        """Close every connection and wait until no thread serves one; at most some seconds."""
        self.closing.set()
        with self._lock:
            for visitor in self._visitors:
                with suppress(OSError):  # it may have left this moment
                    visitor.shutdown(socket.SHUT_RDWR)
        deadline = monotonic() + TURN_OUT_S
        for _ in range(MAX_CONNECTIONS):
            self._slots.acquire(timeout=max(0.0, deadline - monotonic()))


class BoardHandler(BaseHTTPRequestHandler):
    """One visitor; the odd corners that need a connection of their own are here, all other answers in `Desk`."""

    server: BoardServer
    server_version = "Bellwether"
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    # Head and body leave in one packet; else Nagle and delayed acknowledgements cost 40 ms a page.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer one request."""
        path, _, query = self.path.partition("?")
        if path == "/stall":
            self._stall()
        elif path == "/endless":
            self._never_end()
        else:
            if path.startswith("/slow/"):
                self.server.closing.wait(SLOW_S)
            self._send(self.server.desk.answer(path, query))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class names it so
        """Say nothing: the demo's terminal belongs to the supervisor."""

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _stall(self) -> None:
        """Hold the line without a word until the visitor hangs up."""
        self.close_connection = True
        select.select([self.connection], [], [], ODD_LIMIT_S)

    def _never_end(self) -> None:
        """Send a listing that goes on until the visitor has had enough."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", HTML)
        self.end_headers()
        postings = "".join(map(item, make_jobs(seed=0, count=8))).encode()
        chunk = postings * (ENDLESS_CHUNK // len(postings))
        deadline = monotonic() + ODD_LIMIT_S
        while monotonic() < deadline and not self.server.closing.wait(0.01):
            self.wfile.write(chunk)
