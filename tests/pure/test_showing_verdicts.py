"""What `doctor` and `chaos` print, and the exit code that goes with it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from supervisor import chaos as theatre
from supervisor import doctor as practice
from supervisor.chaos.trial import Trial
from supervisor.commands.chaos import chaos
from supervisor.commands.doctor import doctor
from supervisor.doctor import Finding
from supervisor.late_signals import TO_END, leaving_in_good_order

FINE = Finding(check="pids", verdict="pass", found="no limit")
ODD = Finding(check="init", verdict="warn", found="no init", advice="use --init")
BAD = Finding(check="timer", verdict="fail", found="no timer", advice="allow timer_create")
KEPT = Trial(promise="P11", fault="kill -9", rounds=5, kept=True, figure="0 survivors")
BROKEN = Trial(promise="P1", fault="12 writers", rounds=60, kept=False, figure="3 stale")
NOT_RUN = Trial(promise="P16", fault="a pooler", rounds=0, kept=None, figure="needs a pooler")


def call(command: Any, *words: str) -> Result:
    return CliRunner().invoke(command, list(words), standalone_mode=False)


def examined(monkeypatch: pytest.MonkeyPatch, *findings: Finding, words: tuple[str, ...] = ()) -> Result:
    def examine(_config: object) -> Iterator[Finding]:
        yield from findings

    monkeypatch.setattr(practice, "examine", examine)
    return call(doctor, *words)


def played(monkeypatch: pytest.MonkeyPatch, *trials: Trial, words: tuple[str, ...] = ()) -> Result:
    def play(_experiments: object, *, seed: int, quick: bool) -> Generator[Trial, None, None]:
        assert (seed, quick) == (7, False)
        yield from trials

    monkeypatch.setattr(theatre, "play", play)
    return call(chaos, "--seed", "7", *words)


def test_a_failed_finding_is_exit_code_1_and_a_warning_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert examined(monkeypatch, FINE, ODD).return_value == 0
    assert examined(monkeypatch, FINE, ODD, BAD).return_value == 1


def test_findings_are_a_table_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    heading, *rows = examined(monkeypatch, FINE, BAD).stdout.splitlines()
    assert heading.split() == ["CHECK", "VERDICT", "FOUND", "WHAT", "TO", "DO"]
    assert [row.split() for row in rows] == [
        ["pids", "pass", "no", "limit", "-"],
        ["timer", "fail", "no", "timer", "allow", "timer_create"],
    ]


def test_findings_as_json_have_the_columns_of_check(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = json.loads(examined(monkeypatch, ODD, words=("--json",)).stdout)
    assert rows == [{"check": "init", "verdict": "warn", "found": "no init", "advice": "use --init"}]


def test_a_broken_promise_is_exit_code_1_and_one_that_was_not_run_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert played(monkeypatch, KEPT, NOT_RUN).return_value == 0
    assert played(monkeypatch, KEPT, NOT_RUN, BROKEN).return_value == 1


def test_trials_are_a_table_in_the_order_of_the_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    result = played(monkeypatch, NOT_RUN, KEPT, BROKEN)
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["PROMISE", "FAULT", "ROUNDS", "RESULT", "FIGURE"]
    assert [(row.split()[0], word in row) for row, word in zip(rows, ("BROKEN", "kept", "not run"), strict=True)] == [
        ("P1", True),
        ("P11", True),
        ("P16", True),
    ]
    assert result.stderr.endswith(" s, seed 7\n")


def test_trials_as_json_have_the_result_as_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = json.loads(played(monkeypatch, BROKEN, words=("--json",)).stdout)
    assert {key: row[key] for key in ("promise", "kept", "result", "rounds")} == {
        "promise": "P1",
        "kept": False,
        "result": "BROKEN",
        "rounds": 60,
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_ends_the_work_and_no_further_one_disturbs_the_cleaning_up(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    cleaned: list[bool] = []
    with pytest.raises(SystemExit) as ended:
        leave_by(number, cleaned)
    assert (ended.value.code, cleaned) == (128 + number, [True])
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def leave_by(number: signal.Signals, cleaned: list[bool]) -> None:
    with leaving_in_good_order(*TO_END):
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
            cleaned.append(True)
