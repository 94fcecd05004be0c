"""Scrapy spiders as their users have them; none is known to the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

import scrapy
from scrapy.exceptions import CloseSpider, DropItem


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


class RaisesAtOnce(Jobs):
    """Breaks before its first request."""

    async def start(self) -> AsyncIterator[Any]:
        """Raise."""
        if self.base:
            raise LookupError(self.base)
        yield


class _Broken:
    """A pipeline that can store nothing."""

    def process_item(self, item: Any) -> Any:
        """Raise."""
        raise OSError(item["title"])


class RaisesInPipeline(Jobs):
    """Its pages are fine, its pipeline is not."""

    custom_settings: ClassVar[dict[str, Any]] = {"ITEM_PIPELINES": {_Broken: 1}}  # type: ignore[misc] # as users write it


class Closes(Jobs):
    """Gives up after its first page."""

    def parse(self, response: Any, number: int) -> Iterator[Any]:
        """The same, and no more."""
        yield from super().parse(response, number)
        raise CloseSpider("no_patience")


class _Choosy:
    """A pipeline that drops the second of four, breaks on the third, and makes new items of the others."""

    def process_item(self, item: Any) -> Any:
        """Drop, raise or replace."""
        rest = int(item["title"].split()[1]) % 4
        if rest == 2:
            raise DropItem(item["title"])
        if rest == 3:
            raise OSError(item["title"])
        return {**item, "title": f"{item['title']}!"}


class Choosy(Jobs):
    """Not all of its items come through, and each has a checkpoint of its own."""

    custom_settings: ClassVar[dict[str, Any]] = {"ITEM_PIPELINES": {_Choosy: 1}}  # type: ignore[misc] # as users write it

    def parse(self, response: Any, number: int) -> Iterator[Any]:
        """The same, with the place of the item within its page."""
        for at, found in enumerate(super().parse(response, number)):
            if isinstance(found, dict):
                self.checkpoint = {"page": at}
            yield found


class Asynchronous(Jobs):
    """Its callback is a coroutine."""

    async def parse(self, response: Any, number: int) -> AsyncIterator[Any]:  # type: ignore[override]
        """The same."""
        for found in super().parse(response, number):
            yield found
