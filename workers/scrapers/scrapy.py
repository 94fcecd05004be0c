"""Runs an existing Scrapy spider: its items become postings, under our limits, robots.txt, proxy and stop flag."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import queue
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workers.errors import Blocked, FetchError, ScraperRefused
from workers.records import FetchSettings, JsonObject, Page, Posting, ScraperSettings
from workers.scrapers.fields import Record, normal, posting_of
from workers.scrapers.params import FIELDS, Param, read_params
from workers.scrapers.spider_marks import Marks

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="spider", kind="text", required=True, sentence="package.module:Class, of a package in [scrapers] allow."
    ),
    Param(
        name="args", kind="mapping", default={}, sentence="Arguments of the spider, as `scrapy crawl -a` gives them."
    ),
    Param(name="settings", kind="object", default={}, sentence="Scrapy settings; limits and robots.txt stay ours."),
    Param(name="fields", kind="fields", default={}, sentence="Field of the posting → the item's own name for it."),
    Param(name="batch", kind="whole", default=50, sentence="Items per page: what a kill may cost."),
)
EVERY_S = 2.0  # a page is not held back for longer, nor a stop
NEEDS = "scrapewarden[scrapy]"
REFUSALS = frozenset({401, 403, 407, 429, 451})
GOOD_ENDS = frozenset({"finished", "closespider_itemcount", "closespider_pagecount"})
_LAST = object()


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    return read_params("scrapy", PARAMS, params)


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Runs a Scrapy spider of yours; it may read and set `self.checkpoint` to go on where it was."""
    params = read(scrape.params)
    if importlib.util.find_spec("scrapy") is None:
        raise ScraperRefused(f'scraper "scrapy" is not installed: pip install "{NEEDS}"')
    crawl = _Crawl(scrape, params, _spider(scrape, params["spider"]))
    crawl.thread.start()
    try:
        yield from crawl.pages()
    finally:
        crawl.stop()
    crawl.judge()


def _spider(scrape: Scrape, name: str) -> Any:
    """The spider's class. Raises ScraperRefused: not allowed, does not import."""
    from workers.scrapers import REFERENCE, judge_scraper

    guests = getattr(scrape, "guests", ScraperSettings())
    if not REFERENCE.fullmatch(name):
        raise ScraperRefused(f'spider "{name[:200]}" is malformed: write package.module:Class')
    if complaint := judge_scraper(name, guests):
        raise ScraperRefused(complaint.replace("scraper", "spider", 1))
    sys.path.extend(folder for folder in guests.path if folder not in sys.path)
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (Exception, SystemExit) as error:
        raise ScraperRefused(f'spider "{name}" does not import: {type(error).__name__}: {error}') from error


