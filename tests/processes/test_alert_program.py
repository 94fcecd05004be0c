"""Alerts to a program: what it is told and may see, how long it may take, and that nothing of it is left."""

from __future__ import annotations

import os
import shlex
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from supervisor import own_programs
from supervisor.alerts.outbox import Outbox, Undelivered
from supervisor.alerts.program import Program
from supervisor.processes import is_alive
from tests.fix_alerts import MESSAGE
from tests.wait import wait_for
from workers import events


def program(text: str, **environment: str) -> Program:
    """A program of a few lines."""
    return Program([sys.executable, "-c", text], {"PATH": os.environ["PATH"], **environment}, Path.cwd())


def test_a_program_gets_the_message_on_stdin_and_runs_where_the_configuration_is(tmp_path: Path) -> None:
    text = "import sys, pathlib; pathlib.Path('told').write_bytes(sys.stdin.buffer.read())"
    Program([sys.executable, "-c", text], {}, tmp_path).send(MESSAGE, 10)
    assert (tmp_path / "told").read_bytes() == MESSAGE.as_json()
    assert own_programs.known() == frozenset()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import sys; print('no route', file=sys.stderr); sys.exit(3)", r"left with status 3: no route$"),
        ("import os; os.kill(os.getpid(), 15)", r"left with status -15$"),
        ("print('x' * 5_000_000); raise SystemExit(1)", r"left with status 1: x{499,500}$"),
        ("import os; os.close(0); os.close(1); os.close(2); raise SystemExit(1)", r"left with status 1$"),
    ],
)
def test_a_program_that_fails_is_quoted_in_a_few_words(text: str, complaint: str) -> None:
    with pytest.raises(Undelivered, match=complaint):
        program(text).send(MESSAGE, 20)
    assert own_programs.known() == frozenset()


def test_a_program_that_does_not_read_may_succeed() -> None:
    program("pass").send(replace(MESSAGE, sentence="x" * 1_000_000), 10)


@pytest.mark.parametrize("says", ["time.sleep(60)", "sys.stdout.write('x' * 9_999) or sys.stdout.flush()"])
def test_a_program_over_its_limit_is_killed_with_its_group(tmp_path: Path, says: str) -> None:
    text = (
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(tmp_path / 'pids')!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        f"while True: {says}"
    )
    with pytest.raises(Undelivered, match=r"was killed after 1 s"):
        program(text).send(MESSAGE, 1.0)
    pids = [int(word) for word in (tmp_path / "pids").read_text("ascii").split()]
    wait_for(lambda: not any(map(is_alive, pids)), 2, "both are gone")


def test_a_program_whose_background_holds_the_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    began = time.monotonic()
    text = f"import os, subprocess; open({str(pid)!r}, 'w').write(str(subprocess.Popen(['sleep', '60']).pid))"
    program(text).send(MESSAGE, 20)
    assert time.monotonic() - began < 10
    wait_for(lambda: not is_alive(int(pid.read_text("ascii"))), 2, "what it left is gone")


def test_a_program_that_is_not_there_is_a_complaint_that_no_other_try_can_help() -> None:
    with pytest.raises(Undelivered, match=r"^no-such-program could not be started \(no such file") as caught:
        Program(shlex.split("no-such-program --token secret"), dict(os.environ), Path.cwd()).send(MESSAGE, 5)
    assert caught.value.final


def test_a_program_that_runs_at_the_end_is_not_left_behind(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    text = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    outbox = Outbox(program(text))
    heard: list[str] = []
    unsubscribe = events.subscribe(lambda _name, facts: heard.append(facts["reason"]))
    outbox.put(MESSAGE)
    wait_for(lambda: pid.exists() and pid.read_text("ascii"), 10, "it runs")
    outbox.cut()
    unsubscribe()
    assert [reason.partition(" was ")[2] for reason in heard] == ["killed because the supervisor ends"]
    wait_for(lambda: not is_alive(int(pid.read_text("ascii"))), 2, "it is gone")
