"""What the memory storm runs: scrapes that need their memory, one that leaks, one that bursts.

`loads` is the work itself, for whoever runs it; the scrapers wrap it for Scrapewarden.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from workers import Page, Posting, Scrape

HELD_MB = 80  # with interpreter and libraries some 120 MB
HEALTHY_PAGES = 10
PAUSE_S = 0.5
LEAK_MB = 2
LEAKY_PAGES = 100
BURST_MB = 900
Load = Callable[[int], Iterator[int]]


def _healthy(first: int) -> Iterator[int]:
    """Half of its memory at each of the first two pages, and a page each half second."""
    held: list[bytes] = []
    for page in range(first, HEALTHY_PAGES + 1):
        if len(held) < 2:
            held.append(b"x" * (HELD_MB * 2**19))
        time.sleep(PAUSE_S)
        yield page


def _leaks(first: int) -> Iterator[int]:
    """Never gives back what it took for a page."""
    held = []
    for page in range(first, LEAKY_PAGES + 1):
        held.append(b"x" * (LEAK_MB * 2**20))
        time.sleep(PAUSE_S / 10)
        yield page


def _bursts(first: int) -> Iterator[int]:
    """One page, then more than the whole limit at once."""
    yield first
    block = b"x" * (BURST_MB * 2**20)
    time.sleep(PAUSE_S)
    yield first + len(block)


loads: dict[str, Load] = {"healthy": _healthy, "leaks": _leaks, "bursts": _bursts}


def _scraper(load: Load) -> Callable[[Scrape], Iterator[Page]]:
    def scrape(context: Scrape) -> Iterator[Page]:
        first: Any = (context.checkpoint or {}).get("page", 0) + 1
        for page in load(first):
            posting = Posting(url=f"http://board.test/{context.params['name']}/{page}", title=f"Job {page}")
            yield Page(postings=[posting], checkpoint={"page": page}, done=page)

    return scrape


healthy, leaks, bursts = (_scraper(load) for load in loads.values())
