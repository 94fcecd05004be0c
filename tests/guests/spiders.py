"""Scrapy spiders as their users have them; none is known to the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy


class Jobs(scrapy.Spider):
    """Walks numbered pages, and goes on where its checkpoint says."""

    name = "jobs"
    checkpoint: dict[str, int] | None

    def __init__(self, base: str, **kw: Any) -> None:
        super().__init__(**kw)
        self.base = base

    async def start(self) -> AsyncIterator[Any]:
        """Its first request."""
        number = (self.checkpoint or {}).get("page", 1)
        yield scrapy.Request(f"{self.base}/p{number}", cb_kwargs={"number": number})

    def parse(self, response: Any, number: int) -> Iterator[Any]:
        """The postings of a page, and the next page."""
        for link in response.css("a.job"):
            yield {"link": response.urljoin(link.attrib["href"]), "title": link.css("::text").get(), "firm": "Acme"}
        self.checkpoint = {"page": number + 1}
        if response.css("a.next"):
            yield response.follow(f"p{number + 1}", cb_kwargs={"number": number + 1})


class Raises(Jobs):
    """Breaks on its first page."""

    def parse(self, response: Any, number: int) -> Iterator[Any]:  # noqa: ARG002 - as Scrapy calls it
        """Raise."""
        raise KeyError(number)
