"""The database's disk is full: nobody is to blame, so everybody waits, and goes on when there is room."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from supervisor import processes, schema
from tests.fix_database import connect, drop
from tests.fix_supervisor import Nodes, Supervised
from tests.fix_tcp_postgres import TcpPostgres, passes
from tests.scratch import scratch_folder
from tests.wait import wait_for

SIZE_MB = 64


@pytest.fixture
def small_disk(shared_tcp_server: TcpPostgres) -> Iterator[Path]:
    """A file system of its own on which the database `cramped` lives; the server's log is elsewhere."""
    with scratch_folder("sw-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "scrapewarden-test", str(folder)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
        try:
            folder.chmod(0o711)
            with _database_in(shared_tcp_server, folder / "data"):
                yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)


@contextlib.contextmanager
def _database_in(server: TcpPostgres, folder: Path) -> Iterator[None]:
    folder.mkdir()
    server.give(folder)
    with connect(server.socket_url()) as administrator:
        administrator.execute(sql.SQL("create tablespace cramped location {}").format(str(folder)))
        administrator.execute("create database cramped tablespace cramped")
        schema.migrate(server.socket_url("cramped"))
        try:
            yield
        finally:
            drop(administrator, "cramped")
            administrator.execute("drop tablespace cramped")


def _fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb") as stream, contextlib.suppress(OSError):
        while True:
            stream.write(bytes(1 << 16))
            stream.flush()
    return filler


def test_a_full_disk_holds_everything_up_and_costs_nothing(small_disk: Path, shared_tcp_server: TcpPostgres) -> None:
    url = shared_tcp_server.socket_url("cramped")
    with connect(url) as connection:
        nodes = Nodes(connection)
        nodes.add("long", "zoo:pages", {"pages": 60, "pause_s": 0.05})
        nodes.add("killed", "zoo:pages", {"pages": 1000, "pause_s": 0.05, "board": "k"}, max_attempts=1)
        nodes.add("often", "zoo:pages", {"pages": 1, "board": "b"}, schedule="every 1s", run_requested=False)
        supervised = Supervised(url, {"heartbeat.every_s": 1}, None)
        try:
            killed = nodes.wait_for_pages("killed", 3)
            before = nodes.wait_for_pages("long", 10)
            filler = _fill(small_disk)
            passes(1.5)
            stuck = nodes.last("long")["pages_count"]
            os.kill(killed["pid"], signal.SIGKILL)  # its end may not fit either
            passes(4)
            run = nodes.last("long")
            assert (run["pages_count"], run["finished_at"]) == (stuck, None), "the disk was not full"
            assert stuck < 60
            assert supervised.process.poll() is None
            assert processes.is_alive(before["pid"])
            failures = supervised.happened("row_failed") + supervised.happened("database_failed")
            assert len(failures) < 40, "the loop ran hot"
            filler.unlink()
            (run,) = nodes.wait_for_ends("long", 1, 40)
            assert (run["id"], run["pid"], run["cause"], run["part"]) == (before["id"], before["pid"], "done", 0)
            assert run["inserted_count"] == 300
            latest = nodes.last("often")["id"]
            wait_for(lambda: nodes.last("often")["id"] > latest + 1, 15, "the schedule goes on")
            nodes.update("often", stop_requested=True)
            ended = [run for run in nodes.runs("often") if run["finished_at"] and run["attempt"]]
            assert {(run["cause"], run["attempt"]) for run in ended} <= {("done", 1), ("requested", 1)}
            (run,) = nodes.wait_for_ends("killed", 1, 10)
            assert (run["cause"], run["attempt"]) == ("killed", 1)
            assert nodes.jobs() == 305 + run["inserted_count"]
            said = nodes.one("select message from run_logs where run_id = %s and event = 'database_away'", before["id"])
            assert said is not None
            assert "No space left on device" in said["message"]
            assert supervised.terminate() == 0
        finally:
            if supervised.process.poll() is None:
                supervised.kill()
