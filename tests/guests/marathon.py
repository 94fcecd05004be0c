"""Guests that wait for a file of the test's: to end a crawl, or to begin what the test wants to watch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from zoo import grandchildren  # type: ignore[import-not-found]  # beside this file, on [scrapers] path

from workers import Page, Posting, Scrape

POSTINGS = 3  # a page


def crawl(scrape: Scrape) -> Iterator[Page]:
    """Pages of `board`, `pause_s` apart, until the file `enough` is there; with `pids` three kinds of grandchildren."""
    if "pids" in scrape.params:
        grandchildren(scrape)
    page = (scrape.checkpoint or {}).get("page", 1)
    while not Path(scrape.params["enough"]).exists():
        time.sleep(scrape.params["pause_s"])
        base = f"http://board.test/{scrape.params['board']}/{page}"
        postings = [Posting(url=f"{base}-{i}", title=f"Job {page}-{i}") for i in range(POSTINGS)]
        page += 1
        yield Page(url=base, postings=postings, checkpoint={"page": page})


def bursts(scrape: Scrape) -> Iterator[Page]:
    """One page; once the file `go` is there, `mb` at once."""
    yield Page(checkpoint={"page": 2})
    while not Path(scrape.params["go"]).exists():
        time.sleep(0.01)
    block = bytearray(scrape.params["mb"] * 2**20)
    for at in range(0, len(block), 4096):
        block[at] = 1
    time.sleep(600)
