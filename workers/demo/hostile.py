"""Scrapers for `supervisor doctor` and `supervisor chaos`: they need no network, and each has one vice.

Params of those that list pages: `board` (keeps their postings apart), `pages`, `pause_s` before each page, `family`
(whether they leave grandchildren behind), `alone` (a file that only one process at a time may hold).
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workers.demo.scrapers import OUTLIVES_S, sleep_for_ever
from workers.processes import start_ticks
from workers.records import Page, Posting

if TYPE_CHECKING:
    from workers.scrape import Scrape

POSTINGS = 5  # a page
MEGABYTE = 1024 * 1024
MEMORY_PAGE = 4096  # bytes
_kept: list[bytes] = []
_held: list[int] = []


def steady(scrape: Scrape) -> Iterator[Page]:
    """Pages with a checkpoint after each; goes on where the last process stopped."""
    params = scrape.params
    insist_on_being_alone(params.get("alone"))
    family = leave_family() if params.get("family") else []
    total = params.get("pages", 3)
    for number in range((scrape.checkpoint or {}).get("page", 1), total + 1):
        time.sleep(params.get("pause_s", 0))
        checkpoint = {"page": number + 1, "family": family}
        yield Page(url=_address(scrape, number), postings=_postings(scrape, number), checkpoint=checkpoint, done=number)


def leaks(scrape: Scrape) -> Iterator[Page]:
    """The same, but it keeps `leak_mb` MB (8) at each page for ever."""
    for page in steady(scrape):
        # Repetition writes every byte; a zeroed bytearray would be address space that nobody has touched.
        _kept.append(b"\x01" * (scrape.params.get("leak_mb", 8) * MEGABYTE))
        yield page


def hangs(scrape: Scrape) -> Iterator[Page]:
    """Ignores SIGTERM and the soft stop, leaves grandchildren, tells who they are, and holds the GIL for ever."""
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    yield Page(checkpoint={"family": leave_family()})
    if scrape.params.get("asleep"):
        sleep_for_ever()
    re.match(r"(a+)+$", "a" * 64 + "!")


def swells(scrape: Scrape) -> Iterator[Page]:
    """Takes `swell_mb` MB (300) at one go and keeps them."""
    yield Page(checkpoint={"page": 1})
    block = bytearray(scrape.params.get("swell_mb", 300) * MEGABYTE)
    for offset in range(0, len(block), MEMORY_PAGE):
        block[offset] = 1
    sleep_for_ever()


def reserves(scrape: Scrape) -> Iterator[Page]:
    """Asks for `reserve_mb` MB (2048) of memory without touching it; a second page says that it got them."""
    yield Page(checkpoint={"page": 1})
    block = bytearray(scrape.params.get("reserve_mb", 2048) * MEGABYTE)
    yield Page(checkpoint={"got_mb": len(block) // MEGABYTE})


def poison(_scrape: Scrape) -> Iterator[Page]:
    """One page, then an exception, each time."""
    yield Page(checkpoint={"page": 2})
    raise ValueError("this board is upside down")


def rubbish(scrape: Scrape) -> Iterator[Any]:
    """Yields what is no page, or a page that is hard to store, by `kind`: text, posting, odd, giant, line."""
    match scrape.params["kind"]:
        case "text":
            yield "no page"
        case "posting":
            yield Page(postings=["no posting"])  # type: ignore[list-item] # the point
        case "odd":
            text = "nul \0 and a lone \ud800 surrogate"
            posting = Posting(url=_address(scrape, 1), title=text, company=text, description=text)
            yield Page(postings=[posting], checkpoint={"text": text, "number": float("nan")}, stage=text)
        case "giant":
            yield Page(postings=[Posting(url=_address(scrape, 1), title="Giant", description="x" * 30_000_000)])
        case "line":
            sys.stdout.write("x" * 20_000_000)
            yield Page(postings=_postings(scrape, 1))


def insist_on_being_alone(path: str | None) -> None:
    """Hold a lock for as long as this process lives; whoever finds it held leaves a line beside it."""
    if path is None:
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _held.append(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with Path(f"{path}.doubles").open("a", encoding="ascii") as doubles:
            doubles.write(f"{os.getpid()}\n")


def let_others_in() -> None:
    """Give the locks back before the end."""
    while _held:
        os.close(_held.pop())


def leave_family() -> list[list[int]]:
    """Grandchildren of three kinds, and this process: pid and start ticks of each."""
    sleeper = [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({OUTLIVES_S})"]
    plain = subprocess.Popen(sleeper)
    detached = subprocess.Popen(sleeper, start_new_session=True)
    return [[pid, start_ticks(pid) or 0] for pid in (os.getpid(), plain.pid, detached.pid, _daemon())]


def _daemon() -> int:
    """The pid of a grandchild with neither our session nor us as its parent: two forks and setsid, no exec."""
    reader, writer = os.pipe()
    middle = os.fork()
    if middle:
        os.waitpid(middle, 0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            return int(answer.readline())
    os.setsid()
    if pid := os.fork():
        os.write(writer, b"%d\n" % pid)
    else:
        os.close(writer)
        time.sleep(OUTLIVES_S)
    os._exit(0)


def _address(scrape: Scrape, number: int) -> str:
    return f"http://board.invalid/{scrape.params.get('board', 'a')}/{number}"


def _postings(scrape: Scrape, number: int) -> list[Posting]:
    base = _address(scrape, number)
    return [Posting(url=f"{base}/{each}", title=f"Job {number}-{each}", company="Acme") for each in range(POSTINGS)]
