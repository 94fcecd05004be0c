"""The embedded server with real servers and real kills: shared, adopted, mended, and stopped by its last user."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from supervisor import embedded_locks as locks
from supervisor.embedded import exists
from supervisor.embedded_places import EmbeddedPostgresError
from tests.fix_embedded import CHECKOUT, Owner, ask, frozen_backend, is_gone, pid_of, remember, running, stranger
from tests.wait import wait_for

LOCKS = CHECKOUT / "supervisor" / "embedded_locks.py"


def test_a_first_start_creates_a_database_in_utf8_that_listens_on_no_port(fresh_directory: Path) -> None:
    assert not exists(fresh_directory)
    with running(fresh_directory) as (_, url):
        assert exists(fresh_directory)
        assert ask(url, "select current_database()") == "scrapewarden"
        assert ask(url, "show server_encoding") == "UTF8"
        assert ask(url, "show listen_addresses") == ""
        assert ask(url, "show shared_buffers") == "32MB"
        assert ask(url, "select to_tsvector('simple', 'Übergröße')::text") == "'übergröße':1"


def test_data_and_url_survive_a_stop(server_directory: Path) -> None:
    with running(server_directory) as (_, first):
        remember(first)
    with running(server_directory) as (_, second):
        assert second == first
        assert ask(second, "select n from kept") == 42


def test_the_caller_changes_settings(server_directory: Path) -> None:
    with running(server_directory, max_connections="17") as (_, url):
        assert ask(url, "show max_connections") == "17"
        assert ask(url, "show fsync") == "off"


def test_the_environment_of_the_caller_does_not_reach_the_server(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("SCRAPEWARDEN_RUN", "000")
    with running(server_directory) as (server, _):
        environment = Path(f"/proc/{pid_of(server)}/environ").read_bytes()
    assert b"PGPORT" not in environment
    assert b"SCRAPEWARDEN" not in environment


def test_release_leaves_no_process_and_no_zombie(server_directory: Path) -> None:
    with running(server_directory) as (server, _):
        pid = pid_of(server)
        processes = [psutil.Process(pid), *psutil.Process(pid).children()]
    assert len(processes) > 3
    assert not any(process.is_running() for process in processes)
    server.release()  # a second one does nothing


def test_the_server_has_its_own_session(server_directory: Path) -> None:
    with running(server_directory) as (server, _):
        assert os.getsid(pid_of(server)) == pid_of(server)


def test_four_commands_starting_at_once_share_one_server_and_the_last_one_stops_it(fresh_directory: Path) -> None:
    owners = [Owner(fresh_directory) for _ in range(4)]
    answers = {owner.answer() for owner in owners}
    assert len(answers) == 1
    url, pid = answers.pop()
    for owner in owners[:3]:
        assert owner.end() == 0
        assert ask(url, "select 1") == 1
    assert psutil.pid_exists(pid)
    assert owners[3].end() == 0
    assert is_gone(pid)


def test_a_killed_owner_leaves_a_server_that_the_next_one_adopts_and_stops(server_directory: Path) -> None:
    owner = Owner(server_directory)
    url, pid = owner.answer()
    remember(url)
    owner.end(signal.SIGKILL)
    with running(server_directory) as (server, same_url):
        assert (server.server_pid, same_url) == (pid, url)
        assert ask(url, "select n from kept") == 42
    assert not locks.is_alive(server_directory)


def test_an_owner_killed_among_others_takes_nothing_from_them(server_directory: Path) -> None:
    with running(server_directory) as (server, url):
        pid = pid_of(server)
        owner = Owner(server_directory)
        assert owner.answer() == (url, pid)
        owner.end(signal.SIGKILL)
        assert ask(url, "select 1") == 1
    assert not locks.is_alive(server_directory)


def test_the_starter_may_leave_before_the_others(server_directory: Path) -> None:
    with running(server_directory) as (server, url):
        pid = pid_of(server)
        owner = Owner(server_directory)
        assert owner.answer() == (url, pid)
    assert ask(url, "select 1") == 1
    assert owner.end() == 0
    assert not locks.is_alive(server_directory)
    with running(server_directory):  # waits for the ended child of the first time
        assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("sign", ["postgres.new-*/base", "postgres/postmaster.pid"])
def test_an_owner_killed_while_it_creates_or_starts_the_server_harms_no_later_start(
    fresh_directory: Path, sign: str
) -> None:
    owner = Owner(fresh_directory)
    wait_for(lambda: list(fresh_directory.glob(sign)), 20, f"{sign} appears")
    owner.end(signal.SIGKILL)
    with running(fresh_directory) as (_, url):
        assert ask(url, "select 1") == 1
        assert not list(fresh_directory.glob("postgres.new-*"))


def test_a_killed_server_is_mended_by_its_owner_calling_start_again(server_directory: Path) -> None:
    with running(server_directory) as (server, url):
        remember(url)
        before = pid_of(server)
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: server.server_pid is None, 5, "the server is gone")
        assert server.start() == url
        assert pid_of(server) != before
        assert ask(url, "select n from kept") == 42
    assert not locks.is_alive(server_directory)


def test_a_start_waits_for_the_processes_of_a_killed_server(server_directory: Path) -> None:
    with running(server_directory) as (server, url), frozen_backend(url) as backend:
        os.kill(pid_of(server), signal.SIGKILL)
        again = threading.Thread(target=server.start)
        again.start()
        wait_for(lambda: server.server_pid is None, 5, "the server is gone")
        assert again.is_alive()
        backend.kill()
        again.join(20)
        assert ask(url, "select 1") == 1


def test_a_start_does_not_wait_for_ever(server_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(server_directory) as (server, url), frozen_backend(url) as backend:
        os.kill(pid_of(server), signal.SIGKILL)
        monkeypatch.setattr(locks, "ORPHANS_LIMIT_S", 0.3)
        with pytest.raises(EmbeddedPostgresError, match=r"killed Postgres still hold .* end it and start again"):
            server.start()
        backend.kill()


def test_a_stranger_with_the_noted_pid_is_neither_obeyed_nor_signalled(server_directory: Path) -> None:
    with running(server_directory):
        lines = (server_directory / "postgres" / "postmaster.pid").read_text().split("\n")
    with stranger() as process:
        (server_directory / "postgres" / "postmaster.pid").write_text("\n".join([str(process.pid), *lines[1:]]))
        assert locks.release_if_unused(server_directory)
        with running(server_directory) as (server, url):
            assert ask(url, "select 1") == 1
            assert server.server_pid != process.pid
        assert process.poll() is None


def test_no_program_that_is_started_inherits_a_share(server_directory: Path) -> None:
    with running(server_directory):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        assert not locks.is_alive(server_directory)
    finally:
        child.kill()
        child.wait()


def tidy_up(directory: Path) -> int:
    """Run the locks module by its path, apart from everything that is installed or beside it."""
    command = [sys.executable, "-I", "-S", str(LOCKS), str(directory)]
    return subprocess.run(command, cwd="/", timeout=30, check=False).returncode


def test_whoever_tidies_up_after_a_killed_owner_stops_the_server_unless_it_is_used(server_directory: Path) -> None:
    owner = Owner(server_directory)
    url, pid = owner.answer()
    assert tidy_up(server_directory) == 1
    assert ask(url, "select 1") == 1
    owner.end(signal.SIGKILL)
    assert tidy_up(server_directory) == 0
    assert is_gone(pid)
    assert tidy_up(server_directory) == 0


def test_nothing_is_created_for_whoever_only_tidies_up(fresh_directory: Path) -> None:
    assert locks.release_if_unused(fresh_directory)
    assert not fresh_directory.exists()


def test_a_server_that_obeys_no_signal_is_killed_in_the_end(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladder = ((signal.SIGINT, 0.2), (signal.SIGQUIT, 0.2), (signal.SIGKILL, 5.0))
    monkeypatch.setattr(locks, "STOP_LADDER", ladder)
    with running(server_directory) as (server, _):
        pid = pid_of(server)
        psutil.Process(pid).suspend()
    assert not psutil.pid_exists(pid)


def test_a_closed_gate_is_waited_for_with_a_limit(server_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(server_directory) as (server, _), locks.gate(server_directory):
        monkeypatch.setattr(locks, "GATE_LIMIT_S", 0.1)
        with pytest.raises(EmbeddedPostgresError, match="locked by another command"):
            server.start()
        monkeypatch.undo()


def test_giving_one_server_back_does_not_wait_for_another_one_of_this_process(
    server_directory: Path, server_made_before: Path, public_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.embedded.REAP_LIMIT_S", 60)
    other = public_folder / "other"
    subprocess.run(["cp", "-a", server_made_before, other], check=True, timeout=30)
    with running(server_directory) as (first, _):
        with running(other):
            began = time.monotonic()
        assert time.monotonic() - began < 30
        assert first.server_pid is not None
