"""How quick a launch is, what a scrape and the supervisor weigh, and how soon a stop request acts.

`python benchmarks/launch.py [--rounds 30] [--idle-s 60] [--json FILE]`: everything on an embedded server of its own
with the settings of the product. Contenders are interleaved, so that whatever else the machine does hits all of them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

QUIET_S = 0.05  # between two launches: what the last one leaves behind is not the next one's
WARM_UP = 3
OURS = "scrapewarden"
BUSY = "scrapewarden beside a running scrape"


def main() -> None:
    """Measure and print."""
    options = _options()
    from supervisor.embedded import EmbeddedPostgres
    from supervisor.schema import migrate

    folder = Path(tempfile.mkdtemp(prefix="sw-bench-")).resolve()
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "db") as server:
            url = server.start()
            migrate(url)
            figures = _measure(url, folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30, help="launches of each contender, and stop requests")
    parser.add_argument("--idle-s", type=float, default=60, help="how long the idle supervisor is watched")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--parts", default="launch,memory,stop,idle", help="which of these to measure")
    parser.add_argument("--ours-only", action="store_true", help="leave the rivals out")
    return parser.parse_args()


def _measure(url: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    parts = options.parts.split(",")
    version = sys.version.split()[0]
    print(f"machine: {os.cpu_count()} cores, {sys.implementation.name} {version}, load {os.getloadavg()}")
    figures: dict[str, Any] = {}
    if "launch" in parts:
        figures["launch"] = _launches(url, folder, options)
    if "memory" in parts:
        figures["memory"] = _memory(url, folder)
    if "stop" in parts:
        figures["stop"] = _stops(url, folder, options.rounds)
    if "idle" in parts:
        figures["idle"] = _idle(url, folder, options.idle_s)
    print(f"load at the end {os.getloadavg()}")
    return figures


def _launches(url: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.contenders import Launch, Ours, Rival
    from benchmarks.rival_job import TABLES
    from benchmarks.rivals import HOSTS

    with contextlib.ExitStack() as hosts:
        ours, busy = Ours(OURS, url, folder), Ours(BUSY, _second_database(url), folder)
        for host in (ours, busy):
            hosts.callback(host.close)
            host.add("launch", "probe:launch")
        busy.add("beside", "probe:waits", run_requested=True)
        busy.wait_for_note("first")
        ours.database.execute(TABLES.encode())
        contenders: list[Ours | Rival] = [ours, busy]
        for name in [] if options.ours_only else HOSTS:
            contenders.append(Rival(name, url))
            hosts.callback(contenders[-1].close)
        times: dict[str, list[Launch]] = {contender.name: [] for contender in contenders}
        for round_no in range(-WARM_UP, options.rounds):
            turn = round_no % len(contenders)
            for contender in contenders[turn:] + contenders[:turn]:
                launch = contender.launch()
                if round_no >= 0:
                    times[contender.name].append(launch)
                time.sleep(QUIET_S)
    medians = {name: _medians([asdict(launch) for launch in launches]) for name, launches in times.items()}
    _print_launches(medians)
    return medians


def _second_database(url: str) -> str:
    """Two supervisors on one database would take each other's nodes."""
    from urllib.parse import urlsplit

    from supervisor.schema import migrate
    from workers.database import connect

    with connect(url) as connection:
        connection.execute("create database busy")
    second = urlsplit(url)._replace(path="/busy").geturl()
    migrate(second)
    return second


