"""A TCP proxy on loopback that behaves as bad networks do: silent, half-open, slow, refusing, resetting, forgetful."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Self

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)  # linger for 0 s: a close sends RST instead of FIN


@dataclass(eq=False)
class _Link:
    """A client's connection and ours to the server."""

    client: socket.socket
    server: socket.socket
    losing: bool = False  # the answer that comes next never arrives
    lock: threading.Lock = field(default_factory=threading.Lock)

    def close(self, *, reset: bool = False) -> None:
        """Wake who waits on either end; `reset`: the client gets RST after the FIN."""
        with self.lock:
            for end in (self.client, self.server):
                with contextlib.suppress(OSError):
                    if reset:
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    end.shutdown(socket.SHUT_RDWR)
            if reset:
                self.client.close()


class BlackHole:
    """Forwards to one server. What it does changes for connections that exist and for those to come."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        """Listen on a free port; `port` and `host` are the server's."""
        self._upstream = (host, port)
        self._changed = threading.Condition()
        self._swallowed: frozenset[str] = frozenset()  # directions, "up" is to the server
        self._held = False
        self._delay_s = 0.0
        self._forgotten: bytes | None = None
        self._links: list[_Link] = []
        self._threads: list[threading.Thread] = []
        self._closing = False
        self.answers_lost = 0
        self.accepted = 0
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def pass_on(self) -> None:
        """An honest proxy again; what was held is delivered, what was swallowed stays lost."""
        self._change(swallowed=frozenset(), held=False, delay_s=0.0)
        if self._listener.fileno() < 0:
            self._listener = self._listen(self.port)

    def swallow(self, *directions: str) -> None:
        """Take every byte and pass none on, in both directions or only "up" (to the server) or "down"."""
        self._change(swallowed=frozenset(directions or ("up", "down")))

    def hold(self) -> None:
        """Deliver nothing before `pass_on`: a network that comes back."""
        self._change(held=True)

    def delay(self, seconds: float) -> None:
        """Deliver everything that much later."""
        self._change(delay_s=seconds)

    def refuse(self) -> None:
        """Refuse new connections; those that exist go on."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def reset(self) -> None:
        """End all connections with RST."""
        links, self._links = self._links, []
        for link in links:
            link.close(reset=True)

    def lose_the_answer_to(self, statement: str) -> None:
        """The next statement that contains this text is done, and its answer lost with its connection."""
        self._forgotten = statement.encode()

    def close(self) -> None:
        """End everything."""
        self._closing = True
        self.refuse()
        self._change(held=False, delay_s=0.0)
        self.reset()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Self:
        """Forwards already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _change(
        self, *, swallowed: frozenset[str] | None = None, held: bool | None = None, delay_s: float | None = None
    ) -> None:
        with self._changed:
            self._swallowed = self._swallowed if swallowed is None else swallowed
            self._held = self._held if held is None else held
            self._delay_s = self._delay_s if delay_s is None else delay_s
            self._changed.notify_all()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port), backlog=100)
        self._start(self._accept, listener)
        return listener

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]  # any callable
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            try:
                server = socket.create_connection(self._upstream, timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            link = _Link(client, server)
            self._links.append(link)
            self._start(self._pump, link, "up", client, server)
            self._start(self._pump, link, "down", server, client)

    def _pump(self, link: _Link, direction: str, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if self._is_forgotten(link, direction, data):
                    link.close(reset=True)
                elif self._is_delivered(direction):
                    target.sendall(data)
        if "up" not in self._swallowed and "down" not in self._swallowed:
            link.close()
        if direction == "down":
            link.server.close()

    def _is_forgotten(self, link: _Link, direction: str, data: bytes) -> bool:
        with self._changed:
            if direction == "up" and self._forgotten and self._forgotten in data:
                self._forgotten = None
                link.losing = True
            lost = direction == "down" and link.losing
            self.answers_lost += lost
            return lost

    def _is_delivered(self, direction: str) -> bool:
        with self._changed:
            if self._delay_s:
                self._changed.wait(self._delay_s)
            while self._held and not self._closing:
                self._changed.wait()
            return direction not in self._swallowed
