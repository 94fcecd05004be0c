from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from supervisor import embedded_locks as locks
from tests.fix_command import SCRIPT, Run, environment, supervisor
from tests.fix_database import Connection
from tests.wait import wait_for

STARTED = "nodes ready; Ctrl-C ends it"


def test_once_on_nothing_makes_a_database_and_leaves_no_server_behind(public_folder: Path) -> None:
    done = supervisor("run", "--once", cwd=public_folder)
    assert done.code == 0, done.err
    first, *_, last = done.err.splitlines()
    assert first.endswith(f"0 of 0 {STARTED}")
    assert last.endswith("supervisor ended")
    assert (public_folder / ".scrapewarden" / locks.CLUSTER).is_dir()
    assert locks.server_pid(public_folder / ".scrapewarden") is None


def test_a_quiet_run_brings_the_schema_up_to_date_and_says_nothing(command: Run, connection: Connection) -> None:
    connection.execute("drop schema public cascade")
    connection.execute("create schema public")
    done = command("run", "--once", "--quiet", "--no-web", "--wait", "1s")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert connection.execute("select count(*) as n from nodes").fetchall() == [{"n": 0}]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGKILL, -9)])
def test_the_last_user_stops_the_embedded_server_even_after_a_hard_kill(
    public_folder: Path, number: signal.Signals, code: int
) -> None:
    home = public_folder / ".scrapewarden"
    with subprocess.Popen(
        [SCRIPT, "run", "--no-web"], cwd=public_folder, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert STARTED in process.stderr.readline()
        status = supervisor("status", "--json", cwd=public_folder)
        assert (status.code, status.err) == (0, "")
        assert json.loads(status.out) == []
        assert locks.server_pid(home) is not None
        process.send_signal(number)
        assert process.wait(20) == code
    wait_for(lambda: locks.server_pid(home) is None, 10, "the server has ended")
