from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.fix_command import Run
from tests.fix_supervisor import Start
from tests.wait import wait_for

POLL_S = 0.2


def make_old(file: Path) -> None:
    """As if the loop had not turned for ever."""
    os.utime(file, (1, 1))


def turned(file: Path) -> bool:
    """Whether the loop has touched it since then."""
    return file.exists() and file.stat().st_mtime > 1


def test_the_pulse_is_fresh_while_the_loop_turns_and_old_while_it_stands(supervise: Start, tmp_path: Path) -> None:
    file = tmp_path / "pulse"
    supervisor = supervise(supervisor__pulse_file=str(file), supervisor__poll_s=POLL_S)
    wait_for(lambda: turned(file), 15, "the first beat")
    make_old(file)
    wait_for(lambda: turned(file), 5, "another beat")
    file.unlink()
    wait_for(lambda: turned(file), 5, "a beat after somebody has tidied up")
    supervisor.process.send_signal(signal.SIGSTOP)
    make_old(file)
    with pytest.raises(AssertionError):
        wait_for(lambda: turned(file), 5 * POLL_S, "a beat of a stopped loop")
    supervisor.process.send_signal(signal.SIGCONT)
    wait_for(lambda: turned(file), 5, "a beat after it goes on")
    assert supervisor.terminate() == 0


def test_a_pulse_that_cannot_be_written_is_refused_at_start(command: Run, tmp_path: Path) -> None:
    file = tmp_path / "missing" / "pulse"
    done = command("run", "--no-web", "--quiet", SCRAPEWARDEN_SUPERVISOR_PULSE_FILE=str(file))
    assert done.code == 2
    assert str(file) in done.err


def test_run_once_does_not_answer_for_the_loop(good: Run, tmp_path: Path) -> None:
    file = tmp_path / "pulse"
    good("run", "--once", "--quiet", SCRAPEWARDEN_SUPERVISOR_PULSE_FILE=str(file))
    assert not file.exists()
