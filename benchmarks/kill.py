"""From a job's deadline to the end of its last process, ours and others'.

`python benchmarks/kill.py [--rounds 30] [--patience-s 10] [--ours-only]`: on an embedded server of its own. Rivals take
part where they are installed (pebble; celery or rq, redis and redis-server), one job at a time like us.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.hangs import KINDS
from benchmarks.kill_rivals import ABSENT, RIVALS
from benchmarks.rival_job import clock

if TYPE_CHECKING:
    from benchmarks.contenders import Ours

LIMIT_S = 1.0
BEGINS_S = 60.0
STALL_S, STALE_S = 2.0, 4.0
SILENCE = {"heartbeat__every_s": 1, "heartbeat__stale_after_s": STALE_S}
AIM_MEDIAN_MS, AIM_WORST_MS, AIM_SILENCE_MS = 50.0, 300.0, 1500.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Prey:
    """A job that hangs, and all its processes, by handles that no other process can get."""

    begun: float
    pids: list[int]
    handles: list[int]

    def wait(self, until: float) -> float | None:
        """When the last of them ended; None: not by then."""
        left = set(self.handles)
        poll = select.poll()
        for handle in left:
            poll.register(handle, select.POLLIN)
        while left and (rest := until - clock()) > 0:
            for handle, _ in poll.poll(rest * 1000):
                poll.unregister(handle)
                left.discard(handle)
        return None if left else clock()


class Contender(Protocol):
    """One way to bound a job's time."""

    name: str

    def start(self, kind: str, notes: Path) -> None:
        """Start one job."""
        ...

    def deadline(self, begun: float) -> float:
        """When the job that began then had to be over."""
        ...

    def rest(self) -> None:
        """Wait until the next job can be started."""
        ...

    def close(self) -> None:
        """End it, with all it has started."""
        ...


