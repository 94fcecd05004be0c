"""The embedded Postgres: a server of our own in the project's folder, for whoever names no database.

Several commands may use it at once. The first one starts it, the last one stops it, and no kill -9 of either side
leaves anything that the next start does not put right (embedded_locks.py says how).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import time
from typing import TYPE_CHECKING, Self

import psycopg

from supervisor import embedded_locks as locks
from supervisor import embedded_places as places
from supervisor import embedded_server as server
from supervisor.embedded_places import EmbeddedPostgresError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

START_LIMIT_S = 60.0  # replaying the log after a crash takes its time
REAP_LIMIT_S = 5.0
TRIES = 3

# Servers that we started, also those left to their other users: our children until they end and are waited for.
_children: list[tuple[Path, subprocess.Popen[bytes]]] = []


def exists(directory: Path) -> bool:
    """Whether a cluster has been created for `directory` (the `.scrapewarden` folder)."""
    return (locks.home_of(directory.resolve()) / locks.CLUSTER).is_dir()


class EmbeddedPostgres:
    """One user's share of the server in `directory`; a context manager that starts and releases.

    `settings` count where this user is the one that starts the server.
    """

    def __init__(self, directory: Path, *, settings: Mapping[str, str] | None = None) -> None:
        """Only note the folder; nothing is made before `start`."""
        self._directory = directory.resolve()
        self._home = self._directory
        self._settings = dict(settings or {})
        self._share: int | None = None

    @property
    def server_pid(self) -> int | None:
        """Pid of the running server, whoever started it, or None."""
        return locks.server_pid(self._home)

    def start(self) -> str:
        """Take a share, start the server unless it runs, and return its URL. Called again it mends a dead server.

        Raises EmbeddedPostgresError.
        """
        with self._sentences("start"):
            self._home = places.prepare_home(self._directory)
            with locks.gate(self._home):
                fresh = self._take_share()
                try:
                    return self._ensure_running()
                except BaseException:
                    if fresh:
                        self._drop_share()
                        locks.stop_if_unused(self._home)
                    raise

    def release(self) -> None:
        """Give the share back and, as the last user, stop the server. Without a share it does nothing.

        Raises EmbeddedPostgresError when another command keeps the gate closed.
        """
        if self._share is None:
            return
        self._drop_share()
        with self._sentences("stop"):
            _reap(REAP_LIMIT_S if locks.release_if_unused(self._directory) else 0, self._home)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Release."""
        self.release()

    def _take_share(self) -> bool:
        """Whether it is a new one."""
        if self._share is not None:
            return False
        self._share = locks.open_lock(self._home / locks.USERS)
        if not locks.try_lock(self._share, fcntl.LOCK_SH):  # users want it alone only inside the gate
            self._drop_share()
            message = f"{self._home / locks.USERS} is locked by something that is no user; end it and start again"
            raise EmbeddedPostgresError(message)
        return True

    def _drop_share(self) -> None:
        if self._share is not None:
            os.close(self._share)
            self._share = None

    def _ensure_running(self) -> str:
        _reap(0)
        account = places.account_for(self._home / locks.CLUSTER)
        url = server.url_of(self._home, account)
        for tries_left in reversed(range(TRIES)):
            if not self._adopt(url):
                self._launch(url, account)
            try:
                server.create_database(url)
                break
            except psycopg.OperationalError:  # it was killed after it had answered
                if not tries_left:
                    raise
        return url

    def _adopt(self, url: str) -> bool:
        """Whether a running server answers, one that is still starting included; False when none is alive."""
        began = time.monotonic()
        while not server.answers(url):
            if not locks.is_alive(self._home):
                return False
            self._give_up_after(time.monotonic() - began)
            time.sleep(locks.POLL_S)
        return True

    def _give_up_after(self, waited_s: float) -> None:
        pid = self.server_pid
        if pid is None and waited_s > locks.ORPHANS_LIMIT_S:
            what = f"processes of a killed Postgres still hold {self._home / locks.CLUSTER}"
        elif pid is not None and waited_s > START_LIMIT_S:
            what = f"the Postgres with pid {pid} in {self._home / locks.CLUSTER} does not answer"
        else:
            return
        message = f"{what} after {waited_s:.0f} s; end it and start again"
        raise EmbeddedPostgresError(message)

    def _launch(self, url: str, account: places.Account) -> None:
        binaries = places.reachable_binaries(places.find_binaries(), account)
        if not (self._home / locks.CLUSTER).is_dir():
            server.create_cluster(self._home, binaries, account)
        process = server.spawn(self._home, binaries, account, self._settings)
        _children.append((self._home, process))
        end = time.monotonic() + START_LIMIT_S
        while not server.answers(url):
            if process.poll() is not None or time.monotonic() > end:
                raise EmbeddedPostgresError(server.why_it_failed(self._home))
            time.sleep(locks.POLL_S)

    @contextlib.contextmanager
    def _sentences(self, verb: str) -> Iterator[None]:
        """Turn what the system says into one sentence."""
        try:
            yield
        except PermissionError as error:
            where = error.filename or self._directory
            message = f"{where} belongs to another user; run as that user or name a database"
            raise EmbeddedPostgresError(message) from error
        except (OSError, psycopg.Error, subprocess.SubprocessError) as error:
            message = f"the embedded Postgres in {self._directory} did not {verb}: {' '.join(str(error).split())}"
            raise EmbeddedPostgresError(message) from error


def _reap(limit_s: float, home: Path | None = None) -> None:
    """Wait for those of our servers that have ended, so that no zombie stays; up to a limit for the one in `home`."""
    for server_home, process in list(_children):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(limit_s if server_home == home else 0)
            _children.remove((server_home, process))
