"""Each proof of the doctor's can fail: here the guard that it is about is taken out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from supervisor import processes
from supervisor.config import Config
from supervisor.doctor import guards, kernel, sweep
from supervisor.doctor.finding import Finding
from supervisor.guard import Guard

pytestmark = pytest.mark.usefixtures("adopting")

NO_KEEPER = """
import subprocess
import supervisor.lifeline
supervisor.lifeline.Lifeline._start = lambda self: subprocess.Popen(["sleep", "600"], stdin=subprocess.PIPE)
"""
NO_OOM_SCORE = """
import workers.protect
workers.protect.volunteer_to_oom_killer = lambda: None
"""
NO_PROTECTION = """
import workers.protect
workers.protect.die_with_parent = workers.protect.arm_deadline = lambda _: None
import supervisor.processes
supervisor.processes.adopt_orphans = lambda: None
"""


@pytest.fixture
def children_begin_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Code that every interpreter runs first which the doctor starts."""

    def begin(code: str) -> None:
        (tmp_path / "sitecustomize.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return begin


def verdicts(findings: Iterator[Finding]) -> dict[str, str]:
    return {finding.check: finding.verdict for finding in findings}


def test_without_a_keeper_grandchildren_of_a_killed_supervisor_live_on_and_the_doctor_says_so(
    children_begin_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "GONE_WITHIN_S", 0.5)
    children_begin_with(NO_KEEPER + NO_OOM_SCORE)
    findings = {finding.check: finding for finding in sweep.look_and_sweep()}
    assert findings["orphan sweep"].verdict == "fail"
    assert "processes of a killed supervisor live on" in findings["orphan sweep"].found
    assert (findings["oom score"].verdict, findings["run marks"].verdict) == ("warn", "pass")


def test_a_template_that_does_not_come_up_is_said_in_its_own_words(children_begin_with: Any) -> None:
    children_begin_with("import sys\nif '-m' in sys.orig_argv: raise SystemExit('no template today')")
    (finding,) = sweep.look_and_sweep()
    assert (finding.check, finding.verdict, finding.found) == (
        "launch",
        "fail",
        "no scrape came up: SystemExit: no template today",
    )


def test_a_kill_that_reaches_only_the_scrape_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "kill_tree", lambda _, pidfd: processes.send(pidfd, signal.SIGKILL))
    finding = guards.hard_kill(Config())
    assert (finding.verdict, finding.found) == ("fail", "killed, but 3 of 4 processes live on")


def test_a_deadline_that_only_the_kernels_timer_keeps_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guard, "_judge", lambda *_: 1.0)
    monkeypatch.setattr(guards, "TIMEOUT_S", 3.0)
    finding = guards.timeout(Config())
    assert (finding.verdict, finding.found.startswith("ended as killed")) == ("fail", True)


def test_admission_that_takes_everything_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "room_for", lambda *_: None)
    assert guards.memory_wait(Config()).verdict == "fail"


def test_a_machine_without_room_for_a_proof_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "room_for", lambda *_: "memory: needs 192 MB, 3 MB free")
    assert (guards.memory_wait(Config()).verdict, guards.memory_kill(Config()).verdict) == ("warn", "warn")


@pytest.mark.parametrize("what", ["parent_death", "timer", "subreaper"])
def test_a_call_that_does_nothing_is_found_out(
    children_begin_with: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(kernel, "_DEAD_WITHIN_S", 1.0)
    children_begin_with(NO_PROTECTION)
    finding = getattr(kernel, what)()
    assert finding.verdict == ("fail" if what == "subreaper" else "warn")
    assert " not " in finding.found


def test_an_init_that_collects_nobody_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_DEAD_WITHIN_S", 1.0)
    processes.adopt_orphans()  # now this process is the init of all below it, and it collects nobody
    finding = kernel.init()
    assert (finding.verdict, "does not collect the dead" in finding.found) == ("warn", True)
    assert "--init" in finding.advice


def test_children_that_are_not_listed_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "children_of", lambda _: [])
    assert kernel.children().verdict == "fail"
