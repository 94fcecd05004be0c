"""The table of experiments, and what each way to end makes of a promise."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from supervisor import chaos
from supervisor.chaos import leases, ticks
from supervisor.chaos.rows import Account
from supervisor.chaos.stage import SETTINGS, Stage
from supervisor.chaos.trial import Experiment, Found, Interrupted, Missed, NotRun, Trial
from supervisor.chaos.troupe import as_toml
from supervisor.config import load_config
from workers.demo import hostile
from workers.errors import ConfigError

NO_STAGE = cast("Stage", None)
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def trial_of(outcome: Found | Exception | str) -> Trial:
    def show(_stage: Stage) -> Found:
        if isinstance(outcome, Exception):
            raise outcome
        return cast("Found", outcome)

    experiment = Experiment(promise="P1", fault="none", show=outcome if isinstance(outcome, str) else show)
    return experiment.trial(NO_STAGE)


@pytest.mark.parametrize(
    ("outcome", "result", "figure"),
    [
        (Found(kept=True, figure="0 stale"), "kept", "0 stale"),
        (Found(kept=False, figure="1 stale"), "BROKEN", "1 stale"),
        (Missed("not within 2 s: the death of all"), "BROKEN", "not within 2 s: the death of all"),
        (KeyError("x"), "BROKEN", "KeyError: 'x'"),
        (NotRun("too little memory"), "not run", "too little memory"),
        ("needs a pooler", "not run", "needs a pooler"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_was_not_shown_is_not_kept(outcome: Found | Exception | str, result: str, figure: str) -> None:
    trial = trial_of(outcome)
    assert (trial.result, trial.figure) == (result, figure)


def test_an_interrupted_experiment_is_no_verdict() -> None:
    with pytest.raises(Interrupted):
        trial_of(Interrupted())


def test_every_promise_is_in_the_table() -> None:
    assert {experiment.promise for experiment in chaos.EXPERIMENTS} == {f"P{number}" for number in range(1, 21)}
    assert len({(each.promise, each.fault) for each in chaos.EXPERIMENTS}) == len(chaos.EXPERIMENTS)


def test_promises_are_chosen_by_name_whatever_the_case_and_unknown_ones_are_refused() -> None:
    assert {each.promise for each in chaos.chosen(["p1", " P11 "])} == {"P1", "P11"}
    assert chaos.chosen([]) == list(chaos.EXPERIMENTS)
    with pytest.raises(ConfigError, match="no promise P0, P21; choose from P1, P2"):
        chaos.chosen(["P21", "P0", "P1"])


def test_the_table_is_shown_in_the_order_of_the_promises() -> None:
    trials = [Trial(promise=name, fault="", rounds=1, kept=True, figure="") for name in ("P11", "P2", "P1")]
    assert [trial.promise for trial in sorted(trials, key=chaos.in_order)] == ["P1", "P2", "P11"]


def test_the_settings_of_experiments_are_a_configuration(tmp_path: Path) -> None:
    text = as_toml({**SETTINGS, "scrapers.env": ["A"], "fetch.robots": False})
    assert tomllib.loads(text)["scrapers"] == {"allow": ["workers.demo.hostile"], "env": ["A"]}
    path = tmp_path / "config.toml"
    path.write_text(text)
    config = load_config(path, environ={})
    assert (config.supervisor.lease_s, config.fetch.robots) == (12, False)


def row(at_s: int, *, attempt: int = 1, part: int = 0, count: int = 1) -> dict[str, Any]:
    return {"tick": CREATED + timedelta(seconds=at_s), "attempt": attempt, "part": part, "tick_count": count}


@pytest.mark.parametrize(
    ("rows", "gaps_and_doubles"),
    [
        ([row(0), row(1, attempt=0), row(2, attempt=0, count=3), row(5)], (0, 0)),
        ([row(0), row(1), row(1, part=1), row(1, attempt=2)], (0, 0)),
        ([row(0), row(3)], (2, 0)),
        ([row(0), row(1), row(1, attempt=0)], (0, 1)),
    ],
    ids=["all once", "parts and attempts", "a gap", "twice"],
)
def test_ticks_without_a_row_and_with_two_are_counted(rows: list[Any], gaps_and_doubles: tuple[int, int]) -> None:
    assert ticks.judge(rows, {"created_at": CREATED}) == gaps_and_doubles


def test_runs_of_a_node_that_overlap_are_counted() -> None:
    def run(source: str, began: int, ended: int) -> dict[str, Any]:
        return {"source": source, "started_at": row(began)["tick"], "finished_at": row(ended)["tick"]}

    assert leases.overlaps([run("a", 0, 2), run("a", 2, 4), run("b", 1, 3)]) == 0
    assert leases.overlaps([run("a", 2, 4), run("a", 0, 3)]) == 1


@pytest.mark.parametrize("account", [{"lost": 1}, {"doubled": 1}, {"attempts_spent": 1}, {}])
def test_an_account_is_clean_only_without_any_loss(account: dict[str, int]) -> None:
    blank = {"lost": 0, "doubled": 0, "attempts_spent": 0, "parts": 3}
    assert Account(**{**blank, **account}).clean is (not account)


def test_a_second_process_that_insists_on_being_alone_leaves_a_line(tmp_path: Path) -> None:
    path = tmp_path / "node"
    hostile.insist_on_being_alone(str(path))
    assert not (tmp_path / "node.doubles").exists()
    hostile.insist_on_being_alone(str(path))
    assert len((tmp_path / "node.doubles").read_text().splitlines()) == 1
    hostile.let_others_in()
