"""Which checkpoint a spider had when it yielded an item: Scrapy takes further items before it hands on the first."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any

from workers.records import JsonObject

MIDDLEWARES = "SPIDER_MIDDLEWARES"
_OUTERMOST = -1_000  # what it sees is what becomes of items, whatever other middlewares add or drop


class Marks:
    """A spider middleware. Items of one response keep their order, those of `start()` have no mark."""

    def __init__(self, crawler: Any) -> None:
        """Put itself into the settings of a crawler that does not run yet, and stand there as `crawler.marks`."""
        self._crawler = crawler
        self._waiting: dict[int, deque[JsonObject | None]] = {}  # by response, which lives as long as its items wait
        crawler.marks = self
        given = dict(crawler.settings[MIDDLEWARES] or {})
        crawler.settings.set(MIDDLEWARES, {**given, Marks: _OUTERMOST}, priority="cmdline")

    @classmethod
    def from_crawler(cls, crawler: Any) -> Any:
        """The one of this crawler: Scrapy makes its middlewares itself."""
        return crawler.marks

    def process_spider_output(self, response: Any, result: Any, spider: Any = None) -> Iterator[Any]:  # noqa: ARG002 - Scrapy's signature
        """Note where the spider is at each item."""
        for output in result:
            self._note(response, output)
            yield output

    async def process_spider_output_async(self, response: Any, result: Any, spider: Any = None) -> AsyncIterator[Any]:  # noqa: ARG002 - the same
        """The same for callbacks that are asynchronous."""
        async for output in result:
            self._note(response, output)
            yield output

    def take(self, response: Any) -> JsonObject | None:
        """The mark of the next item of that response; None where there is none."""
        waiting = self._waiting.get(id(response))
        if not waiting:
            return None
        mark = waiting.popleft()
        if not waiting:
            del self._waiting[id(response)]
        return mark

    def _note(self, response: Any, output: Any) -> None:
        from itemadapter import is_item

        if is_item(output):
            saved = self._crawler.spider.checkpoint
            mark = dict(saved) if isinstance(saved, dict) else None
            self._waiting.setdefault(id(response), deque()).append(mark)
