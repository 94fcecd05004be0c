"""Experiments that can fail: here the guard that each is about is taken out, and the promise is told to be broken."""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor import chaos, processes
from supervisor.chaos import kills, leases, ticks
from supervisor.chaos.stage import House, Stage, open_house
from supervisor.chaos.trial import Experiment, Found
from tests.wait import wait_for

pytestmark = pytest.mark.usefixtures("adopting")

NUMBERS = itertools.count(1)
NO_FENCE = "create or replace function hold_fence(p_source text, p_epoch bigint) returns void language sql as 'select'"
NEVER_DECIDED = """
create or replace function dead_letters_before_update() returns trigger language plpgsql as $$
begin
    update nodes set run_requested = true, redrive_id = old.id where id = old.node_id;
    new.state := 'open';
    return new;
end
$$"""
ONLY_THE_SCRAPE = """
import supervisor.processes as processes
processes.kill_tree = lambda pid, pidfd: processes.send(pidfd, 9)
try:
    from supervisor.launchers.orphans import Orphans
except ImportError:
    pass
else:
    Orphans.sweep = lambda self: set()
"""


TRACEBACK = """
import os
os.write(2, b"Traceback (most recent call last):\\n  ...\\nZeroDivisionError: in the loop\\n")
os._exit(1)
"""


@pytest.fixture(scope="module")
def house(adopting: None) -> Iterator[House]:
    """A house like that of the command."""
    _ = adopting
    with open_house() as opened:
        yield opened


@pytest.fixture
def stage(house: House) -> Iterator[Stage]:
    """An empty database, and the dice of a quick play."""
    made = Stage(house, f"x{next(NUMBERS)}", random.Random(1), quick=True)
    yield made
    made.close()


def test_without_the_fence_writers_do_write_stale(stage: Stage) -> None:
    stage.rows.connection.execute(NO_FENCE)
    found = leases.stale_writes(stage)
    assert found.kept is False
    assert int(found.figure.split()[0]) > 0


def test_a_letter_that_stays_open_hears_every_click(stage: Stage) -> None:
    stage.rows.connection.execute(NEVER_DECIDED)
    stage.rows.connection.execute("alter table dead_letters drop constraint dead_letters_redriven_was_retried")
    found = ticks.double_clicks(stage)
    assert found.kept is False
    assert "10 clicks, 10 heard" in found.figure


def test_a_supervisor_whose_keeper_cannot_act_leaves_survivors(stage: Stage) -> None:
    stage.rows.add("long", "steady", {"pages": 1000, "pause_s": 0.1, "family": True})
    supervised = stage.supervise()
    stage.until(lambda: stage.rows.working("long"), 20, "the scrape at work")
    keeper = supervised.keeper()
    assert keeper is not None
    processes.send_pid(keeper.pid, signal.SIGSTOP)
    seconds, survivors = kills.kill_and_count(stage, supervised)
    assert (seconds >= kills.ALL_GONE_S, survivors > 1) == (True, True)
    wait_for_the_end_of_what_is_left(stage.house)


def test_a_guard_that_kills_only_the_scrape_breaks_p5(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(ONLY_THE_SCRAPE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(kills, "PATIENCE_S", 1)
    monkeypatch.setattr(kills, "LIMIT_S", 2)
    trial = Experiment(promise="P5", fault="timeout", show=kills.survivors).trial(stage)
    assert (trial.result, trial.figure) == ("BROKEN", "not within 3 s: the death of family0 and its family")
    stage.close()
    wait_for_the_end_of_what_is_left(stage.house)


def test_a_process_that_an_experiment_leaves_behind_is_found_and_ended() -> None:
    program = "import subprocess; print(subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL).pid)"
    with open_house() as own:
        assert own.left() == []
        parent = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
        orphan = int(parent.stdout)
        assert own.left_after_a_while() == [orphan]
    assert not processes.is_alive(orphan)


def test_a_traceback_of_a_supervisor_breaks_the_promise_whatever_the_figures_say(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(TRACEBACK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def all_is_well(stage: Stage) -> Found:
        stage.supervise().process.wait(20)
        return Found(kept=True, figure="all is well")

    trial = chaos.trial_of(house, 1, Experiment(promise="P1", fault="none", show=all_is_well), seed=1, quick=True)
    assert (trial.result, trial.figure) == ("BROKEN", "a supervisor wrote a traceback: ZeroDivisionError: in the loop")


def wait_for_the_end_of_what_is_left(house: House) -> None:
    for pid in house.left():
        processes.send_pid(pid, signal.SIGKILL)
    wait_for(lambda: not house.left(), 5, "all that is left is gone")
