"""The source article's pattern under the memory storm: `python -m benchmarks.storm_article SECONDS NOTES`.

A thread for each node, and in it the article's own lines: the host's memory asked of psutil before the scrape, an
executor in a `with` block, `result(timeout)`, `cancel()`. The article has a process for each node between the two;
leaving that out spares this contender some 30 MB a node.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent / "guests"))

from benchmarks.storm_nodes import NODES, Node

TIMEOUT_S = 60.0
TIGHT_MB = 200.0  # less than this on the host: wait


def scrape(load: str) -> int:
    """One whole scrape in a fresh process; its pages."""
    import lxml.html  # noqa: F401 - what a scrape needs to fetch and to read
    import requests  # noqa: F401 - the same
    from storm import loads  # type: ignore[import-not-found] # a guest, found on its folder

    return sum(1 for _ in loads[load](1))


def run_once(node: Node) -> str:
    """The article's lines; returns what became of it."""
    while psutil.virtual_memory().available < TIGHT_MB * 2**20:
        time.sleep(1)
    with ProcessPoolExecutor(max_workers=1, max_tasks_per_child=1) as executor:
        future = executor.submit(scrape, node.load)
        try:
            future.result(timeout=TIMEOUT_S)
        except TimeoutError:
            future.cancel()
            return "timeout"
        except BrokenProcessPool:
            return "killed"
    return "done"


def keep_running(node: Node, until: float, notes: int) -> None:
    """The node's ticks, one after the other; those that fell due meanwhile are lost."""
    began = time.monotonic()
    tick = 0
    while time.monotonic() < until:
        outcome = run_once(node)
        os.write(notes, (json.dumps({"node": node.name, "load": node.load, "outcome": outcome}) + "\n").encode())
        tick = max(tick + 1, int((time.monotonic() - began) / node.every_s))
        time.sleep(max(0.0, min(began + tick * node.every_s, until) - time.monotonic()))


def main() -> None:
    """Run all nodes until the time is over."""
    until = time.monotonic() + float(sys.argv[1])
    notes = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    threads = [threading.Thread(target=keep_running, args=(node, until, notes)) for node in NODES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
