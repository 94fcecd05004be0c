"""`supervisor chaos`, run as a person would: its table, its exit code, and what it leaves behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_command import SCRIPT, Done, environment, supervisor
from tests.scratch import scratch_folder
from tests.wait import wait_for

LIMIT_S = 240.0  # it takes a quarter of that on two cores that have nothing else to do


class Theatre:
    """A folder for temporary files, and all processes that are started with it in their environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"TMPDIR": str(folder), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
        self.mark = str(uuid.uuid4())

    def play(self, *words: str) -> Done:
        """To its end."""
        return supervisor(
            "chaos", "--quick", *words, cwd=self.folder, limit_s=LIMIT_S, CHAOS_TEST=self.mark, **self.environ
        )

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        """Until its first supervisor is at work."""
        given = environment(CHAOS_TEST=self.mark, **self.environ)
        out = subprocess.DEVNULL
        play = subprocess.Popen(
            [SCRIPT, "chaos", "--quick", *words], env=given, cwd=self.folder, stdout=out, stderr=out
        )
        wait_for(self._at_work, 60, "supervisors at work")
        return play

    def _at_work(self) -> bool:
        marked = processes.tagged_with("CHAOS_TEST", self.mark)
        return sum(b"multiprocessing.forkserver" in self._command_line(pid) for pid in marked) >= 2

    def living(self) -> list[int]:
        """All processes of it: the marked ones, and its servers, which have a clean environment."""
        servers = [pid for pid in self._pids() if os.fsencode(self.folder) in self._command_line(pid)]
        return sorted({*servers, *processes.tagged_with("CHAOS_TEST", self.mark)})

    @staticmethod
    def _pids() -> list[int]:
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]

    @staticmethod
    def _command_line(pid: int) -> bytes:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes() if processes.is_alive(pid) else b""
        except OSError:
            return b""

    def left(self) -> list[str]:
        """Folders of it, besides those of the system's that no command of ours made."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def theatre() -> Iterator[Theatre]:
    """A folder that the servers' account can reach."""
    with scratch_folder("sw-chaos-") as folder:
        folder.chmod(0o777)
        made = Theatre(folder)
        yield made
        for pid in made.living():  # of a test that has failed
            processes.send_pid(pid, signal.SIGKILL)


def test_every_promise_is_kept_and_nothing_is_left_behind(theatre: Theatre) -> None:
    done = theatre.play("--seed", "7", "--json")
    trials = done.json
    assert [trial for trial in trials if trial["result"] == "BROKEN"] == []
    assert done.code == 0
    not_run = {trial["promise"]: trial["figure"] for trial in trials if trial["result"] == "not run"}
    assert set(not_run) <= {"P6", "P7", "P8", "P16"}  # P7 and P8 where memory is short
    assert {trial["promise"] for trial in trials} == {f"P{number}" for number in range(1, 21)}
    assert all(trial["rounds"] > 0 and trial["figure"] for trial in trials if trial["result"] == "kept")
    assert set(trials[0]) == {"promise", "fault", "rounds", "kept", "result", "figure", "seconds"}
    wait_for(lambda: not theatre.living(), 2, f"no process of it is left: {theatre.living()}")
    assert theatre.left() == []


def test_an_unknown_promise_is_exit_code_2_and_starts_nothing(theatre: Theatre) -> None:
    done = theatre.play("--only", "P99")
    assert (done.code, done.out, theatre.left()) == (2, "", [])
    assert done.err.startswith("--only: there is no promise P99; choose from P1, P2")


def test_a_play_that_is_broken_off_cleans_up(theatre: Theatre) -> None:
    play = theatre.begin("--only", "P2,P4,P13")
    play.send_signal(signal.SIGTERM)
    assert play.wait(20) == 128 + signal.SIGTERM
    wait_for(lambda: not theatre.living(), 2, f"no process of it is left: {theatre.living()}")
    assert theatre.left() == []


def test_a_play_that_is_killed_leaves_no_process_and_the_next_one_removes_its_folder(theatre: Theatre) -> None:
    play = theatre.begin("--only", "P2,P4")
    play.kill()
    play.wait(5)
    wait_for(lambda: not theatre.living(), 20, f"no process of it is left: {theatre.living()}")
    assert any(name.startswith("scrapewarden-chaos-") for name in theatre.left())
    next_one = theatre.play("--only", "p6,P1", "--seed", "11")
    heading, *lines = next_one.out.splitlines()
    assert heading.split() == ["PROMISE", "FAULT", "ROUNDS", "RESULT", "FIGURE"]
    assert [line.split()[0] for line in lines] == ["P1", "P5", "P6"]
    assert "0 stale of " in lines[0]
    assert next_one.err.strip().endswith(" s, seed 11")
    assert (next_one.code, theatre.left()) == (0, [])
