"""Scrapers that go where they are told, for tests of the way there."""

from __future__ import annotations

import os
from collections.abc import Iterator

from workers import Page, Posting, Scrape


def walks(scrape: Scrape) -> Iterator[Page]:
    """Fetches `urls` one by one, with a page for each, then `more` at once."""
    for number, url in enumerate(scrape.params["urls"]):
        response = scrape.fetch(url)
        posting = Posting(url=f"http://board.test/{number}", title=response.text or "nothing")
        yield Page(url=url, postings=[posting], stage=url)
    responses = list(scrape.fetch_all(scrape.params.get("more", [])))
    yield Page(done=len(responses))


def tells_all(scrape: Scrape) -> Iterator[Page]:
    """Fetches, then shows whatever it can find in its own process, and fails with it."""
    scrape.fetch(scrape.params["urls"][0])
    names = scrape.params.get("names") or [name for name in os.environ if "PROXY" in name.upper()]
    found = {name: os.environ[name] for name in names}
    scrape.log("environment", **found)
    print(found)  # noqa: T201 - what it prints is what the test is about
    yield Page(
        stage=str(found), checkpoint=dict(found), postings=[Posting(url="http://board.test/1", title=str(found))]
    )
    raise ValueError(str(found))
