"""Where the embedded server may live, whose binaries it runs and as whom: any path, root, an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from supervisor import embedded_locks as locks
from supervisor import embedded_places as places
from supervisor import embedded_server
from supervisor.embedded import EmbeddedPostgres, exists
from supervisor.embedded_places import EmbeddedPostgresError
from tests.fix_embedded import Owner, ask, environment, pid_of, remember, running

as_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its privileges up")


@pytest.mark.parametrize("name", ["x" * 100, "a, b 'c' \"d\" %e é"], ids=["long", "strange"])
def test_any_path_will_do(public_folder: Path, name: str) -> None:
    with running(public_folder / name / ".scrapewarden") as (server, url):
        assert ask(url, "select 1") == 1
        socket = Path(str(ask(url, "show unix_socket_directories")))
        assert socket.parent == places.SOCKET_FOLDERS
        assert socket.stat().st_mode & 0o777 == 0o700
        assert socket.stat().st_uid == psutil.Process(pid_of(server)).uids().real
    socket.rmdir()


def test_a_socket_folder_that_somebody_else_made_is_refused(
    public_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SOCKET_FOLDERS", public_folder)
    monkeypatch.setattr(places, "LONGEST_SOCKET_FOLDER", 0)
    cluster = public_folder / "project" / "postgres"
    account = places.account_for(cluster)
    made = places.socket_folder(cluster, account)
    assert places.socket_folder(cluster, account) == made
    made.chmod(0o777)
    with pytest.raises(EmbeddedPostgresError, match="remove it and start again"):
        places.socket_folder(cluster, account)


def test_a_setting_that_the_server_refuses_is_told_and_leaves_nothing(server_directory: Path) -> None:
    server = EmbeddedPostgres(server_directory, settings={"max_connections": "lots"})
    with pytest.raises(EmbeddedPostgresError, match=r'did not start: .*"max_connections".*; read .*postgres\.log'):
        server.start()
    assert not locks.is_alive(server_directory)
    with running(server_directory) as (_, url):
        assert ask(url, "select 1") == 1


def test_the_log_does_not_grow_for_ever(server_directory: Path) -> None:
    with running(server_directory):
        pass
    log = embedded_server.log_of(server_directory)
    with log.open("ab") as file:
        file.truncate(embedded_server.LOG_BYTES + 1)
    with running(server_directory):
        assert log.stat().st_size < 10_000


def test_binaries_can_be_named(fresh_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = places._of_the_system()
    if not system:
        pytest.skip("Postgres of the system absent")
    monkeypatch.setenv("SCRAPEWARDEN_PG_BIN", str(system[0]))
    with running(fresh_directory) as (_, url):
        version = ask(url, "select current_setting('server_version_num')::int / 10000")
        assert str(version) == system[0].parent.name


def test_named_binaries_that_are_not_there_are_told(fresh_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRAPEWARDEN_PG_BIN", "/nowhere")
    with pytest.raises(EmbeddedPostgresError, match="SCRAPEWARDEN_PG_BIN: /nowhere has no"):
        EmbeddedPostgres(fresh_directory).start()
    assert not exists(fresh_directory)


@as_root_only
def test_root_runs_the_server_without_privileges(fresh_directory: Path) -> None:
    with running(fresh_directory) as (server, _):
        process = psutil.Process(pid_of(server))
        assert set(process.uids()) == {places.account_for(fresh_directory / "postgres").uid}
        assert 0 not in (*process.uids(), *process.gids())
        assert (fresh_directory / "postgres").stat().st_mode & 0o777 == 0o700
        groups = Path(f"/proc/{process.pid}/status").read_text().split("Groups:")[1].split("\n")[0]
        assert not groups.strip()


@as_root_only
def test_below_a_private_folder_of_root_the_data_and_binaries_live_elsewhere(
    public_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "UNREACHABLE_HOMES", public_folder / "elsewhere")
    private = public_folder / "private"
    private.mkdir(mode=0o700)
    shutil.copytree(places.find_binaries().parent, private / "pg", symlinks=True)
    monkeypatch.setenv("SCRAPEWARDEN_PG_BIN", str(private / "pg" / "bin"))
    directory = private / ".scrapewarden"
    with running(directory) as (_, url):
        remember(url)
    assert [path.name for path in directory.iterdir()] == ["location"]
    assert exists(directory)
    assert locks.home_of(directory).parent == public_folder / "elsewhere"
    with running(directory) as (_, url):
        assert ask(url, "select n from kept") == 42


@as_root_only
def test_an_ordinary_user_runs_it_too_and_is_adopted_after_a_kill(public_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    user: dict[str, Any] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    python = python_for(user)
    directory = public_folder / "theirs" / ".scrapewarden"
    directory.parent.mkdir()
    os.chown(directory.parent, nobody.pw_uid, nobody.pw_gid)
    first = Owner(directory, python, **user)
    url, pid = first.answer()
    remember(url)
    assert psutil.Process(pid).uids().effective == nobody.pw_uid
    first.end(signal.SIGKILL)
    second = Owner(directory, python, **user)
    assert second.answer() == (url, pid)
    with running(directory) as (_, same_url):  # root beside the owner of the project
        assert same_url == url
        assert second.end() == 0
        assert ask(url, "select n from kept") == 42
    assert not locks.is_alive(directory)
    third = Owner(directory, python, **user)
    assert third.answer()[0] == url
    assert third.end() == 0


@as_root_only
def test_a_database_of_another_user_is_told(server_directory: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    user: dict[str, Any] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    owner = Owner(server_directory, python_for(user), stderr=subprocess.PIPE, **user)
    _, said = owner.process.communicate(timeout=20)
    assert owner.process.returncode == 1
    assert "belongs to another user; run as that user or name a database" in said


def python_for(user: dict[str, Any]) -> str:
    """An interpreter of our version that the user can run on this checkout."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/local/bin/{name}", f"/usr/bin/{name}"):
        command = [python, "-c", "import psycopg, supervisor.embedded_server"]
        try:
            subprocess.run(command, env=environment(), cwd="/", check=True, timeout=20, capture_output=True, **user)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("the interpreter or the checkout is out of an ordinary user's reach")
