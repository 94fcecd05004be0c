"""Any board whose pages are HTML, by selectors: start pages → listing pages → items → detail pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from workers.errors import ScraperRefused
from workers.records import JsonObject, Page, Posting
from workers.scrapers.crawl import Walk, fetch_details, fingerprint
from workers.scrapers.locations import TERM, check_term, over_locations
from workers.scrapers.params import Param, read_params
from workers.scrapers.refusals import check_refusal
from workers.scrapers.selectors import Node, Selector, base_of, parse_selector
from workers.scrapers.zones import TIMEZONE, in_zone

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="start",
        kind="urls",
        required=True,
        sentence="Where to begin: one address or several; {term} and {location} are filled in.",
    ),
    TERM,
    Param(
        name="listings",
        kind="selector",
        sentence="Links from the start pages to the listing pages; without it the start pages are listing pages.",
    ),
    Param(name="next", kind="selector", sentence="The link to the next page; tried on start pages and listing pages."),
    Param(name="items", kind="selector", required=True, sentence="One posting on a listing page."),
    Param(
        name="link",
        kind="selector",
        sentence="From an item to its detail page, the posting's address; a page of one item lends its own.",
    ),
    Param(name="fields", kind="selectors", default={}, sentence="Field of the posting → selector within the item."),
    Param(
        name="detail",
        kind="selectors",
        default={},
        sentence="Field of the posting → selector within the detail page; needs link; wins over fields.",
    ),
    Param(name="max_pages", kind="whole", sentence="At most so many listing pages; without it all of them."),
    Param(name="at_once", kind="whole", default=4, sentence="Detail pages under way at the same time."),
    TIMEZONE,
)
LINES = frozenset({"description"})  # whose line breaks are worth keeping


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    values = read_params("html", PARAMS, params)
    check_term("html", values["start"], values["term"])
    if values["detail"] and not values["link"]:
        raise ScraperRefused("html: detail is given without link; name the link from an item to its detail page")
    return values


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Follows links by selectors and reads postings from listing and detail pages."""
    yield from over_locations(scrape, read(scrape.params), "start", _pages)


def _pages(scrape: Scrape, params: JsonObject) -> Iterator[Page]:
    reader = _Reader.of(params)
    walk = Walk(
        scrape,
        start=params["start"],
        listings=_selector(params["listings"]),
        onward=_selector(params["next"]),
        max_pages=params["max_pages"],
    )
    saved = scrape.checkpoint or {}
    found, last = bool(saved.get("found")), saved.get("last")
    for visit in walk.visits():
        postings = reader.listing(visit.response.html, visit.response.url)
        if not postings and visit.response.text.strip():
            check_refusal(visit.response, found=found)
        mark = fingerprint(repr((walk.start, walk.at, postings)))
        if mark == last:  # boards that show their last page for every number beyond it
            walk.end_chain()
        last, found = mark, found or bool(postings)
        yield Page(
            url=visit.response.url,
            postings=[
                in_zone(posting, params["timezone"], scrape.now) for posting in reader.with_details(scrape, postings)
            ],
            checkpoint={**walk.state(), "found": found, "last": last},
            done=walk.pages,
            total=walk.max_pages,
            stage=walk.stage(),
        )
    if not found:
        scrape.log("items_never_matched", level="warning", items=params["items"], pages=walk.pages)


@dataclass(frozen=True, slots=True)
class _Reader:
    """The selectors of a node, compiled once."""

    items: Selector
    link: Selector | None
    fields: dict[str, Selector]
    detail: dict[str, Selector]
    at_once: int

    @classmethod
    def of(cls, params: JsonObject) -> _Reader:
        fields, detail = (
            {name: parse_selector(spec) for name, spec in params[table].items()} for table in ("fields", "detail")
        )
        return cls(parse_selector(params["items"]), _selector(params["link"]), fields, detail, params["at_once"])

    def listing(self, tree: Node, url: str) -> list[Posting]:
        """The postings of a listing page, as far as it tells."""
        base = base_of(tree, url)
        items = self.items.nodes(tree)
        alone = url if len(items) == 1 and not self.link else None
        return [self._item(item, base, alone) for item in items]

    def with_details(self, scrape: Scrape, postings: list[Posting]) -> Iterator[Posting]:
        """The postings with what their detail pages add; one whose page fails is left out."""
        urls = list(dict.fromkeys(posting.url for posting in postings if posting.url)) if self.detail else []
        # Values and not responses: the trees of all detail pages at once would not fit into a small budget.
        details = {
            url: _values(self.detail, response.html, response.url) if response else None
            for url, response in fetch_details(scrape, urls, self.at_once)
        }
        for posting in postings:
            added = details.get(posting.url, {})
            if added is not None:
                yield Posting(**(asdict(posting) | added))

    def _item(self, item: Node, base: str, alone: str | None) -> Posting:
        values = _values(self.fields, item, base)
        link = next(iter(self.link.links(item, base)), None) if self.link else alone
        return Posting(**({"url": link} | values))


def _selector(spec: Any) -> Selector | None:
    return None if spec is None else parse_selector(spec)


def _values(selectors: dict[str, Selector], within: Node, base: str) -> JsonObject:
    values = {name: _value(name, selector, within, base) for name, selector in selectors.items()}
    return {name: value for name, value in values.items() if value}


def _value(name: str, selector: Selector, within: Node, base: str) -> Any:
    if name == "locations":
        return list(dict.fromkeys(selector.texts(within)))
    if name == "url":
        return next(iter(selector.links(within, base)), None)
    return selector.text(within, lines=name in LINES)
