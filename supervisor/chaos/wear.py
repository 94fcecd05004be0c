"""Bad inputs, and many scrapes in a row: what neither may cost."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import Any

from supervisor.chaos.stage import Stage
from supervisor.chaos.trial import Found, Missed
from supervisor.chaos.troupe import Footprint, Supervised
from supervisor.throwaway import command, environment
from workers.states import Cause, NodeStatus

BOARDS = 5
BAD_CONFIG = '[memory]\nreserve_mb = "lots"\n[supervisors]\n'
PAUSED: dict[str, dict[str, Any]] = {
    "scraper": {"scraper": "no.such:scraper", "schedule": "every 1h"},
    "schedule": {"scraper": "steady", "schedule": "every banana"},
}
RUBBISH = {"text": Cause.EXCEPTION, "posting": Cause.EXCEPTION, "odd": Cause.DONE, "giant": None, "line": Cause.DONE}


def soak(stage: Stage) -> Found:
    """Many scrapes, a process each; what the supervisor holds before and after is the same."""
    rounds = stage.rounds(8, 60)
    names = [f"n{number}" for number in range(BOARDS)]
    for name in names:
        stage.rows.add(name, "steady", {"pages": 1}, memory_mb=96)
    supervised = stage.supervise()
    before = _after_round(stage, supervised, names, 1)
    for number in range(2, rounds + 1):
        stage.rows.ask_for_runs(names)
        after = _after_round(stage, supervised, names, number)
    code = supervised.end()
    runs = [run for name in names for run in stage.rows.runs(name)]
    processes = len({(run["pid"], run["start_ticks"]) for run in runs})
    figure = f"{before.descriptors} descriptors and {before.threads} threads before, {after.descriptors} and "
    figure += f"{after.threads} after {len(runs)} scrapes in {processes} processes"
    flat = after.descriptors <= before.descriptors and after.threads <= before.threads
    return Found(rounds=rounds, kept=flat and processes == len(runs) == rounds * BOARDS and code == 0, figure=figure)


def _after_round(stage: Stage, supervised: Supervised, names: list[str], number: int) -> Footprint:
    """What it holds when all nodes have run that often, and nothing runs: the least of some looks."""
    for name in names:
        stage.until(partial(stage.rows.ended, name, number), 60, f"{number} runs of {name}")
    if number not in (1, stage.rounds(8, 60)):
        return Footprint(0, 0)
    seen = []
    for _ in range(50):  # meanwhile the next process is made ready
        seen.append(supervised.footprint())
        stage.pause(0.02)
    return Footprint(min(each.descriptors for each in seen), min(each.threads for each in seen))


def bad_inputs(stage: Stage) -> Found:
    """Rows, pages and a configuration that nobody should have written; a neighbour works on."""
    stage.rows.add("neighbour", "steady", {"pages": 30, "pause_s": 0.1})
    for name, columns in PAUSED.items():
        stage.rows.add(name, **{"enabled": True, **columns})
    for kind in RUBBISH:
        stage.rows.add(kind, "rubbish", {"kind": kind}, max_attempts=1)
    supervised = stage.supervise()
    told = [name for name in PAUSED if _pauses_with_a_sentence(stage, name)]
    ends = {kind: stage.until(partial(stage.rows.ended, kind, 1), 60, f"the end of {kind}")[0] for kind in RUBBISH}
    stage.until(lambda: stage.rows.is_done("neighbour"), 60, "the end of the neighbour")
    wrong = [kind for kind, cause in RUBBISH.items() if cause not in (None, ends[kind]["cause"])]
    refused = _refuses_a_bad_configuration(stage)
    inputs = len(PAUSED) + len(RUBBISH) + 1
    (neighbour,) = stage.rows.runs("neighbour")
    good = not wrong and len(told) == len(PAUSED) and refused and neighbour["attempt"] == 1 and supervised.end() == 0
    return Found(rounds=inputs, kept=good, figure=_said(inputs, wrong, told, refused=refused))


def _said(inputs: int, wrong: list[str], told: list[str], *, refused: bool) -> str:
    odd = [*wrong, *(name for name in PAUSED if name not in told), *([] if refused else ["configuration"])]
    if odd:
        return f"{', '.join(odd)} did not end as it should"
    return f"{inputs} bad inputs, each with its sentence; a neighbour worked on"


def _pauses_with_a_sentence(stage: Stage, name: str) -> bool:
    node = stage.until(lambda: _if_paused(stage, name), 30, f"the node with a bad {name} set aside")
    return bool(node["status_reason"])


def _if_paused(stage: Stage, name: str) -> dict[str, Any] | None:
    node = stage.rows.node(name)
    return node if node["status"] == NodeStatus.PAUSED else None


def _refuses_a_bad_configuration(stage: Stage) -> bool:
    """Exit 2, one line for each complaint, no traceback."""
    path = stage.folder() / "config.toml"
    path.write_text(BAD_CONFIG, encoding="utf-8")
    words = [*command(), "run", "--config", str(path), "--no-web"]
    try:
        done = subprocess.run(
            words, env=environment(), cwd=path.parent, capture_output=True, text=True, timeout=30, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Missed("a bad configuration was not refused within 30 s") from error
    lines = done.stderr.strip().splitlines()
    return done.returncode == 2 and len(lines) == 2 and lines[0].startswith(("memory.reserve_mb:", "supervisors:"))
