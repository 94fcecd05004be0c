"""A scraper that asks for many things at once, and talks meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from workers import Page, Posting, Scrape


def out(scrape: Scrape) -> Iterator[Page]:
    """`pages` times `at_once` requests for `url`, all in flight together, with a line of log for each."""
    url, at_once = scrape.params["url"], scrape.params.get("at_once", 6)
    for number in range(scrape.params["pages"]):
        for response in scrape.fetch_all([f"{url}?{number}.{n}" for n in range(at_once)], at_once=at_once):
            scrape.log("fetched", url=response.url)
        found = Posting(url=f"https://fans.test/{scrape.params['board']}/{number}", title=f"Job {number}")
        yield Page(url=url, postings=[found], checkpoint={"page": number + 1}, done=number + 1)
