"""Other ways to bound a job's time, each in a host process: `python -m benchmarks.kill_rivals NAME LIMIT_S`.

The host starts one job for each line on stdin (`kind notes`); whether and when it ends is seen from outside.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ProcessPoolExecutor

from benchmarks.hangs import hang

Start = Callable[[str, str], None]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
STARTS_S = 30.0


def article(limit_s: float) -> Start:
    """The source article's pattern, each job in a program of its own: its `with` block waits for as long as that."""

    def start(kind: str, notes: str) -> None:
        _start_until_we_end([sys.executable, "-m", "benchmarks.kill_rivals", "one job", str(limit_s), kind, notes])

    return start


def article_once(limit_s: float, kind: str, notes: str) -> None:
    """An executor in a `with` block, a limit on its result, then cancel."""
    with ProcessPoolExecutor(max_workers=1, max_tasks_per_child=1) as executor:
        future = executor.submit(hang, kind, notes)
        try:
            future.result(timeout=limit_s)
        except futures.TimeoutError:
            future.cancel()


def pebble(limit_s: float) -> Start:
    """Pebble's pool of processes with a timeout for each task."""
    pool = importlib.import_module("pebble").ProcessPool(max_workers=1)

    def start(kind: str, notes: str) -> None:
        pool.schedule(hang, args=[kind, notes], timeout=limit_s)

    return start


def celery(limit_s: float) -> Start:
    """A prefork worker of Celery with a hard time limit for each task, on a Redis of its own."""
    url = _redis()
    os.environ["BENCHMARK_BROKER"] = url
    words = ["-A", "benchmarks.kill_celery", "worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "ERROR"]
    _start_until_we_end([sys.executable, "-m", "celery", *words])
    task = importlib.import_module("benchmarks.kill_celery").hang_task

    def start(kind: str, notes: str) -> None:
        task.apply_async((kind, notes), time_limit=limit_s)

    return start


def rq(limit_s: float) -> Start:
    """RQ's usual worker with a timeout for each job, on a Redis of its own."""
    url = _redis()
    _start_until_we_end([sys.executable, "-m", "rq.cli", "worker", "--quiet", "--url", url])
    jobs = importlib.import_module("rq").Queue(connection=importlib.import_module("redis").Redis.from_url(url))

    def start(kind: str, notes: str) -> None:
        jobs.enqueue(hang, kind, notes, job_timeout=int(limit_s))

    return start


def _redis() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    _start_until_we_end(words)
    until = time.monotonic() + STARTS_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return f"redis://127.0.0.1:{port}/0"
        time.sleep(0.05)
    raise TimeoutError("redis-server did not start")


def _start_until_we_end(words: list[str]) -> None:
    process = subprocess.Popen(words, start_new_session=True, **QUIET)  # type: ignore[call-overload]
    atexit.register(os.killpg, process.pid, signal.SIGKILL)


def _there(*modules: str, server: bool = False) -> bool:
    found = all(importlib.util.find_spec(name) is not None for name in modules)
    return found and (not server or shutil.which("redis-server") is not None)


RIVALS: dict[str, Callable[[float], Start]] = {
    "Pebble": pebble,
    "Celery": celery,
    "RQ": rq,
    "the article's pattern": article,
}
ABSENT = {
    name
    for name, present in {
        "Pebble": _there("pebble"),
        "Celery": _there("celery", "redis", server=True),
        "RQ": _there("rq", "redis", server=True),
    }.items()
    if not present
}


def main() -> None:
    """Start jobs until stdin ends."""
    if sys.argv[1] == "one job":
        article_once(float(sys.argv[2]), *sys.argv[3:])
        return
    start = RIVALS[sys.argv[1]](float(sys.argv[2]))
    # Not sys.stdin: who reads it holds its lock, and a worker that is forked meanwhile waits for that lock for ever.
    with open(os.dup(0), encoding="utf-8") as lines:  # noqa: PTH123 - a descriptor
        for line in lines:
            start(*line.split())
    os._exit(_end())


def _end() -> int:
    """Without waiting for jobs that never end."""
    atexit._run_exitfuncs()  # noqa: SLF001 - os._exit would skip the servers' ends
    return 0


if __name__ == "__main__":
    main()
