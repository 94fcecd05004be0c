"""`supervisor chaos`: the promises under fault, on a throw-away database."""

from __future__ import annotations

import random
import sys
import time
from contextlib import closing
from dataclasses import asdict

import click

from supervisor.commands.common import json_option
from supervisor.commands.output import say, write_json, write_table

HEADINGS = ("PROMISE", "FAULT", "ROUNDS", "RESULT", "FIGURE")


@click.command()
@click.option("--quick", is_flag=True, help="Fewer rounds: about a minute instead of some.")
@click.option("--only", metavar="P1,P11", default="", help="Only these promises.")
@click.option("--seed", type=int, help="Repeat the random moments of another call, which has told its seed.")
@json_option
def chaos(*, quick: bool, only: str, seed: int | None, as_json: bool) -> int:
    """Break things on purpose and see whether the promises hold; exit code 1 if one does not.

    Kills supervisors, scrapes, forkservers and a database of its own in a temporary folder, all on this machine.
    Ignores every setting of yours, touches no process but its own, and leaves nothing behind.
    """
    from supervisor import chaos as theatre
    from supervisor.late_signals import TO_END, leaving_in_good_order

    seed = random.randrange(10**6) if seed is None else seed
    experiments = theatre.chosen([name for name in only.split(",") if name.strip()])
    began = time.monotonic()
    trials = []
    with leaving_in_good_order(*TO_END), closing(theatre.play(experiments, seed=seed, quick=quick)) as playing:
        for trial in playing:
            trials.append(trial)
            if sys.stderr.isatty():
                say(f"{len(trials)} of {len(experiments) + 1}: {trial.promise} {trial.fault}: {trial.result}")
    trials.sort(key=theatre.in_order)
    if as_json:
        write_json([{**asdict(trial), "result": trial.result} for trial in trials])
    else:
        write_table(HEADINGS, [(each.promise, each.fault, each.rounds, each.result, each.figure) for each in trials])
        say(f"{time.monotonic() - began:.0f} s, seed {seed}")
    return int(any(trial.kept is False for trial in trials))
