"""Scrapers that weigh what they are told to. Named in node rows as `weights:function`."""

from __future__ import annotations

import time
from collections.abc import Iterator

from workers import Page, Scrape


def holds(scrape: Scrape) -> Iterator[Page]:
    """Holds `mb` for `hold_s` seconds, without a checkpoint to recycle at."""
    block = bytearray(scrape.params["mb"] * 2**20)
    block[::4096] = b"x" * len(block[::4096])  # untouched pages weigh nothing
    yield Page(stage=f"holds {len(block)} bytes")
    time.sleep(scrape.params.get("hold_s", 0))
    yield Page(done=len(block))
