"""A guest that is there twice after its import."""

from __future__ import annotations

import os
from collections.abc import Iterator

from workers import Page, Posting, Scrape

if os.fork():
    os.wait()


def scrape(_scrape: Scrape) -> Iterator[Page]:
    """One page."""
    yield Page(postings=[Posting(url="http://board.test/twice", title="Twice")])
