"""Guests that fail at a place, until somebody has mended what they need."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from workers import Page, Posting, Scrape
from workers.errors import Blocked

POSTINGS = 3  # a page


def breaks(scrape: Scrape) -> Iterator[Page]:
    """`pages` pages of `board`, `pause_s` apart; raises at page `at` while the file `mended` is not there."""
    for number in range((scrape.checkpoint or {}).get("page", 1), scrape.params["pages"] + 1):
        if number == scrape.params["at"] and not Path(scrape.params["mended"]).exists():
            message = f"page {number} is upside down"
            raise ValueError(message)
        time.sleep(scrape.params.get("pause_s", 0))
        base = f"http://board.test/{scrape.params.get('board', 'a')}/{number}"
        postings = [Posting(url=f"{base}-{i}", title=f"Job {number}-{i}") for i in range(POSTINGS)]
        yield Page(url=base, postings=postings, checkpoint={"page": number + 1}, done=number)


def blocked(_scrape: Scrape) -> Iterator[Page]:
    """One page, then the host refuses."""
    yield Page(checkpoint={"page": 2})
    message = "the host refuses us"
    raise Blocked(message, status=403)


def vanishes(scrape: Scrape) -> Iterator[Page]:
    """One page, then it is gone without a word."""
    import os

    yield Page(checkpoint={"page": 2})
    os._exit(scrape.params.get("code", 3))


def reads_nothing(scrape: Scrape) -> Iterator[Page]:
    """One page, then a signal that a broken library sends: `signal`."""
    import os

    yield Page(checkpoint={"page": 2})
    os.kill(os.getpid(), scrape.params["signal"])
    time.sleep(60)
