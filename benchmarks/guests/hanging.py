"""The jobs of benchmarks/kill.py as scrapers."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.hangs import hang
from workers import Page, Scrape


def hangs(scrape: Scrape) -> Iterator[Page]:
    """One page, then the hang of `kind`."""
    yield Page(checkpoint={"page": 2})
    hang(scrape.params["kind"], scrape.params["notes"])
