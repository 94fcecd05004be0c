"""Exports of very many jobs: rows a second and peak memory of each format, beside plain COPY.

`python benchmarks/export.py [--jobs 10000,500000] [--url URL] [--json FILE]`: an embedded server with the settings of
the product, jobs of about 2.6 kB. The floor is what the server and one loop can do: COPY through psql where there is a
psql, and COPY through psycopg, both to a file. Memory is the kernel's own mark of the highest (VmHWM).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

SCRIPT = Path(sys.executable).with_name("supervisor")
LOOK_S = 0.02
FORMATS = ("csv", "jsonl", "parquet", "csv.gz")
_QUERY = "select * from jobs_view order by id desc limit {count}"
_COPY = """
import sys, psycopg
with psycopg.connect(sys.argv[1]) as c, open(sys.argv[3], "wb") as file:
    with c.cursor().copy(f"copy ({sys.argv[2]}) to stdout csv header") as copy:
        for part in copy:
            file.write(part)
"""


def main() -> int:
    """Measure each number of jobs in the same database, print, judge: memory must not grow with them."""
    options = _options()
    counts = [int(count) for count in options.jobs.split(",")]
    print(f"machine: {os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()}")
    folder = Path(tempfile.mkdtemp(prefix="sw-bench-")).resolve()
    folder.chmod(0o711)
    try:
        found = _measure_all(folder, options.url, counts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), "utf-8")
    return int(max(_growth(found, form, counts) for form in FORMATS) > 60)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", default="10000,500000", help="how many to export, one number after the other")
    parser.add_argument("--url", help="a database that holds that many already, instead of one made for it")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


def _measure_all(folder: Path, url: str | None, counts: list[int]) -> list[dict[str, Any]]:
    if url:
        return _of_each(folder, url, counts)
    from benchmarks.job_rows import write_jobs
    from supervisor.embedded import EmbeddedPostgres
    from supervisor.schema import migrate
    from workers.database import connect

    with EmbeddedPostgres(folder / "db") as server:
        made = server.start()
        migrate(made)
        with connect(made, answer_s=None) as connection:
            write_jobs(connection, max(counts))
        return _of_each(folder, made, counts)


def _of_each(folder: Path, url: str, counts: list[int]) -> list[dict[str, Any]]:
    print(f"{'':14} {'jobs':>8} {'s':>7} {'jobs/s':>8} {'peak MB':>8} {'file MB':>8}")
    return [
        _measure(name, argv, count, folder / f"out.{name.split()[-1]}", url)
        for count in counts
        for name, argv in _commands(url, count, folder).items()
    ]


def _commands(url: str, count: int, folder: Path) -> dict[str, list[str]]:
    query = _QUERY.format(count=count)
    found = {"psycopg copy": [sys.executable, "-c", _COPY, url, query, str(folder / "out.copy")]}
    if psql := shutil.which("psql"):
        found["psql copy"] = [psql, "-qX", url, "-c", f"\\copy ({query}) to '{folder / 'out.copy'}' csv header"]
    for form in FORMATS:
        found[form] = [str(SCRIPT), "jobs", "export", "--limit", str(count), "-o", str(folder / f"out.{form}")]
    return found


def _measure(name: str, argv: list[str], count: int, path: Path, url: str) -> dict[str, Any]:
    began = time.monotonic()
    peak_kb = 0
    with subprocess.Popen(argv, env={**os.environ, "DATABASE_URL": url}, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak_kb = max(peak_kb, _peak_kb(process.pid))
            time.sleep(LOOK_S)
    seconds = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    figures = {
        "name": name,
        "jobs": count,
        "seconds": round(seconds, 2),
        "jobs_per_s": round(count / seconds),
        "peak_mb": round(peak_kb / 1024, 1),
        "file_mb": round(path.stat().st_size / 1e6, 1),
    }
    path.unlink()
    shown = f"{count:>8} {seconds:>7.1f} {count / seconds:>8.0f} {peak_kb / 1024:>8.1f}"
    print(f"{name:14} {shown} {figures['file_mb']:>8.1f}", flush=True)
    return figures


def _peak_kb(pid: int) -> int:
    """The most memory the process has held; of an interpreter that has just ended nothing is left to read."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _growth(found: list[dict[str, Any]], form: str, counts: list[int]) -> float:
    """MB more for the most jobs than for the fewest."""
    peaks = {row["jobs"]: row["peak_mb"] for row in found if row["name"] == form}
    return float(peaks[max(counts)] - peaks[min(counts)])


if __name__ == "__main__":
    sys.exit(main())
