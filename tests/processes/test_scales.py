"""The scales and the guard, on real processes: what takes too much memory is ended, and nobody else."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from supervisor.guard import Guard, boottime
from supervisor.scales import Scales
from supervisor.settings_table import Memory
from tests.fix_prey import HOLDS, Prey
from tests.wait import wait_for
from workers.states import Cause, EndedBy

pytestmark = pytest.mark.usefixtures("scales")


class Host:
    """A machine whose memory figures are the test's."""

    def __init__(self, folder: Path) -> None:
        """With plenty."""
        self._meminfo = folder / "meminfo"
        self.settings = Memory(proc_root=str(folder), cgroup_root=str(folder / "none"), reserve_percent=10)
        self.leave(5000)

    def leave(self, mb: int) -> None:
        """That much of 10,000 MB is available from now on."""
        self._meminfo.write_text(f"MemTotal: {10_000 * 1024} kB\nMemAvailable: {mb * 1024} kB\n", encoding="ascii")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A machine of the test's own making; processes are weighed for real."""
    return Host(tmp_path)


@pytest.fixture
def scales(guard: Guard, host: Host) -> Iterator[Scales]:
    """Scales for what is under guard."""
    own = Scales(guard, host.settings)
    yield own
    own.close()


def test_a_process_over_its_budget_is_ended_by_the_second_look_and_not_by_the_first(
    guard: Guard, prey: list[Prey]
) -> None:
    prey.append(Prey(guard, HOLDS, "110", budget_mb=105))
    flight = prey[0].flight
    first = wait_for(lambda: flight.over_since, 3, "the first look")
    assert (flight.rung, flight.intent) == (EndedBy.SELF, None)
    assert prey[0].wait_for_death(3) == -signal.SIGTERM
    assert boottime() - (first or 0) >= 0.9
    assert (flight.intent, flight.rung) == (Cause.MEMORY, EndedBy.TERM)
    assert (flight.sentence or "").startswith("killed, twice over its memory budget: 1")


def test_a_process_far_over_its_budget_is_killed_by_the_first_look(guard: Guard, prey: list[Prey]) -> None:
    prey.append(Prey(guard, HOLDS, "110", budget_mb=60))
    assert prey[0].wait_for_death(3) == -signal.SIGKILL
    assert (prey[0].flight.intent, prey[0].flight.over_since) == (Cause.MEMORY, None)
    assert (prey[0].flight.sentence or "").startswith("killed at once, far over its memory budget: 1")


def test_memory_of_descendants_counts(guard: Guard, prey: list[Prey]) -> None:
    family = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {HOLDS!r}, '110']).wait()"
    prey.append(Prey(guard, family, budget_mb=60))
    assert prey[0].wait_for_death(5) == -signal.SIGKILL
    assert prey[0].flight.peak_mb > 100


def test_memory_that_runs_out_costs_the_one_furthest_over_its_budget_its_life(
    guard: Guard, host: Host, prey: list[Prey]
) -> None:
    prey += [Prey(guard, HOLDS, "70", budget_mb=72), Prey(guard, HOLDS, "20"), Prey(guard, HOLDS, "20")]
    host.leave(400)
    assert prey[0].wait_for_death(3) == -signal.SIGKILL
    host.leave(5000)
    sentence = prey[0].flight.sentence or ""
    assert prey[0].flight.intent is Cause.MEMORY
    assert sentence.startswith("killed because only 400 MB of 10000 MB were left (host memory"), sentence
    assert "it was furthest over its budget, 7" in sentence
    assert [each.flight.intent for each in prey[1:]] == [None, None]


def test_memory_that_runs_out_costs_the_youngest_its_life_and_one_at_a_time(
    guard: Guard, host: Host, prey: list[Prey]
) -> None:
    prey += [Prey(guard, HOLDS, "10"), Prey(guard, HOLDS, "10")]
    old, young = prey
    host.leave(490)
    died: list[float] = []
    for each in (young, old):
        assert each.wait_for_death(4) == -signal.SIGKILL
        died.append(time.monotonic())
        assert "it was the youngest" in (each.flight.sentence or "")
    assert died[1] - died[0] > 0.1


def test_while_anything_to_speak_of_is_left_nobody_is_ended_for_it(guard: Guard, host: Host, prey: list[Prey]) -> None:
    prey.append(Prey(guard, HOLDS, "10"))
    host.leave(501)
    wait_for(lambda: prey[0].flight.measured_mb > 0, 3, "a first look")
    looked_at = boottime()
    wait_for(lambda: boottime() - looked_at > 0.6, 2, "two more looks")
    assert (prey[0].process.poll(), prey[0].flight.intent) == (None, None)


def test_short_memory_is_looked_at_four_times_as_often(
    guard: Guard, scales: Scales, host: Host, prey: list[Prey]
) -> None:
    scales.close()
    assert scales._look() == 1.0
    prey.append(Prey(guard, HOLDS, "10"))
    assert scales._look() == 1.0
    host.leave(999)
    assert scales._look() == 0.25


def test_a_process_that_cannot_be_weighed_costs_the_others_nothing(guard: Guard, prey: list[Prey]) -> None:
    odd: Any = "no number"
    prey += [Prey(guard, HOLDS, "10", budget_mb=odd), Prey(guard, HOLDS, "110", budget_mb=60)]
    assert prey[1].wait_for_death(4) == -signal.SIGKILL
    assert (prey[0].process.poll(), prey[0].flight.measured_mb) == (None, 0)
