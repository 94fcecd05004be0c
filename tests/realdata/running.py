"""Built-in scrapers run on saved answers: a real server on loopback, the engine's own Fetcher, no pytest needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from tests.fix_scrape import PlainScrape
from tests.fix_site import QuietFiles, served
from workers.records import JsonObject, Page
from workers.scrape import Scrape

Scraper = Callable[[Scrape], Iterator[Page]]


@contextmanager
def on_loopback(folder: Path) -> Iterator[str]:
    """The address of a folder, with its slash, as long as the block runs."""
    with served(partial(QuietFiles, directory=str(folder))) as address:
        yield f"{address}/"


def one_answer(body: bytes) -> AbstractContextManager[str]:
    """The address of a server that has one answer to whatever is asked; for saved answers of an API."""
    return served(type("Answer", (_OneAnswer,), {"body": body}))


class _OneAnswer(QuietFiles):
    body = b""

    def do_GET(self) -> None:  # noqa: N802 - the name in the base class
        """The one answer, for every path."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)


def first_page(scraper: Scraper, params: JsonObject) -> Page:
    """The first page that a scraper yields; one without postings where it yields none."""
    return next(_pages(scraper, params), Page(postings=[]))


def all_pages(scraper: Scraper, params: JsonObject) -> list[Page]:
    """Every page that a scraper yields."""
    return list(_pages(scraper, params))


def _pages(scraper: Scraper, params: JsonObject) -> Iterator[Page]:
    scrape = PlainScrape(params)
    try:
        yield from scraper(scrape)
    finally:
        scrape.fetcher.close()
