"""Scrapers that tell the time, for the benchmarks."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

import lxml.html
import requests

from workers import Page, Posting, Scrape
from workers.store import Store

usable = (requests, lxml.html)
_finish = Store.finish


def launch(scrape: Scrape) -> Iterator[Page]:
    """Notes its first line and the moment its result is durable; one page with one posting between them."""
    notes = scrape.params["notes"]
    _note(notes, "first")

    def finish(store: Store, *words: Any) -> None:
        _finish(store, *words)
        _note(notes, "recorded")

    # The moment lies behind the scraper's end, so it has to be caught there.
    Store.finish = finish  # type: ignore[assignment,method-assign]
    yield Page(postings=[Posting(url="http://board.test/1", title="Job 1")])


def waits(scrape: Scrape) -> Iterator[Page]:
    """One page, then nothing, until it is asked to stop; notes when the signal arrived."""
    previous = signal.getsignal(signal.SIGUSR1)

    def handle(number: int, frame: FrameType | None) -> None:
        _note(scrape.params["notes"], "signal")
        previous(number, frame)  # type: ignore[operator, misc]

    signal.signal(signal.SIGUSR1, handle)
    yield Page(postings=[Posting(url="http://board.test/1", title="Job 1")])
    _note(scrape.params["notes"], "first")
    signal.pause()
    yield Page()


def once(_scrape: Scrape) -> Iterator[Page]:
    """One page with one posting."""
    yield Page(postings=[Posting(url="http://board.test/1", title="Job 1")])


def fetches(scrape: Scrape) -> Iterator[Page]:
    """Fetches one page, works for 50 ms, finds the same posting each time."""
    url = scrape.params["url"]
    response = scrape.fetch(url)
    time.sleep(0.05)
    yield Page(url=response.url, postings=[Posting(url=f"{url}/job", title="Job")])


def _note(path: str, word: str) -> None:
    line = f"{word} {time.clock_gettime(time.CLOCK_BOOTTIME)!r} {os.getpid()}\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(descriptor, line.encode())
    os.close(descriptor)
