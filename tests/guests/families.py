"""Guests with children of all kinds, who write down their pids and starts in the folder `pids`. `families:function`."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hostile import hold  # type: ignore[import-not-found]  # found on `[scrapers] path`

from workers import Page, Posting, Scrape
from workers.processes import start_ticks

_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_SLEEPS = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]


def _note(scrape: Scrape, pid: int) -> None:
    Path(scrape.params["pids"], f"{pid} {start_ticks(pid)}").touch()


def _fork(scrape: Scrape, *, daemon: bool = False) -> None:
    """A copy of this process that sleeps: in a session of its own, and with no living parent."""
    if (child := os.fork()) == 0:
        if daemon:
            os.setsid()
            if (grandchild := os.fork()) != 0:
                # Written down while it still has a parent: an orphan that hides may be ended before its first word.
                _note(scrape, grandchild)
                os._exit(0)
            hold()
        _note(scrape, os.getpid())
        hold()
    if daemon:
        os.waitpid(child, 0)


def _family(scrape: Scrape) -> None:
    _fork(scrape)
    _fork(scrape, daemon=True)
    _note(scrape, subprocess.Popen(_SLEEPS).pid)
    _note(scrape, subprocess.Popen(_SLEEPS, start_new_session=True, env={}).pid)


def _wait_for_notes(scrape: Scrape, count: int) -> None:
    while len(list(Path(scrape.params["pids"]).iterdir())) < count:
        time.sleep(0.01)


def leaves_behind(scrape: Scrape) -> Iterator[Page]:
    """A plain child, a session of its own with an empty environment, a daemon; then ends in some way."""
    _family(scrape)
    _wait_for_notes(scrape, 4)
    yield Page()
    match scrape.params.get("then"):
        case "hold":
            hold()
        case "exit":
            os._exit(3)
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            hold()


def hides(scrape: Scrape) -> Iterator[Page]:
    """The same, unreadable: nobody may look into the memory or the environment of any of them."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    yield from leaves_behind(scrape)


def bomb(scrape: Scrape) -> Iterator[Page]:
    """Every process forks twice, `depth` times over; half of them are daemons."""
    yield Page()
    for level in range(scrape.params["depth"]):
        for _ in range(2):
            if os.fork() == 0:
                if level % 2:
                    os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                break
    _note(scrape, os.getpid())
    hold()


def forks_back(scrape: Scrape) -> Iterator[Page]:
    """A copy of the scrape comes back out of the scraper: it yields, raises or leaves where it should not be."""
    yield Page(postings=[Posting(url="http://board.test/1", title="One")])
    if (child := os.fork()) == 0:
        _note(scrape, os.getpid())
        match scrape.params["then"]:
            case "exit":
                sys.exit(0)
            case "raise":
                message = "in the copy"
                raise ValueError(message)
            case "return":
                return
        yield Page(postings=[Posting(url="http://board.test/copy", title="Copy")])
        hold()
    os.waitpid(child, 0)
    yield Page(postings=[Posting(url="http://board.test/2", title="Two")])


def swaps(scrape: Scrape) -> Iterator[Page]:
    """Leaves at once, and a copy of it would like to go on in its place."""
    yield Page()
    if os.fork():
        _wait_for_notes(scrape, 1)
        os._exit(0)
    _note(scrape, os.getpid())
    os.setsid()
    while True:
        time.sleep(0.05)
        yield Page(postings=[Posting(url="http://board.test/ghost", title="Ghost")])
