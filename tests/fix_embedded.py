"""Embedded servers for the tests of the embedded server itself, and other processes that use them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest

from supervisor import embedded_locks as locks
from supervisor import embedded_places as places
from supervisor.embedded import EmbeddedPostgres
from tests.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[1]
OWNER = Path(__file__).with_name("processes") / "embedded_owner.py"
QUICK = {"fsync": "off"}


def environment() -> dict[str, str]:
    """Ours, with everything importable that is importable here: another interpreter may have to do."""
    path = os.pathsep.join([str(CHECKOUT), *(entry for entry in sys.path if entry.endswith("site-packages"))])
    return os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


class Owner:
    """Another process that uses the server of a directory."""

    def __init__(self, directory: Path, python: str = sys.executable, **options: Any) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE} | options
        command = [python, str(OWNER), str(directory)]
        self.process = subprocess.Popen(command, text=True, env=environment(), cwd="/", **pipes)

    def answer(self) -> tuple[str, int]:
        """URL and pid of the server that it uses."""
        assert self.process.stdout is not None
        url, pid = self.process.stdout.readline().split()
        return url, int(pid)

    def end(self, number: signal.Signals | None = None) -> int:
        """Let it release, or kill it."""
        if number is not None:
            self.process.send_signal(number)
        self.process.communicate(timeout=40)
        return self.process.returncode


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that any account can pass through; what still runs in it at the end is stopped."""
    with scratch_folder("sw-") as made:
        yield made
        for cluster in made.rglob(locks.CLUSTER):
            assert not cluster.is_dir() or locks.stop_server(cluster.parent)


@pytest.fixture
def fresh_directory(public_folder: Path) -> Path:
    """The `.scrapewarden` folder of a new project."""
    return public_folder / ".scrapewarden"


@pytest.fixture(scope="session")
def server_made_before() -> Iterator[Path]:
    """A project whose server was started and stopped once; creating a cluster takes a second, a copy 0.1 s."""
    with scratch_folder("sw-") as made:
        with running(made / ".scrapewarden"):
            pass
        yield made / ".scrapewarden"


@pytest.fixture
def server_directory(fresh_directory: Path, server_made_before: Path) -> Path:
    """The `.scrapewarden` folder of a project that was used before."""
    subprocess.run(["cp", "-a", server_made_before, fresh_directory], check=True, timeout=30)
    return fresh_directory


@contextmanager
def running(directory: Path, **settings: str) -> Iterator[tuple[EmbeddedPostgres, str]]:
    """A started server and its URL."""
    server = EmbeddedPostgres(directory, settings=QUICK | settings)
    url = server.start()
    try:
        yield server, url
    finally:
        server.release()


def ask(url: str, query: str) -> Any:
    """First value of the first row."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def remember(url: str) -> None:
    """Store something that must outlive what comes."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept as select 42 as n")


def is_gone(pid: int) -> bool:
    """Whether a process has ended, also when process 1 of this container does not wait for orphans."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def pid_of(server: EmbeddedPostgres) -> int:
    """Pid of a server that must be running."""
    pid = server.server_pid
    assert pid is not None
    return pid


@contextmanager
def frozen_backend(url: str) -> Iterator[psutil.Process]:
    """A process of the server that does not notice its death."""
    connection = psycopg.connect(url)
    backend = psutil.Process(connection.info.backend_pid)
    backend.suspend()
    try:
        yield backend
    finally:
        if backend.is_running():
            backend.kill()
        connection.close()


@contextmanager
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's account that is no server."""
    account = places.account_for(Path("/nonexistent"))
    user: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.switch else {}
    process = subprocess.Popen(["sleep", "60"], cwd="/", **user)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
