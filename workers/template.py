"""The loaded template from which each scrape is forked, and the multiprocessing context that forks it.

Imported by the supervisor for the context, and preloaded by the forkserver for what it makes the template do.
"""

from __future__ import annotations

import concurrent.futures.process
import io
import os
import threading
from multiprocessing import context, forkserver, popen_forkserver, popen_spawn_posix, process, reduction, spawn, util
from multiprocessing.connection import wait
from typing import Any, ClassVar

PRELOAD = ("workers.template", "workers.preload")

started = threading.local()  # .last: the Popen that this thread started last, with its pid and pidfd


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class _WatchedPopen:
    """Reads an exit status once, under a lock, and publishes a pidfd.

    Two threads poll one sentinel (the executor's manager and ours); the loser would read EOF and store 255.
    """

    pid: int
    sentinel: int
    returncode: int | None

    def _watch(self) -> None:
        self._reading = threading.Lock()
        self.pidfd = os.pidfd_open(self.pid)
        util.Finalize(self, _close, (self.pidfd,))
        started.last = self

    def poll(self, flag: int = os.WNOHANG) -> int | None:
        """The exit code, or None; negative for a signal."""
        if self.returncode is None and wait([self.sentinel], 0 if flag == os.WNOHANG else None):
            with self._reading:
                if self.returncode is None:
                    self.returncode = self._read_status()
        return self.returncode

    def _read_status(self) -> int:
        raise AssertionError  # pragma: no cover - each method has its own

    def _send_signal(self, number: int) -> None:
        """Nothing: guards end scrapes, through the pidfd.

        The executor terminates what it believes dead: a pid that has been reaped, or, when the forkserver was killed,
        a scrape that lives for some more milliseconds and would report a stop that nobody asked for.
        """


class _ForkedPopen(_WatchedPopen, popen_forkserver.Popen):
    def _launch(self, process_obj: Any) -> None:
        # Only what the child needs: importing the script's main module again costs more than the fork.
        name = process_obj.name
        wanted = ("log_to_stderr", "authkey", "name", "dir", "sys_argv")
        preparation = {k: v for k, v in spawn.get_preparation_data(name).items() if k in wanted}
        buffer = io.BytesIO()
        context.set_spawning_popen(self)
        try:
            reduction.dump(preparation, buffer)
            reduction.dump(process_obj, buffer)
        finally:
            context.set_spawning_popen(None)
        self.sentinel, writer = forkserver.connect_to_new_process(self._fds)  # type: ignore[attr-defined]  # set by the base class
        parent_writer = os.dup(writer)
        self.finalizer = util.Finalize(self, _close, (parent_writer, self.sentinel))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(buffer.getbuffer())
        self.pid = forkserver.read_signed(self.sentinel)
        self._watch()

    def _read_status(self) -> int:
        try:
            return int(forkserver.read_signed(self.sentinel))
        except (OSError, EOFError):
            return 255  # the forkserver is gone; who waits for the status decides what that means


class _SpawnedPopen(_WatchedPopen, popen_spawn_posix.Popen):
    def _launch(self, process_obj: Any) -> None:
        super()._launch(process_obj)  # type: ignore[misc]  # not in the stubs
        self._watch()

    def poll(self, flag: int = os.WNOHANG) -> int | None:
        """The exit code; grandchildren may hold the sentinel, so the pidfd is the sign of death."""
        if self.returncode is None and wait([self.pidfd], 0 if flag == os.WNOHANG else None):
            with self._reading:
                if self.returncode is None:
                    _, status = os.waitpid(self.pid, 0)
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


class ForkedProcess(process.BaseProcess):
    """A process forked from the template."""

    _start_method: ClassVar[str] = "forkserver"

    @staticmethod
    def _Popen(process_obj: Any) -> _ForkedPopen:  # noqa: N802 - multiprocessing's name
        return _ForkedPopen(process_obj)


class SpawnedProcess(process.BaseProcess):
    """A process started from nothing."""

    _start_method: ClassVar[str] = "spawn"

    @staticmethod
    def _Popen(process_obj: Any) -> _SpawnedPopen:  # noqa: N802 - multiprocessing's name
        return _SpawnedPopen(process_obj)


class _OwnLock:
    """A lock for the threads of one process, which arrives in another as a new one.

    An executor with a single worker has one writer and one reader at each end of its pipes, so nobody ever waits for
    a lock in another process. Those of multiprocessing are files in /dev/shm: a browser or a scraper that fills that
    folder would keep every scrape from being launched.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002 - stdlib signature
        """Wait for it."""
        return self._lock.acquire(block, -1 if timeout is None or not block else timeout)

    def release(self) -> None:
        """Give it back."""
        self._lock.release()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __reduce__(self) -> tuple[type[_OwnLock], tuple[()]]:
        return _OwnLock, ()


class _Unbounded:
    """Counts nothing: the one call and its end always fit into the queue."""

    @property
    def _semlock(self) -> _Unbounded:  # where a queue looks whether it is full
        return self

    def _is_zero(self) -> bool:
        return False

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:  # noqa: ARG002, FBT001, FBT002 - stdlib signature
        """At once."""
        return True

    def release(self) -> None:
        """Nothing is counted."""


class _Context(context.BaseContext):
    """What the queues of an executor ask of `mp_context`."""

    def Lock(self) -> Any:  # noqa: N802 - multiprocessing's name
        """For one process only."""
        return _OwnLock()

    def BoundedSemaphore(self, value: int = 1) -> Any:  # noqa: ARG002, N802 - multiprocessing's name
        """Without a bound."""
        return _Unbounded()


class ForkserverContext(_Context):
    """What ProcessPoolExecutor is given as `mp_context`."""

    _name = "forkserver"
    Process = ForkedProcess

    def get_start_method(self, allow_none: bool = False) -> str:  # noqa: FBT001, FBT002, ARG002 - stdlib signature
        """Always forkserver."""
        return self._name


class SpawnContext(_Context):
    """The same for the `spawn` setting."""

    _name = "spawn"
    Process = SpawnedProcess

    def get_start_method(self, allow_none: bool = False) -> str:  # noqa: FBT001, FBT002, ARG002 - stdlib signature
        """Always spawn."""
        return self._name


# Named here so that the template holds it before the first fork.
_ = concurrent.futures.process
