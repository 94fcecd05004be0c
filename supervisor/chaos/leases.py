"""Who may run and write: the fence, two supervisors at once, dead hosts, strangers with a dead run's pid."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.rows import DictRow

from supervisor.chaos.rows import Rows
from supervisor.chaos.stage import Stage
from supervisor.chaos.trial import Found, Missed
from supervisor.sightings import Pid, alive, pid_of
from supervisor.tables import chaos, runs, supervisors
from workers import database, queries
from workers.processes import boot_id, pid_namespace
from workers.states import Cause

WRITERS = 12
LEASE_S = 0.04
SHARED = "shared"
FOREIGN_LEASE_S = 3.0
RESCUE_S = 15.0  # after the end of a lease: with leases of 30 s a dead host's run goes on within 45 s
NO_PID = 2_147_483_000


def stale_writes(stage: Stage) -> Found:
    """Twelve writers take one lease over from each other and dawdle across its end; none may write late."""
    node_id = stage.rows.add(SHARED, "steady", enabled=False)
    chaos.open_lease(stage.rows.connection, SHARED)
    chaos.open_register(stage.rows.connection, node_id)
    contest = _Contest(stage, node_id, take_overs=stage.rounds(60, 500))
    contest.play()
    seen = chaos.read_register(stage.rows.connection, node_id)
    figure = f"{seen['stale']} stale of {seen['writes']} writes by {WRITERS} writers; {contest.refused} refused in time"
    return Found(rounds=contest.taken, kept=seen["stale"] == 0, figure=figure)


class _Contest:
    """Writers with leases of 40 ms; enough is when many were taken over, and some came too late, or wrote too late."""

    def __init__(self, stage: Stage, node_id: int, *, take_overs: int) -> None:
        self._stage = stage
        self._node_id = node_id
        self._wanted = take_overs
        self._seeds = [stage.chance.random() for _ in range(WRITERS)]
        self._until = time.monotonic() + 60
        self._stale_seen = False
        self.taken = self.refused = 0  # written by many threads: a lost count makes the contest longer, not wrong

    def play(self) -> None:
        """Until it is enough. Raises Missed when no writer ever came too late."""
        url = self._stage.rows.url
        with ThreadPoolExecutor(WRITERS) as pool:
            for writer in [pool.submit(self._write, url, random.Random(seed)) for seed in self._seeds]:
                writer.result()
        if not self._enough and not self._stale_seen:
            raise Missed(f"{self.taken} take-overs and {self.refused} refusals within 60 s, too few to judge by")

    @property
    def _enough(self) -> bool:
        return self.taken >= self._wanted and self.refused > 0

    def _write(self, url: str, chance: random.Random) -> None:
        with database.connect(url, application="scrapewarden chaos") as connection:
            while not self._enough and not self._stale_seen and time.monotonic() < self._until:
                epoch = chaos.take_lease(connection, SHARED, LEASE_S)
                if epoch is None:
                    self._stage.pause(chance.uniform(0.005, 0.03))
                else:
                    self.taken += 1
                    self._hold(connection, epoch, chance)

    def _hold(self, connection: database.Connection, epoch: int, chance: random.Random) -> None:
        for _ in range(chance.randint(1, 4)):
            self._stage.pause(chance.uniform(0, LEASE_S))
            try:
                with connection.transaction():
                    chaos.pass_fence(connection, SHARED, epoch)
                    self._stage.pause(chance.uniform(0, 2 * LEASE_S))
                    chaos.write_register(connection, self._node_id, epoch)
                self._stale_seen |= bool(chaos.read_register(connection, self._node_id)["stale"])
            except psycopg.Error as error:
                if not database.is_fenced(error):
                    raise
                self.refused += 1
                return


def two_at_once(stage: Stage, environs: tuple[dict[str, str], dict[str, str]] = ({}, {})) -> Found:
    """Two supervisors of one database; every scrape insists on being its node's only one."""
    names = [f"n{number}" for number in range(4)]
    locks = stage.folder()
    for name in names:
        params = {"pages": 3, "pause_s": 0.1, "alone": str(locks / name)}
        stage.rows.add(name, "steady", params, schedule="every 1s", memory_mb=96)
    both = [stage.supervise(environ=environ) for environ in environs]
    wanted = stage.rounds(4, 15)
    stage.until(lambda: all(len(stage.rows.ended(name)) >= wanted for name in names), 60, f"{wanted} runs of each node")
    codes = [supervised.end() for supervised in both]
    made = [run for name in names for run in stage.rows.runs(name)]
    doubles = sum(len(path.read_text().splitlines()) for path in locks.glob("*.doubles"))
    shares = sorted(
        sum(run["supervisor_id"] == each for run in made) for each in {run["supervisor_id"] for run in made}
    )
    figure = f"{doubles} of {len(made)} runs beside another of their node; shared out {shares}"
    return Found(rounds=len(made), kept=doubles == 0 and codes == [0, 0] and overlaps(made) == 0, figure=figure)


