"""Alerts to a program of the person's own, as JSON on stdin."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from supervisor import own_programs
from supervisor.alerts.message import Message
from supervisor.alerts.outbox import Undelivered
from workers.processes import OWNER_NAME, TAG_NAME

_MOST_SAID = 500  # bytes of what it says that are told when it fails: the last ones
_CHUNK = 65_536
_LOOK_S = 0.05


class Program:
    """`[alerts] command`, split into words; no shell."""

    name = "command"
    limit_s = 30.0

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
        """`environment`: what it may see of ours. `directory`: where it runs."""
        self._argv = list(argv)
        self._environment = {name: value for name, value in environment.items() if name not in (TAG_NAME, OWNER_NAME)}
        self._directory = str(directory)
        self._cut = threading.Event()

    @property
    def shown(self) -> str:
        """Which one, for people; arguments may be secret."""
        return self._argv[0]

    def send(self, message: Message, limit_s: float) -> None:
        """Run it once; raises Undelivered unless it leaves with status 0 in time. Nothing of it is left behind."""
        until = time.monotonic() + limit_s
        try:
            process = own_programs.start(self._argv, self._marked(), self._directory)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            words = getattr(error, "strerror", None) or type(error).__name__
            raise Undelivered(f"{self.shown} could not be started ({words.lower()})", final=True) from error
        try:
            said = self._talk(process, message.as_json(), until)
            in_time = own_programs.has_ended(process)
        finally:
            status = own_programs.end(process)
        tail = f": {said}" if said else ""
        if not in_time and self._cut.is_set():
            raise Undelivered(f"{self.shown} was killed because the supervisor ends{tail}", final=True)
        if not in_time:
            raise Undelivered(f"{self.shown} was killed after {limit_s:.2g} s{tail}")
        if status != 0:
            raise Undelivered(f"{self.shown} left with status {status}{tail}")

    def cut(self) -> None:
        """Kill it, if it runs."""
        self._cut.set()

    def _marked(self) -> dict[str, str]:
        """With the mark of this supervisor, so that it dies with it; never with a run's."""
        mark = os.environ.get(OWNER_NAME)
        return {**self._environment, **({OWNER_NAME: mark} if mark else {})}

    def _talk(self, process: subprocess.Popen[bytes], body: bytes, until: float) -> str:
        """Feed it and hear it until it has ended; the end of what it said.

        Its own end is what counts: somebody that it leaves in the background may hold the pipe for ever.
        """
        said = b""
        with selectors.DefaultSelector() as selector:
            for pipe, what in ((process.stdin, selectors.EVENT_WRITE), (process.stdout, selectors.EVENT_READ)):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)
                    selector.register(pipe, what)
            over = False
            while not over:
                over = own_programs.has_ended(process) or time.monotonic() > until or self._cut.is_set()
                if not selector.get_map():
                    time.sleep(_LOOK_S)
                for key, _ in selector.select(0 if over else _LOOK_S) if selector.get_map() else ():
                    if key.fileobj is process.stdin:
                        body = body[_write(key.fd, body) :]
                        chunk = body
                    else:
                        chunk = _read(key.fd)
                        said = (said + chunk)[-_MOST_SAID:]
                    if not chunk:
                        selector.unregister(key.fileobj)
                        key.fileobj.close()  # type: ignore[union-attr] # both are pipes
        return " ".join(said.decode("utf-8", "replace").split())


def _write(fd: int, body: bytes) -> int:
    try:
        return os.write(fd, body[:_CHUNK])
    except BlockingIOError:
        return 0
    except OSError:  # it does not want to read
        return len(body)


def _read(fd: int) -> bytes:
    with contextlib.suppress(OSError):
        return os.read(fd, _CHUNK)
    return b""
