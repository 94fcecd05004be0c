"""Six nodes of 150 MB, a leaker and a burster under a limit of 512 MB: Scrapewarden, and the source article's pattern.

`python benchmarks/memory_storm.py [--seconds 600] [--limit-mb 512] [--parts ours,article] [--json FILE]`

Needs root and the memory hierarchy of cgroup v1. Each contender runs in a fresh group with that limit, the database
outside; what a container engine would do is done here: when the kernel kills the contender itself, everything in the
group ends and it is started again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.limited import Group, Limited
from benchmarks.storm_nodes import NODES, ticks

ROOT = Path(__file__).parents[1]
GRACE_S = 40.0  # after the time is over, for scrapes that still run
SAMPLE_S = 0.5
FLAGS = {"scrapers.allow": ["storm"], "scrapers.path": [str(ROOT / "benchmarks" / "guests")]}
INSERT = (
    "insert into nodes (name, scraper, params, schedule, memory_mb)"
    " values (%(name)s, %(scraper)s, %(params)s, %(schedule)s, %(memory_mb)s)"
)
LINES = {
    "healthy_due": "ticks of healthy nodes due",
    "healthy_done": "of these finished",
    "healthy_killed": "scrapes of healthy nodes that were killed",
    "leaker_done": "ticks of the leaker finished",
    "burster_done": "ticks of the burster finished (none can)",
    "oom_kills": "kills by the kernel",
    "restarts": "kills of the supervisor itself",
    "alive": "supervisor alive at the end",
    "wall_s": "seconds until all was quiet",
    "peak_mb": "highest use of the group, file cache left out, MB",
}


def main() -> None:
    """Measure and print."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="sw-storm-")).resolve()
    folder.chmod(0o711)
    contenders = {"ours": _ours, "article": _article}
    try:
        figures = {part: contenders[part](folder, options) for part in options.parts.split(",")}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _print(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600, help="how long the storm lasts")
    parser.add_argument("--limit-mb", type=int, default=512, help="memory limit of the group")
    parser.add_argument("--parts", default="ours,article", help="which contenders")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


def _ours(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """A supervisor in the group, its Postgres outside."""
    from supervisor.embedded import EmbeddedPostgres
    from supervisor.schema import migrate
    from workers.database import connect

    with EmbeddedPostgres(folder / "db") as server, Group("ours", options.limit_mb) as group:
        url = server.start()
        migrate(url)
        words = [sys.executable, "-m", "benchmarks.host", url, json.dumps(FLAGS)]
        with connect(url) as database, Limited(group, words, cwd=ROOT, log=folder / "ours.log") as host:
            for node in NODES:
                database.execute(INSERT, node.row | {"params": Jsonb(node.row["params"])})
            host.watch(options.seconds - 1, SAMPLE_S)
            database.execute("update nodes set enabled = false")
            open_runs = "select from scrape_runs where finished_at is null"
            host.watch(GRACE_S, SAMPLE_S, until=lambda: not database.execute(open_runs).rowcount)
            figures = host.figures()
            host.process.send_signal(signal.SIGTERM)
            host.process.wait(GRACE_S)
            return figures | _count_ours(database, options.seconds)


def _count_ours(database: Any, seconds: float) -> dict[str, Any]:
    rows = database.execute(
        "select regexp_replace(source, '-.*', '') as load, cause, count(distinct (source, tick))::int as n,"
        " count(*)::int as runs from scrape_runs group by 1, 2"
    ).fetchall()
    count = {(row["load"], row["cause"]): row["n"] for row in rows}
    killed = ("memory", "oom", "killed", "crashed", "timeout", "lost")
    return {
        "healthy_due": ticks("healthy", seconds),
        "healthy_done": count.get(("healthy", "done"), 0),
        "healthy_killed": sum(row["runs"] for row in rows if row["load"] == "healthy" and row["cause"] in killed),
        "leaker_done": count.get(("leaker", "done"), 0),
        "burster_done": count.get(("burster", "done"), 0),
        "causes": {f"{row['load']} {row['cause']}": row["runs"] for row in rows},
    }


def _article(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The article's pattern in the group."""
    notes = folder / "article.notes"
    notes.touch()
    words = [sys.executable, "-m", "benchmarks.storm_article", str(options.seconds - 1), str(notes)]
    group = Group("article", options.limit_mb)
    with group, Limited(group, words, cwd=ROOT, log=folder / "article.log") as host:
        host.watch(options.seconds - 1 + GRACE_S, SAMPLE_S, until=lambda: host.process.poll() == 0)
        figures = host.figures(ended_well=host.process.poll() == 0)
    rows = [json.loads(line) for line in notes.read_text("utf-8").splitlines()]
    count: dict[str, int] = {}
    for row in rows:
        key = f"{row['load']} {row['outcome']}"
        count[key] = count.get(key, 0) + 1
    return figures | {
        "healthy_due": ticks("healthy", options.seconds),
        "healthy_done": count.get("healthy done", 0),
        "healthy_killed": count.get("healthy killed", 0),
        "leaker_done": count.get("leaks done", 0),
        "burster_done": count.get("bursts done", 0),
        "causes": count,
    }


def _print(figures: dict[str, dict[str, Any]]) -> None:
    print(
        f"machine: {os.cpu_count()} cores, {sys.implementation.name} {sys.version.split()[0]}, load {os.getloadavg()}"
    )
    print(f"\n{'':52}" + "".join(f"{part:>10}" for part in figures))
    for key, line in LINES.items():
        print(f"{line:52}" + "".join(f"{_shown(row[key]):>10}" for row in figures.values()))
    for part, row in figures.items():
        print(f"{part}: {row['causes']}")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.0f}"


if __name__ == "__main__":
    main()
