"""A Postgres of the tests' own that listens on TCP and may be maltreated: stopped, killed, paused, starved."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from supervisor import embedded_places as places
from supervisor import embedded_server, processes, schema
from tests.fix_database import Connection, connect, drop
from tests.fix_leftovers import leave_alone
from tests.scratch import scratch_folder
from tests.wait import wait_for

USER = "scrapewarden"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "lc_messages": "C",
    "timezone": "UTC",
}


class TcpPostgres:
    """One cluster below `home`, at a port that stays its own over restarts."""

    def __init__(self, home: Path, **settings: str) -> None:
        """Create the cluster; it does not run yet."""
        self._home = home
        self._settings = {**SETTINGS, **settings}
        self._account = places.account_for(home / "postgres")
        self._binaries = places.reachable_binaries(places.find_binaries(), self._account)
        self.port = free_port()
        embedded_server.create_cluster(home, self._binaries, self._account)
        (home / "postgres" / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 trust\n")
        self.environment: dict[str, str] = {}  # of its processes, from its next start on
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", *, port: int | None = None, user: str = USER) -> str:
        """URL over TCP, `port` where somebody else stands in between."""
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    def socket_url(self, database: str = "postgres") -> str:
        """URL over the unix socket: the way past whatever stands in between."""
        return f"postgresql://{USER}@/{database}?host={self._home / 'postgres'}&port={self.port}"

    def start(self, *, wait: bool = True) -> None:
        """Start the server; what a killed one left behind is waited for."""
        options = {**self._settings, "port": str(self.port), "unix_socket_directories": str(self._home / "postgres")}
        switch = self._account.switch
        with (self._home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self._binaries / "postgres"), *(f"--{name}={value}" for name, value in options.items())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._home / "postgres",
                env={"PATH": os.environ["PATH"], "PGDATA": str(self._home / "postgres"), **self.environment},
                start_new_session=True,
                user=self._account.uid if switch else None,
                group=self._account.gid if switch else None,
                extra_groups=[] if switch else None,
            )
        leave_alone(self.process.pid, with_its_children=True)
        if wait:
            wait_for(self.answers, 20, f"the server: {(self._home / 'log').read_text()[-500:]}")

    def start_slowly(self) -> None:
        """Start it with a recovery that looks for each piece of its log in an archive first, which takes seconds."""
        (self._home / "postgres" / "recovery.signal").touch()
        usual = self._settings
        self._settings = {**usual, "restore_command": "sleep 2.7; exit 1", "hot_standby": "off"}
        self.start(wait=False)
        self._settings = usual

    def answers(self) -> bool:
        """Whether it takes connections."""
        return psycopg.pq.PGconn.ping(self.url().encode()) == psycopg.pq.Ping.OK

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: fast; SIGQUIT: immediate, with recovery at the next start."""
        if self.process is not None and self.process.poll() is None:
            self.wake()
            self.process.send_signal(number)
            self.process.wait(20)

    def give(self, folder: Path) -> None:
        """Make the folder the server's own."""
        os.chown(folder, self._account.uid, self._account.gid)
        folder.chmod(0o700)

    def family(self) -> list[int]:
        """Postmaster and all its processes."""
        assert self.process is not None
        return [self.process.pid, *processes.descendants_of(self.process.pid)]

    def silence(self) -> None:
        """SIGSTOP to all of it."""
        for pid in self.family():
            processes.send_pid(pid, signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT to all of it."""
        for pid in self.family():
            processes.send_pid(pid, signal.SIGCONT)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def tcp_postgres(home: Path, **settings: str) -> Iterator[TcpPostgres]:
    """A running one; stopped at the end whatever state it is in."""
    server = TcpPostgres(home, **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGQUIT)


@pytest.fixture(scope="session")
def shared_tcp_server() -> Iterator[TcpPostgres]:
    """One for all tests that need TCP and do no harm to the server."""
    with scratch_folder("sw-tcp-") as home, tcp_postgres(home, max_connections="200") as server:
        yield server


@pytest.fixture
def tcp_server() -> Iterator[TcpPostgres]:
    """One of the test's own, to be maltreated; its database `scrapes` has the schema."""
    with scratch_folder("sw-tcp-") as home, tcp_postgres(home) as server:
        new_database(server, "scrapes")
        yield server


def new_database(server: TcpPostgres, name: str, owner: str = USER) -> None:
    """A migrated database."""
    with connect(server.socket_url()) as connection:
        statement = sql.SQL("create database {} owner {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(owner)))
    schema.migrate(server.url(name, user=owner))


@contextlib.contextmanager
def database_of_its_own(server: TcpPostgres) -> Iterator[str]:
    """Name of a migrated database that is dropped at the end."""
    name = f"t_{uuid.uuid4().hex}"
    new_database(server, name)
    yield name
    with connect(server.socket_url()) as connection:
        drop(connection, name)


def backends(connection: Connection, application: str) -> list[int]:
    """Pids of the server's processes behind connections of that name, a pattern of LIKE."""
    rows = connection.execute("select pid from pg_stat_activity where application_name like %s", (application,))
    return [row["pid"] for row in rows.fetchall()]


def passes(seconds: float) -> None:
    """Let time pass where time itself is the subject."""
    end = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() >= end, seconds + 5, "time")
