"""kill -9 of the supervisor and of its forkserver at random moments, again and again: nobody survives, nothing is lost.

TEST_KILL_ROUNDS says how often; the figures go to stdout: `TEST_KILL_ROUNDS=100 make test ARGS="-rP -k kill_9_at"`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from supervisor import processes
from tests.fix_supervisor import Nodes, Start, Supervised, alive, command_line
from tests.wait import wait_for
from workers.processes import OWNER_NAME, TAG_NAME, state_letter

ROUNDS = int(os.environ.get("TEST_KILL_ROUNDS", "8"))
SEED = 11
GONE_S = 2.0
FORKSERVERS = 2  # killed under one supervisor: three within a minute, and it gives up
NAMES = ("plain", "family", "program")
LEASE_S = 30.0  # the default of the setting
OPEN_OF_OTHERS = (
    "select count(*) as n from scrape_runs where finished_at is null and supervisor_id <> "
    "(select id from supervisors order by started_at desc limit 1)"
)
PROGRAM = """
import json, os, subprocess, sys, time
from pathlib import Path

params, checkpoint = (json.loads(os.environ[f"SCRAPEWARDEN_{name}"]) for name in ("PARAMS", "CHECKPOINT"))
sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
with Path(params["pids"]).open("a") as pids:
    pids.write(f"{os.getpid()} {sleeper.pid} ")
page = (checkpoint or {}).get("page", 1)
while not Path(params["enough"]).exists():
    time.sleep(params["pause_s"])
    postings = [{"url": f"http://board.test/program/{page}-{i}", "title": f"Job {page}-{i}"} for i in range(3)]
    page += 1
    print(json.dumps({"postings": postings, "checkpoint": {"page": page}}), flush=True)
