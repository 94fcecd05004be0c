"""Guests that take more than there is: threads, descriptors, memory, log, disk. `hogs:function`."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any

from hostile import hold  # type: ignore[import-not-found]  # found on `[scrapers] path`

from workers import Page, Scrape

_MB = 2**20
_MUCH = b"x" * 60_000 + b"\n"
_kept: list[Any] = []


def threads(scrape: Scrape) -> Iterator[Page]:
    """`count` threads that never end, or as many as there are to be had."""
    yield Page()
    try:
        for _ in range(scrape.params["count"]):
            threading.Thread(target=hold, daemon=True).start()
    except RuntimeError:
        if not scrape.params.get("hold"):
            raise
        scrape.stage("no more")
    scrape.log("all_started")
    yield Page(stage="no more")
    hold()


def processes(_scrape: Scrape) -> Iterator[Page]:
    """As many copies of itself as there are to be had, each in a session of its own."""
    yield Page()
    try:
        while True:
            if os.fork() == 0:
                os.setsid()
                hold()
    except OSError:
        yield Page(stage="no more")
    hold()


def descriptors(scrape: Scrape) -> Iterator[Page]:
    """Opens files until there are no more, then goes on, raises or holds."""
    yield Page()
    print("so that the heartbeat has something to say")  # noqa: T201 - the point
    try:
        while True:
            _kept.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        if error.errno != errno.EMFILE or scrape.params["then"] == "raise":
            raise
    scrape.log("opened", count=len(_kept))
    yield Page()


def memory(scrape: Scrape) -> Iterator[Page]:
    """`mb` at once: of its own, or shared, which no data limit counts."""
    yield Page()
    if scrape.params.get("shared"):
        block: Any = mmap.mmap(-1, scrape.params["mb"] * _MB)
    else:
        block = bytearray(scrape.params["mb"] * _MB)
    for at in range(0, len(block), mmap.PAGESIZE):
        block[at] = 1
    hold()


def brim(scrape: Scrape) -> Iterator[Page]:
    """Reserves all that its data limit allows, for `seconds`; then raises, or gives it back and goes on for as long."""
    yield Page()
    for _ in range(200):
        scrape.log("much", text="y" * 5_000)  # so that the heartbeat too will need more than it has
    size = 64 * _MB
    while size >= mmap.PAGESIZE:
        try:
            # Untouched, so that it weighs nothing, but it counts.
            _kept.append(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        except (OSError, MemoryError):
            size //= 2
    for piece in (10_000, 100):  # and what the heap still has
        with contextlib.suppress(MemoryError):
            while True:
                _kept.append(bytearray(piece))
    _pass(scrape.params["seconds"])
    if scrape.params.get("then") == "raise":
        raise MemoryError
    _kept.clear()
    _pass(scrape.params["seconds"])


def _pass(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        os.write(1, _MUCH)  # the thread that takes it has no memory either
        time.sleep(0.05)


def line(scrape: Scrape) -> Iterator[Page]:
    """One line of `mb`, on stdout and on stderr, and a short one after it."""
    for stream in (sys.stdout, sys.stderr):
        for _ in range(scrape.params["mb"]):  # in one piece it would be too much memory, too
            stream.write("x" * _MB)
        stream.write(f"\nthe end of {stream.fileno()}\n")
    yield Page()


def flood(scrape: Scrape) -> Iterator[Page]:
    """Prints for `seconds`, as quickly as it can, and says how much."""
    yield Page()
    until = time.monotonic() + scrape.params["seconds"]
    text = "y" * 1_000 + "\n"
    written = 0
    while time.monotonic() < until:
        written += os.write(scrape.params["fd"], text.encode() * 50)
    yield Page(done=written // _MB)


def disk(scrape: Scrape) -> Iterator[Page]:
    """Writes to a temporary file until there is no room; `mb` is how much room it leaves itself."""
    yield Page()
    resource.setrlimit(resource.RLIMIT_FSIZE, (scrape.params["mb"] * _MB,) * 2)
    with tempfile.TemporaryFile() as file:
        while True:
            file.write(b"z" * _MB)
