"""A server on loopback that misbehaves on request: raw sockets, because decent servers refuse to send such things."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BufferedReader
from urllib.parse import parse_qs, urlsplit

LONGEST_S = 8.0  # whatever a test forgets, no handler goes on for longer


class Closed(Exception):
    """The handler wants no further request on this connection."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str  # with its query
    headers: dict[str, str]  # names in small letters
    body: bytes


@dataclass(slots=True)
class Visit:
    """One request and the connection to answer it on."""

    asked: Asked
    sock: socket.socket
    server: HostileServer

    @property
    def words(self) -> list[str]:
        """The path's parts behind the first one."""
        return urlsplit(self.asked.path).path.split("/")[2:]

    def query(self, name: str) -> str:
        """A value from the query."""
        return parse_qs(urlsplit(self.asked.path).query, keep_blank_values=True)[name][0]

    def send(self, data: bytes) -> None:
        """As it is. Raises OSError when the other side is gone."""
        self.sock.sendall(data)

    def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """A decent answer; underscores in header names stand for hyphens."""
        self.send(head(status, {"Content-Length": str(len(body)), **_named(headers)}))
        if self.asked.method != "HEAD":
            self.send(body)

    def repeat(self, piece: bytes, pause_s: float = 0.0) -> None:
        """The same bytes again and again, until somebody hangs up."""
        end = time.monotonic() + LONGEST_S
        while time.monotonic() < end and not self.server.stopping.wait(pause_s):
            self.send(piece)
        raise Closed


def head(status: int, headers: dict[str, str]) -> bytes:
    """A status line and headers, as they are."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Odd"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("utf-8")


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(slots=True)
class HostileServer:
    """`url` has no slash at the end; what was asked is in `asked`, in order.

    Handlers by the first word of a path; the one of the empty word stands in for those that are missing.
    """

    handlers: Mapping[str, Callable[[Visit], None]]
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    stopping: threading.Event = field(default_factory=threading.Event)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    _open: dict[int, socket.socket] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)
    _failed: Counter[str] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def other_url(self) -> str:
        """The same server under the name of another host."""
        return self.url.replace("127.0.0.1", "localhost")

    def hits(self, path: str) -> int:
        """How often a path was asked for, whatever its query."""
        return sum(urlsplit(asked.path).path == path for asked in self.asked)

    def begin(self) -> None:
        """Accept connections, each in a thread of its own."""
        self._begin_thread(self._accept)

    def stop(self) -> None:
        """Hang up on everybody; no thread is left."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for sock in list(self._open.values()):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(LONGEST_S)
        assert not any(thread.is_alive() for thread in self._threads), "a handler does not end"

    def fails(self, key: str, times: int) -> bool:
        """Whether this visit is one of the first few, which fail."""
        self._failed[key] += 1
        return self._failed[key] <= times

    def _begin_thread(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self._begin_thread(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        self._open[id(sock)] = sock
        with contextlib.suppress(OSError, Closed), sock, sock.makefile("rb") as lines:
            sock.settimeout(LONGEST_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while asked := _read(lines):
                self.asked.append(asked)
                name = urlsplit(asked.path).path.split("/")[1]
                self.handlers.get(name, self.handlers[""])(Visit(asked, sock, self))
        self._open.pop(id(sock), None)


def _read(lines: BufferedReader) -> Asked | None:
    first = lines.readline(65_536).decode("latin-1").split()
    if len(first) != 3:
        return None
    headers = {}
    while line := lines.readline(65_536).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(first[0], first[1], headers, lines.read(int(headers.get("content-length", "0"))))
