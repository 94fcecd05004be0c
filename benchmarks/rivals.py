"""Other ways to start a scrape in a process of its own, each in a host process: `python -m benchmarks.rivals NAME URL`.

The host answers each line on stdin with one launch: JSON with the times due, first, recorded and free.
"""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.connection
import os
import pickle
import sys
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


HOSTS: dict[str, Callable[[], Launch]] = {
    "bare fork of a loaded template": bare_fork,
    "standard forkserver, preloaded": standard_forkserver,
    "spawn": bare_spawn,
    "the article's pattern": lambda: article,
}


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
