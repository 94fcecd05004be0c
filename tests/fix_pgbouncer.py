"""PgBouncer in transaction mode before a server of the tests, as an ordinary user: it refuses to be root."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from supervisor import embedded_places as places
from tests.fix_tcp_postgres import USER, TcpPostgres, free_port
from tests.scratch import scratch_folder
from tests.wait import wait_for

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server_port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = {max_clients}
server_login_retry = 1
"""


class PgBouncer:
    """One that can be killed and started again at the same port."""

    def __init__(self, folder: Path, server: TcpPostgres, *, max_clients: int = 100) -> None:
        """Write its configuration; it does not run yet."""
        self.port = free_port()
        self._file = folder / "pgbouncer.ini"
        self._file.write_text(
            CONFIGURATION.format(server_port=server.port, user=USER, port=self.port, max_clients=max_clients)
        )
        self._file.chmod(0o644)
        self._account = places.account_for(folder / "none")
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """URL of a database behind it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert PROGRAM is not None
        switch = self._account.switch
        self._process = subprocess.Popen(
            [PROGRAM, "-q", str(self._file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            user=self._account.uid if switch else None,
            group=self._account.gid if switch else None,
            extra_groups=[] if switch else None,
        )
        ping = psycopg.pq.PGconn.ping
        wait_for(lambda: ping(self.url("postgres").encode()) == psycopg.pq.Ping.OK, 10, "pgbouncer")

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(5)


@contextlib.contextmanager
def pgbouncer(server: TcpPostgres) -> Iterator[PgBouncer]:
    """A running one; skips the test where there is no such program."""
    if PROGRAM is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    with scratch_folder("sw-bouncer-") as folder:
        pooler = PgBouncer(folder, server)
        pooler.start()
        try:
            yield pooler
        finally:
            pooler.kill()
