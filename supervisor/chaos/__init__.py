"""Fault injection: every promise that can be shown on one machine, under the fault that would break it.

All of it happens on a throw-away server, in folders and processes of its own.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Generator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace

from supervisor.chaos import kills, leases, memory, outages, ticks, wear
from supervisor.chaos.stage import House, Stage, open_house
from supervisor.chaos.trial import Experiment, Found, Trial
from workers.errors import ConfigError


def _of(promise: str, fault: str, show: Callable[[Stage], Found] | str) -> Experiment:
    return Experiment(promise=promise, fault=fault, show=show)


LANES = 4  # experiments at a time: most of them wait most of the time

# In the order of the promises; CONTAINER and its like say why nothing can be shown here.
EXPERIMENTS = (
    _of("P1", "12 writers with leases of 40 ms", leases.stale_writes),
    _of("P2", "two supervisors at once", leases.two_at_once),
    _of("P3", "a scrape killed by a stranger", kills.dead_child),
    _of("P3", "a machine that says nothing any more", leases.dead_host),
    _of("P4", "a scrape that holds the interpreter, and a slow one", kills.hung_and_slow),
    _of("P5", "timeout of scrapes with all kinds of grandchildren", kills.survivors),
    _of("P6", "six nodes of 150 MB in 512 MB", "needs a container with that limit"),
    _of("P7", "a crawl that leaks", memory.leak),
    _of("P8", "300 MB at one go", memory.burst),
    _of("P9", "a node that fails each time", ticks.poison),
    _of("P10", "ten clicks on the retry of a dead letter at once", ticks.double_clicks),
    _of("P11", "kill -9 of the supervisor at random moments", kills.supervisor_at_random),
    _of("P11", "kill -9 of the forkserver", kills.forkserver),
    _of("P12", "immediate stop and restart of Postgres", outages.immediate_stop),
    _of("P13", "a server that is silent for longer than a lease", outages.silence),
    _of("P14", "two supervisors with clocks an hour off", ticks.wrong_clocks),
    _of("P15", "kill -9 of the supervisor, and downtime", ticks.under_kills),
    _of("P16", "a transaction-mode pooler", "needs a pooler"),
    _of("P17", "strangers with the pid of a dead run", leases.strangers),
    _of("P18", "SIGTERM", kills.sigterm),
    _of("P18", "a second SIGTERM", kills.second_sigterm),
    _of("P19", "many scrapes in a row", wear.soak),
    _of("P20", "bad rows, pages and settings", wear.bad_inputs),
)
LONGEST_FIRST = ("P13", "P11", "P15", "P19", "P12", "P7", "P4", "P3", "P2", "P14")


def chosen(promises: Collection[str]) -> list[Experiment]:
    """Those of the named promises; all without a name. Raises ConfigError for a name that there is not."""
    known = list(dict.fromkeys(experiment.promise for experiment in EXPERIMENTS))
    wanted = {name.strip().upper() for name in promises}
    if strange := sorted(wanted - set(known)):
        raise ConfigError(f"--only: there is no promise {', '.join(strange)}; choose from {', '.join(known)}")
    return [experiment for experiment in EXPERIMENTS if not wanted or experiment.promise in wanted]


def play(experiments: list[Experiment], *, seed: int, quick: bool) -> Generator[Trial, None, None]:
    """The trials as they end, the last one about what all of them left behind. Closing it cleans up as well."""
    with open_house() as house, ThreadPoolExecutor(LANES) as pool:
        ahead = sorted(experiments, key=_place)
        trials = [
            pool.submit(trial_of, house, number, each, seed=seed, quick=quick) for number, each in enumerate(ahead)
        ]
        try:
            yield from (trial.result() for trial in as_completed(trials))
            yield _nothing_left(house)
        finally:
            house.closing.set()
            pool.shutdown(wait=True, cancel_futures=True)


def in_order(trial: Trial) -> tuple[int, str]:
    """Where a trial stands in the table."""
    return int(trial.promise[1:]), trial.fault


def _place(experiment: Experiment) -> int:
    return LONGEST_FIRST.index(experiment.promise) if experiment.promise in LONGEST_FIRST else len(LONGEST_FIRST)


def trial_of(house: House, number: int, experiment: Experiment, *, seed: int, quick: bool) -> Trial:
    """Show one on a stage of its own; `number` keeps the stages apart."""
    chance = random.Random(f"{seed} {experiment.promise} {experiment.fault}")
    stage = Stage(house, f"{experiment.promise.lower()}_{number}", chance, quick=quick)
    began = time.monotonic()
    try:
        trial = experiment.trial(stage)
    finally:
        stage.close()
    trial = replace(trial, seconds=round(time.monotonic() - began, 1))
    if complaint := stage.complaint():
        return replace(trial, kept=False, figure=f"a supervisor wrote a traceback: {complaint}")
    return trial


def _nothing_left(house: House) -> Trial:
    """P5 once more, over all that was done: what is orphaned below this process falls to it."""
    left = house.left_after_a_while()
    figure = f"{len(left)} processes left" + (f": pids {left}" if left else "")
    return Trial(promise="P5", fault="all of the above", rounds=1, kept=not left, figure=figure)
