"""Scrapers that meet what a host or its breaker says; the words are those that a fetch would raise."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from workers import Page, Posting, Scrape
from workers.errors import Blocked, BreakerOpen, FetchError


def meets_breaker(scrape: Scrape) -> Iterator[Page]:
    """One page in each part, then the breaker of `host`; the part after `pages` pages ends well."""
    page = (scrape.checkpoint or {}).get("page", 1)
    if page <= scrape.params.get("pages", 1):
        yield Page(postings=[Posting(url=f"http://board.test/{page}", title="Job")], checkpoint={"page": page + 1})
        raise BreakerOpen("its breaker is open", host=scrape.params["host"], wait_s=60)


def finds_it_open(scrape: Scrape) -> Iterator[Page]:
    """Meets the breaker of `host` before its first page, every time."""
    yield from ()
    raise BreakerOpen("its breaker is open", host=scrape.params["host"], wait_s=60)


def is_put_off(scrape: Scrape) -> Iterator[Page]:
    """Refused, and asked not to come back for `wait_s` seconds."""
    yield from ()
    raise Blocked("HTTP 429 Too Many Requests", status=429, wait_s=scrape.params["wait_s"])


def keeps_quiet(scrape: Scrape) -> Iterator[Page]:
    """Fetches `urls` and makes nothing of it when that fails; finds `jobs` postings."""
    for url in scrape.params["urls"]:
        with contextlib.suppress(FetchError):
            scrape.fetch(url)
    found = [Posting(url=f"http://board.test/{number}", title="Job") for number in range(scrape.params.get("jobs", 0))]
    yield Page(postings=found)