def overlaps(made: list[DictRow]) -> int:
    """Runs that began before the one before them, of the same node, was over."""
    made = sorted(made, key=lambda run: (run["source"], run["started_at"]))
    return sum(a["source"] == b["source"] and b["started_at"] < a["finished_at"] for a, b in pairwise(made))


def dead_host(stage: Stage) -> Found:
    """A run of another machine, which says nothing any more: it goes on here when its lease has run out."""
    claim = _leave_run(stage.rows, "left", boot="another machine", lease_s=FOREIGN_LEASE_S)
    stage.supervise({"supervisor.lease_s": 8, "supervisor.renew_s": 1})
    stage.until(lambda: stage.rows.is_done("left"), FOREIGN_LEASE_S + RESCUE_S + 15, "the end of the left run")
    first, second = stage.rows.runs("left")[:2]
    late = (second["started_at"] - first["finished_at"]).total_seconds()
    rescued = (first["finished_at"] - claim["until"]).total_seconds()
    good = (first["cause"], second["part"], second["attempt"]) == (Cause.LOST, 1, 1) and 0 <= rescued <= RESCUE_S
    figure = f"taken over {rescued:.1f} s after the end of its lease, running again {late:.2f} s later"
    return Found(kept=good, figure=figure)


def strangers(stage: Stage) -> Found:
    """Processes that were given the pid of a dead run: only start ticks, or only the marks, tell them apart."""
    names = {"other start": 1, "no marks": 0}  # ticks that the row is off by
    with ExitStack() as living:
        pids = {name: living.enter_context(_process()) for name in names}
        for name, off in names.items():
            _leave_run(stage.rows, name, pid=pids[name].pid, ticks=pids[name].ticks - off, lease_s=600)
        supervised = stage.supervise()
        for name in names:
            stage.until(partial(stage.rows.ended, name, 1), 30, "the end of the left run")
        lived = len(alive(pids.values()))
        code = supervised.end()
    figure = f"{lived} of {len(names)} strangers live; their runs were closed"
    return Found(rounds=len(names), kept=lived == len(names) and code == 0, figure=figure)


@contextmanager
def _process() -> Iterator[Pid]:
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
    try:
        yield pid_of(process.pid)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(5)


def _leave_run(
    rows: Rows, name: str, *, boot: str = "", pid: int = NO_PID, ticks: int = 1, lease_s: float
) -> dict[str, Any]:
    """Rows as a supervisor leaves them that died in mid-run; its own pid is surely gone."""
    node_id = rows.add(name, "steady")
    mine = str(uuid.uuid4())
    place = {"boot_id": boot or boot_id(), "pid_ns": pid_namespace()}
    supervisors.register(rows.connection, id=mine, host="left", pid=NO_PID, start_ticks=1, version="0", **place)
    claim = runs.claim_run(
        rows.connection,
        node_id=node_id,
        supervisor_id=mine,
        owner=str(uuid.uuid4()),
        lease_s=lease_s,
        expected_tick=None,
        next_run_at=None,
        budget_mb=64,
        budget_source="node",
        host="left",
        memory_domain="left",
        room_mb=10_000.0,
        max_attempts=3,
        **place,
    )
    begun = {"run_id": claim["run_id"], "epoch": claim["epoch"], "pid": pid, "start_ticks": ticks, **place}
    rows.connection.execute(queries.load("scrape")["begin_run"], begun)
    return {**claim, "until": chaos.read_lease(rows.connection, name)["lease_until"]}
