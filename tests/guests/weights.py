"""Scrapers that weigh what they are told to. Named in node rows as `weights:function`."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

from workers import Page, Scrape
from workers.clean._dates.lexicon import lexicon
from workers.clean._pay.money_signs import signs


def holds(scrape: Scrape) -> Iterator[Page]:
    """Holds `mb` for `hold_s` seconds, without a checkpoint to recycle at."""
    block = bytearray(scrape.params["mb"] * 2**20)
    block[::4096] = b"x" * len(block[::4096])  # untouched pages weigh nothing
    yield Page(stage=f"holds {len(block)} bytes")
    time.sleep(scrape.params.get("hold_s", 0))
    yield Page(done=len(block))


def tells_whose_tables(_scrape: Scrape) -> Iterator[Page]:
    """Says whether the tables of the clean-up were built before the fork: the collector does not see those."""
    seen = {id(known) for known in gc.get_objects()}
    tables = (lexicon(), signs())
    yield Page(stage="its own" if any(id(table) in seen for table in tables) else "the template's")
