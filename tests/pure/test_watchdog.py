"""Which silence the watchdog takes for death, and which it does not trust itself to judge. Values in, verdicts out."""

from __future__ import annotations

from typing import Any, cast

import pytest

from supervisor import watchdog
from supervisor.config import load_config
from supervisor.launchers import Launcher
from supervisor.watchdog import Watchdog
from workers.states import Cause, EndedBy

FLAGS = {"heartbeat.stale_after_s": 90, "supervisor.poll_s": 2}
HEALTHY: dict[str, Any] = {
    "id": 1,
    "status": "running",
    "age_s": 500.0,
    "heartbeat_age_s": 1.0,
    "progress_age_s": 1.0,
    "stall_s": 300.0,
}


class Verdicts:
    """The one verb of a launcher that the watchdog uses: whom it should end is written down."""

    def __init__(self) -> None:
        self.said: list[tuple[Cause, EndedBy]] = []

    def end(self, run_id: int, cause: Cause, sentence: str | None, rung: EndedBy) -> None:
        """Note it."""
        assert run_id == 1
        assert sentence
        self.said.append((cause, rung))


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Seconds since boot."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The watchdog's."""
    clock = Clock()
    monkeypatch.setattr(watchdog, "boottime", clock)
    return clock


@pytest.fixture
def verdicts() -> Verdicts:
    """What has been decided."""
    return Verdicts()


@pytest.fixture
def dog(clock: Clock, verdicts: Verdicts) -> Watchdog:
    """A watchdog that has looked once."""
    _ = clock
    dog = Watchdog(load_config(environ={}, flags=FLAGS), cast("Launcher", verdicts))
    dog.look([])
    return dog


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({}, None),
        ({"heartbeat_age_s": 89.0}, None),
        ({"heartbeat_age_s": 91.0}, Cause.STALE),
        ({"progress_age_s": 299.0}, None),
        ({"progress_age_s": 301.0}, Cause.STALLED),
        ({"status": "starting", "heartbeat_age_s": None, "progress_age_s": None, "age_s": 29.0}, None),
        ({"status": "starting", "heartbeat_age_s": None, "progress_age_s": None, "age_s": 31.0}, Cause.BOOT_FAILED),
    ],
)
def test_each_silence_has_its_limit_and_its_cause(
    dog: Watchdog, verdicts: Verdicts, row: dict[str, Any], cause: Cause | None
) -> None:
    dog.look([{**HEALTHY, **row}])
    assert verdicts.said == ([(cause, EndedBy.KILL)] if cause else [])


@pytest.mark.parametrize("how", ["reads failed", "late"])
def test_after_a_silence_of_our_own_nothing_is_judged_for_one_stale_limit(
    dog: Watchdog, verdicts: Verdicts, clock: Clock, how: str
) -> None:
    silent = {**HEALTHY, "heartbeat_age_s": 200.0}
    if how == "late":
        clock.now += 8
    else:
        dog.distrust()
    for _ in range(44):  # a look every two seconds
        dog.look([silent])
        clock.now += 2
    assert verdicts.said == []
    clock.now += 2
    dog.look([silent])
    assert verdicts.said == [(Cause.STALE, EndedBy.KILL)]


def test_a_loop_that_is_only_a_little_late_still_judges(dog: Watchdog, verdicts: Verdicts, clock: Clock) -> None:
    clock.now += 6
    dog.look([{**HEALTHY, "heartbeat_age_s": 200.0}])
    assert verdicts.said == [(Cause.STALE, EndedBy.KILL)]


@pytest.mark.parametrize(
    ("row", "left_s"),
    [
        ({}, 89.0),
        ({"heartbeat_age_s": 80.0}, 10.0),
        ({"progress_age_s": 295.0}, 5.0),
        ({"status": "starting", "heartbeat_age_s": None, "progress_age_s": None, "age_s": 29.5}, 0.5),
        ({"heartbeat_age_s": 91.0}, 3600.0),  # ended now; its death wakes the loop
    ],
)
def test_a_look_answers_when_the_next_limit_is_reached(dog: Watchdog, row: dict[str, Any], left_s: float) -> None:
    assert dog.look([{**HEALTHY, **row}]) == pytest.approx(left_s)
    assert dog.look([]) == 3600.0


def test_a_look_that_trusts_nothing_answers_when_it_will_again(dog: Watchdog, clock: Clock) -> None:
    dog.distrust()
    clock.now += 1
    assert dog.look([HEALTHY]) == pytest.approx(89.0)


def test_half_a_short_stale_limit_is_late_enough(clock: Clock, verdicts: Verdicts) -> None:
    flags = {"heartbeat.stale_after_s": 3, "heartbeat.every_s": 1, "supervisor.poll_s": 1}
    dog = Watchdog(load_config(environ={}, flags=flags), cast("Launcher", verdicts))
    dog.look([])
    clock.now += 2.6
    dog.look([{**HEALTHY, "heartbeat_age_s": 3.5}])
    assert verdicts.said == []


@pytest.mark.parametrize("by_s", [3600.0, -3600.0])
def test_a_database_whose_clock_was_set_makes_nobody_stale(
    dog: Watchdog, verdicts: Verdicts, clock: Clock, by_s: float
) -> None:
    dog.look([HEALTHY])
    clock.now += 2
    old = {key: HEALTHY[key] + 2 + by_s for key in ("age_s", "heartbeat_age_s", "progress_age_s")}
    dog.look([{**HEALTHY, **old}])
    clock.now += 2
    dog.look([{**HEALTHY, "age_s": old["age_s"] + 2, "heartbeat_age_s": 95.0}])
    assert verdicts.said == []