class Rival:
    """A host of benchmarks/kill_rivals.py. Its deadline counts from the job's first statement."""

    def __init__(self, name: str) -> None:
        self.name = name
        words = [sys.executable, "-m", "benchmarks.kill_rivals", name, str(LIMIT_S)]
        self._host = subprocess.Popen(words, stdin=subprocess.PIPE, text=True, bufsize=1, stderr=subprocess.DEVNULL)

    def start(self, kind: str, notes: Path) -> None:
        """One job."""
        assert self._host.stdin is not None  # noqa: S101 - for the type checker
        self._host.stdin.write(f"{kind} {notes}\n")

    def deadline(self, begun: float) -> float:
        """Later than its own clock says, never earlier."""
        return begun + LIMIT_S

    def rest(self) -> None:
        """Some of them start a new worker first."""
        time.sleep(0.3)

    def close(self) -> None:
        """End of input, end of host; pools that wait for jobs that never end are killed."""
        from supervisor.processes import descendants_of, send_pid

        below = descendants_of(self._host.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._host.communicate(timeout=5)
        self._host.kill()
        for pid in below:
            send_pid(pid, signal.SIGKILL)


class OurLimit:
    """A supervisor. Its deadline counts from the claim, some milliseconds before the job's first statement."""

    name = "Scrapewarden"

    def __init__(self, url: str, folder: Path) -> None:
        from benchmarks.contenders import Ours

        self.ours: Ours = Ours("kill", url, folder, scrapers__allow=["hanging"], **SILENCE)
        self._nodes: set[str] = set()

    def start(self, kind: str, notes: Path) -> None:
        """One requested run of the node of that kind."""
        self.run(kind, kind, notes, timeout_s=LIMIT_S)

    def run(self, node: str, kind: str, notes: Path, **columns: float) -> None:
        """One requested run of a node, which is added if need be."""
        if node not in self._nodes:
            params = json.dumps({"kind": kind, "notes": str(notes)})
            self.ours.add(node, "hanging:hangs", params=params, max_attempts=1, **columns)
            self._nodes.add(node)
        self.ours.forget()
        self.ours.database.execute("update nodes set run_requested = true where name = %s", [node])

    def moment(self, column: str) -> float:
        """A time in the newest run's row, as clock() counts."""
        query = f"select extract(epoch from {column})::float as at from scrape_runs order by id desc limit 1"  # noqa: S608 - our own names
        row = self.ours.database.execute(query.encode()).fetchone()
        return float(row["at"]) - time.time() + clock() if row else 0.0

    def deadline(self, begun: float) -> float:
        """As the claim has it."""
        _ = begun
        return self.moment("started_at") + LIMIT_S

    def rest(self) -> None:
        """Until it is settled."""
        self.ours.wait_for_event("run_ended")

    def close(self) -> None:
        """SIGTERM."""
        self.ours.close()


def main() -> int:
    """Measure and print; 1 if an aim is missed."""
    options = _options()
    from supervisor.embedded import EmbeddedPostgres
    from supervisor.schema import migrate

    folder = Path(tempfile.mkdtemp(prefix="sw-kill-")).resolve()
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "db") as server:
            url = server.start()
            migrate(url)
            return _measure(url, folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--patience-s", type=float, default=10, help="from then on a job counts as never ended")
    parser.add_argument("--rival-s", type=float, default=60, help="no new round of a rival after that, for each job")
    parser.add_argument("--rivals", default=",".join(RIVALS), help="which of them")
    parser.add_argument("--ours-only", action="store_true", help="leave the rivals out")
    return parser.parse_args()


def _measure(url: str, folder: Path, options: argparse.Namespace) -> int:
    print(f"limit {LIMIT_S:g} s; {os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()}")
    heads = f"{'rounds':>6} {'median':>8} {'worst':>8} {'never':>6}"
    print(f"{'ms after the deadline':24} {'job':58} {heads}")
    ours = OurLimit(url, folder)
    try:
        deaths = [_rounds(ours, kind, folder, options, None) for kind in KINDS]
        silences = [_silence(ours, what, folder, options.rounds) for what in ("stalled", "stale")]
    finally:
        ours.close()
    for name in [] if options.ours_only else options.rivals.split(","):
        if name in ABSENT:
            print(f"{name:24} not installed")
            continue
        rival = Rival(name)
        try:
            for kind in KINDS:
                _rounds(rival, kind, folder, options, options.rival_s)
        finally:
            rival.close()
    print(f"load at the end {os.getloadavg()}")
    kept = all(_is_within(late, AIM_MEDIAN_MS, AIM_WORST_MS) for late in deaths)
    kept &= all(_is_within(late, AIM_SILENCE_MS, AIM_SILENCE_MS) for late in silences)
    print(
        "aims reached" if kept else f"aims MISSED: {AIM_MEDIAN_MS:g}, {AIM_WORST_MS:g}, silence {AIM_SILENCE_MS:g} ms"
    )
    return int(not kept)


def _is_within(late: list[float | None], median: float, worst: float) -> bool:
    known = [each * 1000 for each in late if each is not None]
    return len(known) == len(late) and statistics.median(known) <= median and max(known) <= worst


def _rounds(
    contender: Contender, kind: str, folder: Path, options: argparse.Namespace, most_s: float | None
) -> list[float | None]:
    """Seconds from deadline to gone, one for each round; None: never."""
    notes = folder / f"{contender.name.replace(' ', '-')}-{kind}"
    late: list[float | None] = []
    began = time.monotonic()
    while len(late) < options.rounds and not (late and most_s and time.monotonic() - began > most_s):
        contender.start(kind, notes)
        with _prey(notes) as prey:
            deadline = contender.deadline(prey.begun)
            gone = prey.wait(deadline + options.patience_s)
            late.append(None if gone is None else gone - deadline)
        if late[-1] is not None or most_s is None:
            contender.rest()
    _print(contender.name, KINDS[kind], late)
    return late


@contextlib.contextmanager
def _prey(notes: Path) -> Iterator[Prey]:
    """The job that notes itself there; what is left of it afterwards is killed."""
    until = time.monotonic() + BEGINS_S
    while not notes.exists():
        if time.monotonic() > until:
            raise TimeoutError(f"the job has not begun within {BEGINS_S:.0f} s")
        time.sleep(0.002)
    begun, *pids = notes.read_text("ascii").split()
    notes.unlink()
    handles = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            handles.append(os.pidfd_open(int(pid)))
    try:
        yield Prey(begun=float(begun), pids=[int(pid) for pid in pids], handles=handles)
    finally:
        for handle in handles:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)


def _silence(ours: OurLimit, what: str, folder: Path, rounds: int) -> list[float | None]:
    """Seconds from the limit of a run without progress, or without heartbeat, to its end; None: never."""
    notes = folder / what
    limit_s = STALL_S if what == "stalled" else STALE_S
    late: list[float | None] = []
    for _ in range(rounds):
        ours.run(what, "deaf", notes, timeout_s=60, stall_s=STALL_S if what == "stalled" else 60)
        with _prey(notes) as prey:
            if what == "stale":
                signal.pidfd_send_signal(prey.handles[0], signal.SIGSTOP)
            gone = prey.wait(clock() + limit_s + 10)
        ours.rest()
        deadline = ours.moment("progress_at" if what == "stalled" else "heartbeat_at") + limit_s
        late.append(None if gone is None else gone - deadline)
    _print(ours.name, f"{what}: its heart beats, nothing moves" if what == "stalled" else f"{what}: stopped", late)
    return late


def _print(name: str, job: str, late: list[float | None]) -> None:
    known = [each * 1000 for each in late if each is not None]
    figures = f"{statistics.median(known):8.1f} {max(known):8.1f}" if known else f"{'-':>8} {'-':>8}"
    print(f"{name:24} {job:58} {len(late):6} {figures} {len(late) - len(known):6}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
