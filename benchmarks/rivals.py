"""Other ways to start a scrape in a process of its own, each in a host process: `python -m benchmarks.rivals NAME URL`.

The host answers each line on stdin with one launch: JSON with the times due, first, recorded and free.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import multiprocessing
import multiprocessing.connection
import os
import pickle
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext

from benchmarks.rival_job import PRELOAD, Times, clock, load, work

LIMIT_S = 60.0
Launch = Callable[[str], Times]


def article(url: str) -> Times:
    """The source article's pattern, word for word: an executor in a `with` block for each scrape."""
    with ProcessPoolExecutor(max_workers=1, max_tasks_per_child=1) as executor:
        return executor.submit(work, url).result(timeout=LIMIT_S)


def pool(context: BaseContext) -> Launch:
    """The same with a start method of its own."""

    def launch(url: str) -> Times:
        with ProcessPoolExecutor(max_workers=1, mp_context=context, max_tasks_per_child=1) as executor:
            return executor.submit(work, url).result(timeout=LIMIT_S)

    return launch


def standard_forkserver() -> Launch:
    """The standard library's forkserver with the same libraries preloaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOAD, "benchmarks.rival_job"])
    return pool(context)


def bare_spawn() -> Launch:
    """A spawned process and a pipe, without an executor."""
    context = multiprocessing.get_context("spawn")

    def launch(url: str) -> Times:
        reader, writer = context.Pipe(duplex=False)
        process = context.Process(target=_send, args=(writer, url))
        process.start()
        writer.close()
        times: Times = reader.recv()
        process.join(LIMIT_S)
        reader.close()
        return times

    return launch


def _send(writer: multiprocessing.connection.Connection[Times, Times], url: str) -> None:
    writer.send(work(url))


def bare_fork() -> Launch:
    """The floor: this process, with everything loaded, forks and waits. No protection, no limits, no watching."""
    load()

    def launch(url: str) -> Times:
        reader, writer = os.pipe()
        if (pid := os.fork()) == 0:
            os.write(writer, pickle.dumps(work(url)))
            os._exit(0)
        os.close(writer)
        answer = os.read(reader, 65_536)
        os.close(reader)
        os.waitpid(pid, 0)
        times: Times = pickle.loads(answer)  # noqa: S301 - from our own child
        return times

    return launch


def rq_worker() -> Launch:
    """RQ with its usual worker, which forks a work horse for each job, on a Redis of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    redis_server = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    worker = [sys.executable, "-m", "rq.cli", "worker", "--quiet", "--url", f"redis://127.0.0.1:{port}/0"]
    for words in (redis_server, worker):
        process = subprocess.Popen(words, **quiet)  # type: ignore[call-overload]
        atexit.register(process.kill)
        time.sleep(2)
    connection = importlib.import_module("redis").Redis(port=port)
    jobs = importlib.import_module("rq").Queue(connection=connection)

    def launch(url: str) -> Times:
        job = jobs.enqueue(work, url)
        until = clock() + LIMIT_S
        while (answer := job.latest_result()) is None and clock() < until:
            time.sleep(0.001)
        times: Times = answer.return_value
        return times

    return launch


HOSTS: dict[str, Callable[[], Launch]] = {
    "bare fork of a loaded template": bare_fork,
    "standard forkserver, preloaded": standard_forkserver,
    "spawn": bare_spawn,
    "the article's pattern": lambda: article,
}
if importlib.util.find_spec("rq") is not None and shutil.which("redis-server"):
    HOSTS["RQ (a fork for each job)"] = rq_worker


def main() -> None:
    """Serve launches until stdin ends."""
    name, url = sys.argv[1:]
    launch = HOSTS[name]()
    for _ in sys.stdin:
        due = clock()
        first, recorded = launch(url)
        sys.stdout.write(json.dumps({"due": due, "first": first, "recorded": recorded, "free": clock()}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