"""


@dataclass
class Figures:
    """What the rounds took."""

    kills: list[tuple[str, float]] = field(default_factory=list)  # whom, and when
    gone_s: list[float] = field(default_factory=list)  # from the kill to the last death


@dataclass
class Battle:
    """The rounds of one test."""

    nodes: Nodes
    start: Callable[[], Supervised]
    pids: Path  # what the program has started, ever
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    figures: Figures = field(default_factory=Figures)
    forkservers: int = 0

    def fight(self, rounds: int) -> Supervised:
        """Kill that often; the last supervisor is alive."""
        supervisor = self.start()
        for _ in range(rounds):
            self.await_a_moment(supervisor)
            if self.forkservers < FORKSERVERS and supervisor.happened("run_started") and self.chance.random() < 0.3:
                self.kill_forkserver(supervisor)
            else:
                self.kill_supervisor(supervisor)
                supervisor = self.start()
        return supervisor

    def await_a_moment(self, supervisor: Supervised) -> None:
        """Any moment: while it boots, while it launches, or with runs under way."""
        if self.chance.random() < 0.75:
            seen = len(supervisor.happened("run_started"))
            wait_for(lambda: len(supervisor.happened("run_started")) > seen, 20, "its next run")
            # At once, but for a claim that the server still had in hand when its supervisor died: its lease runs out.
            wait_for(
                lambda: self.nodes.one(OPEN_OF_OTHERS) == {"n": 0}, LEASE_S + 15, "the rows of the dead are closed"
            )
        moment = time.monotonic() + self.chance.uniform(0, 0.7)
        wait_for(lambda: time.monotonic() > moment, 2, "a random moment")

    def kill_supervisor(self, supervisor: Supervised) -> None:
        """All it has started is gone in time."""
        self.forkservers = 0
        doomed = supervisor.tree()
        mark = self.mark_of(supervisor)
        self.note("supervisor")
        supervisor.process.kill()
        self.await_silence(doomed, mark)
        supervisor.wait(5)

    def kill_forkserver(self, supervisor: Supervised) -> None:
        """All scrapes and theirs are gone in time; the supervisor is not."""
        self.forkservers += 1
        forkserver = supervisor.forkserver()
        doomed = [forkserver, *processes.descendants_of(forkserver)]
        self.note("forkserver")
        processes.send_pid(forkserver, signal.SIGKILL)
        self.await_silence(doomed, None)
        assert supervisor.process.poll() is None

    def mark_of(self, supervisor: Supervised) -> str | None:
        """Of the supervisor, if it has come so far."""
        newest = "select id from supervisors where pid = %s order by started_at desc limit 1"
        row = self.nodes.one(newest, supervisor.pid)
        return str(row["id"]) if row else None

    def note(self, whom: str) -> None:
        """A kill begins."""
        self.figures.kills.append((whom, time.time()))

    def await_silence(self, doomed: list[int], mark: str | None) -> None:
        """Nothing of them lives."""
        began = time.monotonic()
        try:
            wait_for(partial(self.is_silent, doomed, mark), GONE_S, "their end")
        except AssertionError as error:
            left = {pid: (state_letter(pid), command_line(pid)[-90:]) for pid in alive(doomed)}
            marked = list(processes.tagged_with(OWNER_NAME, mark)) if mark else []
            raise AssertionError(f"kill {len(self.figures.kills)}: left {left}, marked {marked}") from error
        self.figures.gone_s.append(time.monotonic() - began)

    def is_silent(self, doomed: list[int], mark: str | None) -> bool:
        """Whether no process is left, marked or not."""
        if alive(doomed) or (mark and list(processes.tagged_with(OWNER_NAME, mark))):
            return False
        words = self.pids.read_text("ascii").split() if mark and self.pids.exists() else []
        return not [pid for pid in map(int, words) if is_tagged(processes.environment_of(pid), mark)]


def is_tagged(environment: dict[str, str], mark: str | None) -> bool:
    """Whether it is a process of that supervisor's runs, and not another's that has got its pid since."""
    return TAG_NAME in environment and environment.get(OWNER_NAME, mark) == mark


def test_kill_9_at_random_moments_loses_and_doubles_nothing(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    """And leaves nobody alive, of a plain scrape, one with grandchildren, and a program with a child of its own."""
    enough, pids = tmp_path / "enough", tmp_path / "pids"
    common = {"enough": str(enough), "pause_s": 0.05}
    argv = [sys.executable, "-I", "-S", "-c", PROGRAM]
    nodes.add("plain", "marathon:crawl", {"board": "plain", **common})
    nodes.add("family", "marathon:crawl", {"board": "family", "pids": str(tmp_path / "family"), **common})
    nodes.add("program", "command", {"argv": argv, "pids": str(pids), **common})
    battle = Battle(nodes, supervise, pids)
    survivor = battle.fight(ROUNDS)
    enough.touch()
    wait_for(lambda: all(nodes.last(name)["cause"] == "done" for name in NAMES), 30, "the end of all")
    for name in NAMES:
        the_sums_are_right(nodes, name)
    assert survivor.terminate() == 0
    sys.stdout.write(json.dumps(summary(battle.figures, nodes), indent=1) + "\n")


def the_sums_are_right(nodes: Nodes, name: str) -> None:
    """One tick, one attempt, parts without a gap; every page and job once."""
    runs = nodes.runs(name)
    assert len({run["tick"] for run in runs}) == 1
    assert {run["attempt"] for run in runs} == {1}
    assert [run["part"] for run in runs] == list(range(len(runs)))
    assert {run["cause"] for run in runs[:-1]} <= {"lost"}
    pages = sum(run["pages_count"] for run in runs)
    stored = nodes.one("select count(*) as n from jobs where source = %s", name)
    assert stored == {"n": 3 * pages}
    assert sum(run["inserted_count"] for run in runs) == 3 * pages
    assert sum(run["unchanged_count"] + run["updated_count"] for run in runs) == 0


def summary(figures: Figures, nodes: Nodes) -> dict[str, object]:
    """For the page of figures; seconds."""
    starts = sorted(run["started_at"].timestamp() for name in NAMES for run in nodes.runs(name))
    ends = [at for _, at in figures.kills[1:]] + [time.time()]
    rescues = []
    for (_, at), end in zip(figures.kills, ends, strict=True):
        after = [start for start in starts if at < start < end]
        rescues += [after[0] - at] if after else []
    runs = [run for name in NAMES for run in nodes.runs(name)]
    return {
        "kills": {whom: sum(1 for each, _ in figures.kills if each == whom) for whom in ("supervisor", "forkserver")},
        "gone_s": {"median": round(statistics.median(figures.gone_s), 3), "worst": round(max(figures.gone_s), 3)},
        "rescue_s": {"median": round(statistics.median(rescues), 3), "worst": round(max(rescues), 3)},
        "parts": len(runs),
        "attempts_spent": sum(run["attempt"] - 1 for run in runs),
        "pages": sum(run["pages_count"] for run in runs),
        "jobs": nodes.jobs(),
    }
