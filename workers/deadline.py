"""Time limits that hold: a peer that sends one byte a second never trips the read timeout of a socket."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
import time
from collections.abc import Iterable, Iterator

_JOIN_S = 1.0
_here = threading.local()


class Limit:
    """The time that one try may take, and the socket that it is using."""

    def __init__(self, seconds: float) -> None:
        """The clock runs from now on; `sent` becomes true when the host may have got the request."""
        self.seconds = seconds
        self.at = time.monotonic() + seconds
        self.is_cut = False
        self.is_over = False
        self.sent = False
        self.proxy_failure: BaseException | None = None  # set where it happens: chains of exceptions reach further back
        self.wake: queue.SimpleQueue[object] = queue.SimpleQueue()  # told when the time is up
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def left(self) -> float:
        """Seconds that remain. Raises TimeoutError when there are none."""
        seconds = self.at - time.monotonic()
        if self.is_cut or seconds <= 0:
            raise TimeoutError("the time is up")
        return seconds

    def use(self, sock: socket.socket) -> None:
        """This socket is to be shut down when the time is up."""
        # A second handle on the same connection: wrapping in TLS takes the first one away from its object, and a
        # number that has been closed may belong to somebody else.
        own = socket.socket(sock.family, sock.type, sock.proto, fileno=os.dup(sock.fileno()))
        with self._lock:
            self._close()
            self._socket = own
            if self.is_cut:
                self._shut_down()

    def cut(self) -> None:
        """Shut the socket down: whoever waits for it gets an end or an error at once."""
        with self._lock:
            if not self.is_over:
                self.is_cut = True
                self._shut_down()
                self.wake.put(None)

    def finish(self) -> None:
        """The try is over; nothing is cut any more."""
        with self._lock:
            self.is_over = True
            self._close()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def limit_here() -> Limit:
    """The limit that the calling thread works under; AttributeError outside of any."""
    limit: Limit = _here.limit
    return limit


class Cutter:
    """Watches over the tries of all threads of one fetcher, from a single thread of its own."""

    def __init__(self) -> None:
        """The watching thread starts with the first limit."""
        self._begun: queue.SimpleQueue[Limit | None] = queue.SimpleQueue()
        self._limits: dict[int, Limit] = {}  # by thread
        self._watcher: threading.Thread | None = None
        self._lock = threading.Lock()
        self.closed = False

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[Limit]:
        """Inside, the calling thread's connections are cut when the time is up. Raises TimeoutError when closed."""
        limit = Limit(seconds)
        me = threading.get_ident()
        try:
            _here.limit = self._limits[me] = limit
            self._watch(limit)
            yield limit
        finally:
            limit.finish()
            self._limits.pop(me, None)
            _here.limit = None

    def cut(self, threads: Iterable[int]) -> None:
        """End at once what these threads are fetching."""
        for thread in threads:
            if limit := self._limits.get(thread):
                limit.cut()

    def close(self) -> None:
        """End everything under way, and the watching thread."""
        self.closed = True
        self.cut(list(self._limits))
        self._begun.put(None)
        with self._lock:
            watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.join(_JOIN_S)

    def _watch(self, limit: Limit) -> None:
        with self._lock:
            if self.closed:
                raise TimeoutError("the fetcher is closed")
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._cut_the_late, name="deadlines", daemon=True)
                self._watcher.start()
        self._begun.put(limit)

    def _cut_the_late(self) -> None:
        waiting: list[Limit] = []
        while True:
            first = min(waiting, key=lambda each: each.at, default=None)
            pause_s = None if first is None else max(0.0, first.at - time.monotonic())
            try:
                limit = self._begun.get(timeout=pause_s)
            except queue.Empty:
                if first is not None:
                    first.cut()
            else:
                if limit is None:
                    return
                waiting.append(limit)
            waiting = [each for each in waiting if not each.is_over and not each.is_cut]
