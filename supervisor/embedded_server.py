"""The server process of the embedded Postgres: its cluster, its settings, its start, and whether it answers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

from supervisor import embedded_locks as locks
from supervisor.embedded_places import Account, EmbeddedPostgresError, socket_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

USER = DATABASE = "scrapewarden"
PORT = 5432  # names the socket file; nothing listens on TCP
PING_S = 3  # libpq's smallest is 2
INITDB_LIMIT_S = 120.0
LOG_BYTES = 5_000_000
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")  # some systems know the first one only, some only the second
UNFINISHED = "postgres.new-"

# For a small machine: a server of some 30 MB for some ten scrapes.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "fsync": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "on",
    "jit": "off",
    "huge_pages": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",  # the log's last line becomes part of our own sentence
}


def url_of(home: Path, account: Account) -> str:
    """Database URL of the server in `home`, by its socket."""
    folder = socket_folder(home / locks.CLUSTER, account)
    return f"postgresql://{USER}@/{DATABASE}?host={quote(str(folder), safe='')}&port={PORT}"


def answers(url: str) -> bool:
    """Whether the server takes connections; one that is full does, too."""
    ping = psycopg.pq.PGconn.ping(f"{url}&dbname=postgres&connect_timeout={PING_S}".encode())
    return ping == psycopg.pq.Ping.OK


def create_database(url: str) -> None:
    """Create the database of the URL when it is missing (call it inside the gate)."""
    with psycopg.connect(url, dbname="postgres", autocommit=True, connect_timeout=PING_S) as connection:
        if connection.execute("select from pg_database where datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f"create database {DATABASE}")


def create_cluster(home: Path, binaries: Path, account: Account) -> None:
    """Make the cluster under another name and give it its own when it is whole (call it inside the gate)."""
    for unfinished in home.glob(f"{UNFINISHED}*"):
        shutil.rmtree(unfinished)
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=home))
    os.chown(unfinished, account.uid, account.gid)
    for locale in LOCALES:
        with _life(home) as life:
            done = _initdb(unfinished, binaries, account, locale, life)
        if done.returncode == 0:
            unfinished.rename(home / locks.CLUSTER)
            return
    shutil.rmtree(unfinished, ignore_errors=True)
    said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
    message = f"initdb failed in {home}: {said[-1]}; free some space there or name a database"
    raise EmbeddedPostgresError(message)


def _initdb(data: Path, binaries: Path, account: Account, locale: str, life: int) -> subprocess.CompletedProcess[bytes]:
    # "trust" trusts whoever reaches the socket, and that is guarded by modes: the folder (0700) and the socket itself
    # let only the server's account and root pass. A password would have to lie in a file beside it, no better guarded.
    words = ["--auth-local=trust", "--auth-host=reject", f"--username={USER}", "--encoding=UTF8", f"--locale={locale}"]
    return subprocess.run(
        [binaries / "initdb", "--pgdata", data, "--no-instructions", *words],
        check=False,
        timeout=INITDB_LIMIT_S,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        pass_fds=(life,),  # when we are killed, the next start waits for what would go on writing here
        cwd=data,
        env=_environment(binaries),
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
        extra_groups=[] if account.switch else None,
    )


def spawn(home: Path, binaries: Path, account: Account, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the server as our child; it holds the life lock (call it inside the gate, when nothing is alive)."""
    cluster = home / locks.CLUSTER
    where = {"port": str(PORT), "unix_socket_directories": str(socket_folder(cluster, account))}
    options = [f"--{name}={value}" for name, value in {**SETTINGS, **settings, **where}.items()]
    with _life(home) as life, _log(home) as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", cluster, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(life,),
            cwd=cluster,
            env=_environment(binaries) | _strangers_pid(home),
            # Its own session, so that Ctrl-C or a group's SIGTERM does not take it away below its users; and no
            # parent-death signal, because others may use it after us.
            start_new_session=True,
            umask=0o077,
            user=account.uid if account.switch else None,
            group=account.gid if account.switch else None,
            extra_groups=[] if account.switch else None,
        )


@contextlib.contextmanager
def _life(home: Path) -> Iterator[int]:
    """The life lock, taken, for a child to inherit; it is the child's as soon as the block ends."""
    life = locks.open_lock(home / locks.LIFE)
    try:
        locks.try_lock(life, fcntl.LOCK_EX)
        yield life
    finally:
        os.close(life)


def _environment(binaries: Path) -> dict[str, str]:
    # Almost nothing: PGPORT and PGDATA would be obeyed, secrets are no business of the server, and a run's tag in its
    # environment would have it swept away together with that run.
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    icu = binaries.parent / "share" / "icu"
    return kept | {"LC_MESSAGES": "C"} | ({"ICU_DATA": str(icu)} if icu.is_dir() else {})


def _strangers_pid(home: Path) -> dict[str, str]:
    # After a restart of the machine or container the noted pid may be a stranger's, and Postgres would take that for
    # a running server. This is how pg_ctl names a pid that does not count; the check of shared memory stays.
    pid = locks.noted_pid(home)
    return {} if pid is None else {"PG_GRANDPARENT_PID": str(pid)}


def log_of(home: Path) -> Path:
    """File that takes the server's messages."""
    return home / "postgres.log"


@contextlib.contextmanager
def _log(home: Path) -> Iterator[int]:
    log = os.open(log_of(home), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(log).st_size > LOG_BYTES:
            os.ftruncate(log, 0)
        yield log
    finally:
        os.close(log)


def why_it_failed(home: Path) -> str:
    """Sentence with the last complaint in the log."""
    lines = log_of(home).read_text(encoding="utf-8", errors="replace").splitlines()
    # "The database system is starting up" is what our own ping was told.
    fatal = [line for line in lines if "FATAL:" in line and "the database system is" not in line]
    complaints = fatal or lines or ["it wrote nothing"]
    return f"the embedded Postgres did not start: {complaints[-1].strip()}; read {log_of(home)}"
