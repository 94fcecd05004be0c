"""Hundreds of nodes every minute on one supervisor: how late they start, and what that costs.

`python benchmarks/scheduler.py [--nodes 300,1000] [--minutes 2] [--json FILE]`: an embedded server with the settings of
the product, plus pg_stat_statements, which counts. Each run fetches one page from this machine, works for 50 ms and
stores one posting; the ticks are spread evenly, 300 nodes are 5 launches a second.
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

if TYPE_CHECKING:
    from benchmarks.contenders import Ours

PERIOD_S = 60.0
WARM_UP_S = 15.0  # budgets are learned from the fifth run on, but nothing here is short of memory
COUNTING = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": "2000"}


def main() -> int:
    """Measure each load on a server of its own, print, judge the first."""
    options = _options()
    print(f"machine: {os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()}")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Board) as board:
        threading.Thread(target=board.serve_forever, daemon=True).start()
        loads = [_load(int(count), options.minutes, board.server_port) for count in options.nodes.split(",")]
        board.shutdown()
    if options.json:
        options.json.write_text(json.dumps(loads, indent=1), "utf-8")
    first = loads[0]
    return int(first["lag_p95_s"] > 1 or first["statements_per_run"] > 12)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nodes", default="300,1000", help="loads to measure, in nodes that run every minute")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long each is measured")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


class _Board(http.server.BaseHTTPRequestHandler):
    """One page for everybody, and no robots.txt."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"<title>Jobs</title>"
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing: this is a measurement."""


def _load(count: int, minutes: float, port: int) -> dict[str, Any]:
    from benchmarks.contenders import Ours
    from supervisor.embedded import EmbeddedPostgres
    from supervisor.schema import migrate

    folder = Path(tempfile.mkdtemp(prefix="sw-bench-")).resolve()
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "db", settings=COUNTING) as server:
            url = server.start()
            migrate(url)
            ours = Ours("scheduler", url, folder)
            try:
                return _watch(ours, count, minutes, port)
            finally:
                ours.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _watch(ours: Ours, count: int, minutes: float, port: int) -> dict[str, Any]:
    import psutil

    database = ours.database
    database.execute("create extension pg_stat_statements")
    database.execute("set pg_stat_statements.track = 'none'")  # of this connection: it only looks
    database.execute(
        "insert into nodes (name, scraper, params, schedule, created_at) "
        "select format('n%%s', i), 'probe:fetches', jsonb_build_object('url', format('http://127.0.0.1:%%s/%%s', "
        "%(port)s::int, i)), 'every 1m', clock_timestamp() + make_interval(secs => 2 + i * %(step)s) "
        "from generate_series(0, %(count)s - 1) i",
        {"port": port, "count": count, "step": PERIOD_S / count},
    )
    time.sleep(WARM_UP_S)
    process = psutil.Process(ours.pid)
    database.execute("select pg_stat_statements_reset()")
    began_at, began, cpu = time.time(), time.monotonic(), _cpu_s(process)
    time.sleep(minutes * 60)
    passed_s = time.monotonic() - began
    cpu_s = _cpu_s(process) - cpu
    statements = database.execute("select query, calls from pg_stat_statements order by calls desc").fetchall()
    ended = time.time()
    time.sleep(3)  # the last of them come to their end
    figures = _figures(database, began_at, ended)
    calls = sum(row["calls"] for row in statements)
    figures |= {
        "nodes": count,
        "seconds": round(passed_s, 1),
        "launches_per_s": round(figures["runs"] / passed_s, 2),
        "statements_per_run": round(calls / max(1, figures["runs"]), 2),
        "supervisor_cpu_percent": round(100 * cpu_s / passed_s, 1),
        "supervisor_rss_mb": round(process.memory_info().rss / 2**20, 1),
        "statements": {" ".join(row["query"].split())[:150]: row["calls"] for row in statements[:24]},
    }
    _print(figures)
    return figures


def _cpu_s(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _figures(database: Any, began: float, ended: float) -> dict[str, Any]:
    """Of the ticks that fell due within these times (epoch seconds): how late their runs were claimed and up."""
    rows = database.execute(
        "select r.status, r.cause, extract(epoch from r.started_at - r.tick)::float8 as claimed_s, "
        "extract(epoch from p.at - r.tick)::float8 as page_s, "
        "extract(epoch from r.finished_at - r.started_at)::float8 as took_s "
        "from scrape_runs r left join run_pages p on p.run_id = r.id "
        "where r.tick between to_timestamp(%s) and to_timestamp(%s)",
        (began, ended),
    ).fetchall()
    done = [row for row in rows if row["cause"] == "done"]
    lags = sorted(row["claimed_s"] for row in rows if row["status"] != "skipped") or [float("inf")]
    pages = sorted(row["page_s"] for row in done if row["page_s"] is not None) or [float("inf")]
    others: dict[str, int] = {}
    for row in rows:
        if row["cause"] != "done":
            others[str(row["cause"] or row["status"])] = others.get(str(row["cause"] or row["status"]), 0) + 1
    return {
        "runs": len(done),
        "not_done": others,
        "lag_p50_s": round(statistics.median(lags), 4),
        "lag_p95_s": round(lags[int(len(lags) * 0.95)], 4) if len(lags) > 1 else lags[0],
        "lag_max_s": round(lags[-1], 4),
        "page_committed_p95_s": round(pages[int(len(pages) * 0.95)], 4) if len(pages) > 1 else pages[0],
        "took_p50_s": round(statistics.median([row["took_s"] for row in done] or [0.0]), 4),
    }


def _print(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        if name != "statements":
            print(f"  {name:24} {value}")
    for query, calls in figures["statements"].items():
        print(f"  {calls:8} {query}")
    print(f"load at the end {os.getloadavg()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
