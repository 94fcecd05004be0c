"""Thousands of scrapes one after another, and what the supervisor holds meanwhile.

`python benchmarks/soak.py [SCRAPES]`: 5,000 unless told otherwise, on an embedded server of its own with the settings
of the product. Exit 1 if descriptors, threads, semaphores, children or memory grow after the first tenth.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

if TYPE_CHECKING:
    from benchmarks.contenders import Ours
    from tests.footprint import Footprint

NODES = 10  # a wave: as many as run at once by default
REST_S = 1.0  # without a change of what can be counted
GROWTH_MB = 8.0  # an allocator keeps a little of what it once had


def main() -> int:
    """Measure, print, judge."""
    from supervisor.embedded import EmbeddedPostgres
    from supervisor.schema import migrate

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scrapes", type=int, nargs="?", default=5_000)
    scrapes = max(parser.parse_args().scrapes // NODES, 2) * NODES
    folder = Path(tempfile.mkdtemp(prefix="sw-soak-")).resolve()
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "db") as server:
            url = server.start()
            migrate(url)
            return _soak(url, folder, scrapes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _soak(url: str, folder: Path, scrapes: int) -> int:
    from benchmarks.contenders import Ours

    print(f"{scrapes} scrapes, {NODES} at a time; {os.cpu_count()} cores, load {os.getloadavg()}")
    print(
        f"{'':12} {'descriptors':>12} {'threads':>8} {'semaphores':>11} {'children':>9} {'RSS MB':>8} {'scrapes/s':>10}"
    )
    ours = Ours("soak", url, folder)
    try:
        for number in range(NODES):
            ours.add(f"soak-{number}", "probe:once")
        _wave(ours, NODES)
        start = _report(ours, "start", None)
        began = time.monotonic()
        tenth = start
        for done in range(2 * NODES, scrapes + 1, NODES):
            _wave(ours, done)
            if done == max(2 * NODES, scrapes // 10 // NODES * NODES):
                tenth = _report(ours, "10 %", done / (time.monotonic() - began))
        end = _report(ours, "end", (scrapes - NODES) / (time.monotonic() - began))
        return _judge(ours, tenth, end, scrapes)
    finally:
        ours.close()


def _wave(ours: Ours, until: int) -> None:
    """All nodes once more; back when that many runs have ended since the beginning."""
    from benchmarks.contenders import wait_for

    ours.database.execute("update nodes set run_requested = true")

    def ended() -> bool | None:
        row = ours.database.execute("select count(*) as n from scrape_runs where finished_at is not null").fetchone()
        return True if row and row["n"] >= until else None

    wait_for(ended, f"{until} runs")
    ours.forget()


def _report(ours: Ours, when: str, pace: float | None) -> tuple[Footprint, int]:
    """What it holds at rest: the next process is made ready while nothing runs."""
    from supervisor.processes import children_of
    from tests.footprint import footprint_of

    steady_since, last = time.monotonic(), footprint_of(ours.pid)
    while time.monotonic() - steady_since < REST_S:
        time.sleep(0.02)
        now = footprint_of(ours.pid)
        if now.counts != last.counts:
            steady_since = time.monotonic()
        last = now
    children = len(children_of(ours.pid))
    shown = f"{pace:10.1f}" if pace else f"{'':>10}"
    counts = f"{last.descriptors:12} {last.threads:8} {last.semaphores:11} {children:9}"
    print(f"{when:12} {counts} {last.rss_mb:8.1f} {shown}", flush=True)
    return last, children


def _judge(ours: Ours, before: tuple[Footprint, int], after: tuple[Footprint, int], scrapes: int) -> int:
    """0: nothing grew, and every scrape was done in a process of its own."""
    row = ours.database.execute(
        "select count(*) filter (where cause = 'done') as done, count(distinct (pid, start_ticks)) as processes "
        "from scrape_runs"
    ).fetchone()
    print(f"done {row and row['done']}, processes {row and row['processes']}; load at the end {os.getloadavg()}")
    (then, children_then), (now, children_now) = before, after
    grown = [
        name
        for name, was, is_now in (
            ("descriptors", then.descriptors, now.descriptors),
            ("threads", then.threads, now.threads),
            ("semaphores", then.semaphores, now.semaphores),
            ("children", children_then, children_now),
            ("memory", then.rss_mb + GROWTH_MB, now.rss_mb),
        )
        if is_now > was
    ]
    if grown or row != {"done": scrapes, "processes": scrapes}:
        print(f"FAILED: grown: {', '.join(grown) or 'nothing'}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
