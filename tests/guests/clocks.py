"""A scraper that tells what time it believes it is."""

from __future__ import annotations

from collections.abc import Iterator

from workers import Page, Posting, Scrape


def dated(scrape: Scrape) -> Iterator[Page]:
    """One posting of three days ago, and the time that a scraper is told, as its checkpoint."""
    scrape.log("asked", now=scrape.now.isoformat())
    url = f"http://board.test/{scrape.params.get('board', 'dated')}"
    yield Page(postings=[Posting(url=url, title="Old", posted="3 days ago")], stage=scrape.now.isoformat())
