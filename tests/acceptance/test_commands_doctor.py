"""`supervisor doctor`, run as a person would: its table, its exit code, and what it leaves behind."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_command import supervisor
from tests.wait import wait_for

GUARDS = {"hard kill", "timeout", "memory wait", "memory kill", "memory burst", "orphan sweep"}
LOOKS = {
    *("memory limit", "swap", "oom counter", "pids", "open files", "temp folder", "clocks", "init", "children"),
    *("pidfd", "parent death", "subreaper", "timer", "launch", "run marks", "oom score", "scrape"),
}


def test_the_doctor_proves_every_guard_and_leaves_nothing_behind(tmp_path: Path) -> None:
    mark = str(uuid.uuid4())
    done = supervisor("doctor", "--json", cwd=tmp_path, TMPDIR=str(tmp_path), DOCTORS_TEST=mark)
    findings = {row["check"]: row for row in done.json}
    assert set(findings) == GUARDS | LOOKS
    assert {check: findings[check]["verdict"] for check in GUARDS} == dict.fromkeys(GUARDS, "pass"), done.out
    assert (done.code, [row for row in done.json if row["verdict"] == "fail"]) == (0, [])
    assert all(bool(row["advice"]) == (row["verdict"] != "pass") for row in done.json)
    assert " ms" in findings["hard kill"]["found"]
    assert " processes of a killed supervisor gone after " in findings["orphan sweep"]["found"]
    wait_for(lambda: not list(processes.tagged_with("DOCTORS_TEST", mark)), 2, "no process of it is left")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["doctor", "--config", "absent.toml"], ["doctor", "surplus"]])
def test_a_call_that_cannot_be_understood_is_exit_code_2(tmp_path: Path, words: list[str]) -> None:
    done = supervisor(*words, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.strip().splitlines()) == 1
