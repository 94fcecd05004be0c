"""A scraper whose postings state what nobody can read: `vague:board` with params `pages`, a list of lists of dates.

The date `odd` stands for one that no database holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers import Page, Posting, Scrape

ODD = "nul \0 and \ud800 blorf\nfrumious"


def board(scrape: Scrape) -> Iterator[Page]:
    """A page for each list; `through` is stated by every posting."""
    for page, dates in enumerate(scrape.params["pages"]):
        yield Page(
            postings=[
                Posting(
                    url=f"http://board.test/{page}/{number}",
                    title="Job",
                    posted=ODD if posted == "odd" else posted,
                    location=scrape.params.get("location"),
                    valid_through=scrape.params.get("through"),
                )
                for number, posted in enumerate(dates)
            ]
        )