class _Crawl:
    """The reactor in a thread of its own; a bounded queue holds it back while a page is committed."""

    def __init__(self, scrape: Scrape, params: JsonObject, spider: Any) -> None:
        self.scrape = scrape
        self.params = params
        # An attribute of the class: it is there in __init__ already, whatever arguments that takes.
        self.spider = type(
            spider.__name__, (spider,), {"checkpoint": scrape.checkpoint, "__module__": spider.__module__}
        )
        self.found: queue.Queue[Any] = queue.Queue(maxsize=2 * params["batch"])
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, name="scrapy", daemon=True)
        self.crawler: Any = None
        self.items = 0
        self.raised: list[str] = []
        self.reason = "never opened"
        self.opened = False  # the figures may be asked for only from then on

    def pages(self) -> Iterator[Page]:
        batch: list[Posting] = []
        checkpoint, sent, asked, is_last = None, time.monotonic(), 0, False
        while not is_last:
            try:
                found = self.found.get(timeout=0.2)
            except queue.Empty:
                found = None
            is_last = found is _LAST
            if found is not None and not is_last:
                posting, mark = found
                checkpoint = mark or checkpoint
                batch.append(posting)
            answers = self._count("downloader/response_count")
            if answers != asked:
                self.scrape.stage(f"{answers} responses, {self.items} items")
                asked = answers
            # Without items too: each yield is where a stop is honoured.
            if len(batch) >= self.params["batch"] or is_last or time.monotonic() - sent > EVERY_S:
                yield Page(postings=batch, checkpoint=checkpoint, done=self.items)
                batch, sent = [], time.monotonic()

    def stop(self) -> None:
        """End the crawl, if it goes on."""
        self.stopping.set()
        if self.thread.is_alive() and self.crawler is not None:
            from twisted.internet import reactor

            reactor.callFromThread(self.crawler.stop)
            self.thread.join(1.0)

    def judge(self) -> None:
        """Raises what the spider's end says where it is no good one."""
        if self.raised:
            raise RuntimeError(
                f"spider {self.params['spider']} raised {len(self.raised)} times, last {self.raised[-1]}"
            )
        if self.reason not in GOOD_ENDS:
            raise RuntimeError(f"spider {self.params['spider']} closed with reason {self.reason!r}; see its log")
        statuses = self._statuses()
        refused = statuses & REFUSALS or self._count("robotstxt/forbidden")
        if self.items:
            return
        if refused:
            raise Blocked(f"the spider found nothing and was refused ({_shown(refused)}); slow down or ask the site")
        if any(200 <= status < 300 for status in statuses):
            return
        if statuses or self._count("downloader/exception_count"):
            raise FetchError(f"every request of the spider failed ({_shown(statuses) or 'no answer'}); check its URLs")

    def _statuses(self) -> set[int]:
        """Those of the spider's own requests: a robots.txt that is there has not answered any of them."""
        counts = {key.rpartition("/")[::2]: count for key, count in self.crawler.stats.get_stats().items()}
        return {
            int(status)
            for (kind, status), count in counts.items()
            if kind == "downloader/response_status_count"
            and count > counts.get(("robotstxt/response_status_count", status), 0)
        }

    def _run(self) -> None:
        try:
            from scrapy import signals
            from scrapy.crawler import CrawlerProcess

            process = CrawlerProcess(_settings(self.scrape, self.params))
            self.crawler = process.create_crawler(self.spider)
            Marks(self.crawler)
            logging.getLogger("scrapy").setLevel(logging.WARNING)
            self.crawler.signals.connect(self._on_open, signals.spider_opened)
            self.crawler.signals.connect(self._on_item, signals.item_scraped)
            self.crawler.signals.connect(self._on_dropped, signals.item_dropped)
            self.crawler.signals.connect(self._on_broken, signals.item_error)
            self.crawler.signals.connect(self._on_error, signals.spider_error)
            self.crawler.signals.connect(self._on_close, signals.spider_closed)
            process.crawl(self.crawler, **self.params["args"]).addErrback(self._on_error)
            process.start(install_signal_handlers=False)
        except BaseException as error:  # noqa: BLE001 - the main thread tells of it
            self.raised.append(f"{type(error).__name__}: {error}")
        finally:
            self._put(_LAST)

    def _on_open(self) -> None:
        self.opened = True

    def _on_item(self, item: Any, response: Any) -> None:
        self.items += 1
        self._put((_posting(item, self.params["fields"]), self.crawler.marks.take(response)))

    def _on_dropped(self, response: Any) -> None:
        self.crawler.marks.take(response)

    def _on_broken(self, failure: Any, response: Any) -> None:
        self.crawler.marks.take(response)
        self._on_error(failure)

    def _on_error(self, failure: Any) -> None:
        self.raised.append(f"{failure.type.__name__}: {failure.getErrorMessage()}"[:300])

    def _on_close(self, reason: str) -> None:
        self.reason = reason

    def _put(self, found: Any) -> None:
        while not self.stopping.is_set():
            try:
                return self.found.put(found, timeout=0.2)
            except queue.Full:
                continue
        return None

    def _count(self, name: str) -> int:
        return int(self.crawler.stats.get_value(name, 0)) if self.opened else 0


def _settings(scrape: Scrape, params: JsonObject) -> Any:
    """The spider's own settings, with ours above them: it cannot be ruder than a node of ours."""
    from scrapy.settings import Settings

    ours: FetchSettings = getattr(scrape, "limits", FetchSettings())
    settings = Settings(params["settings"], priority="spider")
    loopback = {"concurrency": 4, "delay": ours.gap_loopback_s, "randomize_delay": False}
    above = {
        "USER_AGENT": " ".join(part for part in (ours.user_agent, f"({ours.contact})" if ours.contact else "") if part),
        "ROBOTSTXT_OBEY": ours.robots,
        "DOWNLOAD_DELAY": ours.gap_s + ours.gap_jitter_s / 2,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1 if ours.gap_s else 4,
        "DOWNLOAD_SLOTS": dict.fromkeys(("127.0.0.1", "localhost"), loopback),
        "DOWNLOAD_TIMEOUT": ours.timeout_s,
        "DOWNLOAD_MAXSIZE": int(ours.max_body_mb * 1_048_576),
        "CONCURRENT_ITEMS": 1,  # those of a response in their order, so that a checkpoint is behind those before it
        "HTTPPROXY_ENABLED": True,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }
    settings.setdict(above, priority="cmdline")
    return settings


def _posting(item: Any, fields: dict[str, str]) -> Posting:
    """By the mapping, by the fields' own names, and by the usual names of feeds."""
    from itemadapter import ItemAdapter

    values = ItemAdapter(item).asdict()
    record: Record = [((normal(str(key)),), value) for key, value in values.items() if isinstance(value, str) and value]
    posting = {name: value for name, value in asdict(posting_of(record)).items() if value}
    posting |= {name: values[name] for name in FIELDS if values.get(name) not in (None, "", [])}
    posting |= {name: values[own] for name, own in fields.items() if values.get(own) not in (None, "", [])}
    return Posting(**posting)


def _shown(statuses: Any) -> str:
    return ", ".join(map(str, sorted(statuses))) if isinstance(statuses, set | frozenset) else "robots.txt"