def _medians(rows: list[dict[str, float]]) -> dict[str, float]:
    medians = {key: statistics.median(row[key] for row in rows) * 1000 for key in rows[0]}
    return {**medians, "first_best_tenth": sorted(row["first"] for row in rows)[len(rows) // 10] * 1000}


def _print_launches(medians: dict[str, dict[str, float]]) -> None:
    heads = ("first line", "best tenth", "recorded", "slot free", "ratio")
    print(f"\n{'median in ms since due':38} " + " ".join(f"{head:>10}" for head in heads))
    for name, row in medians.items():
        figures = [row[key] for key in ("first", "first_best_tenth", "recorded", "free")]
        figures.append(row["first"] / medians[OURS]["first"])
        print(f"{name:38} " + " ".join(f"{figure:10.1f}" for figure in figures))
    if not any(name.startswith("RQ") for name in medians):
        print(f"{'RQ':38} not installed (rq and redis-server)")


def _memory(url: str, folder: Path, count: int = 10) -> dict[str, float]:
    """`count` scrapes that wait, with the template they were forked from."""
    from benchmarks.contenders import Ours, wait_for
    from benchmarks.weights import weigh
    from supervisor.processes import children_of

    ours = Ours("memory", url, folder)
    try:
        for number in range(count):
            ours.add(f"waits-{number}", "probe:waits", run_requested=True, memory_mb=64)

        def waiting() -> list[int] | None:
            text = ours.notes.read_text("ascii") if ours.notes.exists() else ""
            pids = [int(line.split()[2]) for line in text.splitlines()]
            return pids if len(pids) == count else None

        pids = wait_for(waiting, f"{count} waiting scrapes")
        time.sleep(1)  # heartbeat threads have started by then
        template = next(pid for pid in children_of(ours.pid) if pids[0] in children_of(pid))
        children = [weigh(pid) for pid in pids]
        figures = {
            "child_uss_mb": statistics.median(child.uss for child in children),
            "child_pss_mb": statistics.median(child.pss for child in children),
            "child_rss_mb": statistics.median(child.rss for child in children),
            "template_pss_mb": weigh(template).pss,
            "template_rss_mb": weigh(template).rss,
            "ten_and_template_pss_mb": sum(child.pss for child in children) + weigh(template).pss,
            "supervisor_rss_mb": weigh(ours.pid).rss,
        }
        ours.database.execute("update nodes set kill_requested = true where name like 'waits-%'")
    finally:
        ours.close()
    _print_figures("memory", figures)
    return figures


def _stops(url: str, folder: Path, rounds: int) -> dict[str, float]:
    """From sending the UPDATE to the signal's arrival in the scrape."""
    from benchmarks.contenders import Ours
    from benchmarks.rival_job import clock

    ours = Ours("stop", url, folder)
    delays = []
    try:
        ours.add("stop", "probe:waits")
        for _ in range(rounds):
            ours.forget()
            ours.database.execute("update nodes set stop_requested = false where name = 'stop'")
            ours.database.execute("update nodes set run_requested = true where name = 'stop'")
            ours.wait_for_note("first")
            time.sleep(random.uniform(0.2, 1.0))
            sent = clock()
            ours.database.execute("update nodes set stop_requested = true where name = 'stop'")
            delays.append((ours.wait_for_note("signal") - sent) * 1000)
            ours.wait_for_event("run_ended")
    finally:
        ours.close()
    ranks = sorted(delays)
    figures = {"p50_ms": statistics.median(ranks), "p95_ms": ranks[min(len(ranks) - 1, round(0.95 * len(ranks)))]}
    _print_figures("stop_requested sent → signal received", figures)
    return figures


def _idle(url: str, folder: Path, seconds: float, count: int = 100) -> dict[str, float]:
    """A supervisor with nothing to do, and beside it what psycopg's notifies() would use alone."""
    from benchmarks.contenders import Ours
    from benchmarks.listener import Listener
    from benchmarks.weights import cpu_s, weigh
    from supervisor.processes import children_of

    ours = Ours("idle", url, folder)
    try:
        for number in range(count):
            ours.add(f"idle-{number}", "probe:launch", schedule="0 0 1 1 *")
        listener = Listener(url)
        time.sleep(3)  # all nodes have their next tick by then
        pids = [ours.pid, *children_of(ours.pid)]
        before = [cpu_s(pid) for pid in pids]
        listening = cpu_s(listener.pid)
        time.sleep(seconds)
        after = [cpu_s(pid) for pid in pids]
        figures = {
            "supervisor_rss_mb": weigh(ours.pid).rss,
            "supervisor_pss_mb": weigh(ours.pid).pss,
            "cpu_s_per_minute": (after[0] - before[0]) * 60 / seconds,
            "helpers_cpu_s_per_minute": (sum(after[1:]) - sum(before[1:])) * 60 / seconds,
            "notifies_generator_cpu_s_per_minute": (cpu_s(listener.pid) - listening) * 60 / seconds,
        }
        listener.close()
    finally:
        ours.close()
    _print_figures(f"supervisor with {count} idle nodes", figures)
    return figures


def _print_figures(title: str, figures: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, value in figures.items():
        print(f"  {name:40} {value:8.2f}")


if __name__ == "__main__":
    main()
