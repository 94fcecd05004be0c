"""A guest that does what the built-ins do: judged by the same suite."""

from __future__ import annotations

from collections.abc import Iterator

from workers import Page, Posting, Scrape


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads a board that nobody else reads, two jobs at a time."""
    at = (scrape.checkpoint or {}).get("at", 0)
    while True:
        answer = scrape.fetch(f"{scrape.params['base_url']}/all", params={"from": at}).json()
        jobs = [Posting(url=job["href"], title=job["name"]) for job in answer["found"]]
        at += len(jobs)
        yield Page(postings=jobs, checkpoint={"at": at}, done=at, total=answer["count"])
        if at >= answer["count"]:
            return
