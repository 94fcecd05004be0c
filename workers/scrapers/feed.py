"""RSS, Atom and XML exports of jobs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax import SAXException

from lxml import etree

from workers.errors import ScraperRefused
from workers.records import JsonObject, Page, Posting
from workers.scrapers.feedcompany import companies_of
from workers.scrapers.fields import Record, normal, posting_of
from workers.scrapers.jobxml import job_records, mended, read_xml, record_of
from workers.scrapers.locations import TERM, check_term, over_locations
from workers.scrapers.params import FIELDS, Param, read_params
from workers.scrapers.selectors import absolute
from workers.scrapers.zones import TIMEZONE, in_zone

if TYPE_CHECKING:
    from workers.response import Response
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="url",
        kind="urls",
        required=True,
        sentence="RSS, Atom or an XML export: one address or several; {term} and {location} are filled in.",
    ),
    TERM,
    Param(
        name="fields",
        kind="fields",
        default={},
        sentence="Field of the posting → the feed's own name for it, where the usual names are not understood.",
    ),
    Param(
        name="title_regex",
        kind="regex",
        sentence="Takes titles apart: its named groups, such as (?P<company>.+): (?P<title>.+), fill these fields.",
    ),
    Param(name="defaults", kind="fields", default={}, sentence="Field of the posting → text for postings without it."),
    Param(name="item", kind="text", sentence="XML exports: the name of the element that holds one job."),
    Param(
        name="link",
        kind="text",
        sentence="Where a person reads a job that names no address: an address, or the end of one, with {id} in it. "
        "Exports of Personio have theirs by themselves.",
    ),
    TIMEZONE,
)
FEED = re.compile(rb"<(?:\w+:)?(rss|feed|RDF)\b")
PERSONIO, PERSONIO_LINK = b"<workzag-jobs", "/job/{id}"
ITEMS: Any = etree.XPath("//*[local-name() = 'item' or local-name() = 'entry']")
DUBLIN_CORE = "http://purl.org/dc/"
# What feedparser reads better: dates in any form, addresses, markup.
OF_FEEDPARSER = frozenset(
    "title link description summary content encoded guid pubdate published updated date language".split()
)


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    values = read_params("feed", PARAMS, params)
    check_term("feed", values["url"], values["term"])
    if strangers := set(re.compile(values["title_regex"] or "").groupindex) - set(FIELDS):
        fields = ", ".join(FIELDS)
        raise ScraperRefused(
            f"feed: title_regex names {', '.join(sorted(strangers))}; the fields of a posting are {fields}"
        )
    if values["link"] and "{id}" not in values["link"]:
        raise ScraperRefused("feed: link should hold {id}, where the job's number is put")
    return values


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the postings of RSS, Atom and XML job feeds; an item without a link keeps no address."""
    yield from over_locations(scrape, read(scrape.params), "url", _pages)


def _pages(scrape: Scrape, params: JsonObject) -> Iterator[Page]:
    urls = params["url"]
    for at in range((scrape.checkpoint or {}).get("feed", 0), len(urls)):
        response = scrape.fetch(urls[at])
        link = params["link"] or (PERSONIO_LINK if PERSONIO in response.content[:4096] else None)
        records = _records(response, params["item"])
        postings = [
            in_zone(_finished(record, {**params, "link": link}, response.url, company), params["timezone"], scrape.now)
            for record, company in zip(records, companies_of(records), strict=True)
        ]
        yield Page(url=response.url, postings=postings, checkpoint={"feed": at + 1}, done=at + 1, total=len(urls))


def _records(response: Response, item: str | None) -> list[Record]:
    """The items of a feed; raises ValueError for a body that is none, so that a login page is not "0 jobs, ok"."""
    content = response.content
    if FEED.search(content[:4096]) and not item:
        return _entries(content)
    root = read_xml(content)
    records = job_records(root, item) if root is not None else []
    if not records:
        begins = content[:60].decode("utf-8", "replace")
        kinds = "no RSS, no Atom and no XML export of jobs"
        raise ValueError(f"{response.url} is {kinds} (it begins {begins!r}): check url, or name item")
    return records


def _entries(content: bytes) -> list[Record]:
    import feedparser  # 12 MB: only those who need it carry it

    # A file object: what is no document would otherwise be taken for an address or a file name, and opened.
    parsed = feedparser.parse(io.BytesIO(mended(content)))
    broken = not parsed.version or isinstance(parsed.get("bozo_exception"), SAXException)
    if broken and not parsed.entries:  # what is whole and empty is a board without vacancies
        raise ValueError("the feed is broken before its first entry: open it in a browser and check url")
    items = _elements(content)
    own = items if len(items) == len(parsed.entries) else [None] * len(parsed.entries)
    return [_record(entry, element) for entry, element in zip(parsed.entries, own, strict=True)]


def _elements(content: bytes) -> list[Any]:
    root = read_xml(content)
    return [] if root is None else list(ITEMS(root))


def _record(entry: dict[str, Any], element: Any) -> Record:
    """What feedparser makes of an item, and what it flattens or drops: fields of other vocabularies."""
    contents = [content.get("value") for content in entry.get("content", [])]  # of Atom, and content:encoded of RSS
    named = {**entry, "content": next(iter(contents), None)}
    texts = {name: text.strip() for name, text in named.items() if isinstance(text, str) and text.strip()}
    record: Record = [((normal(name),), text) for name, text in texts.items()]
    if element is None:
        # Names of a namespace come as prefix_name, and prefixes are anybody's choice.
        return record + [((normal(name.partition("_")[2]),), text) for name, text in texts.items() if "_" in name]
    for core in [child for child in element if str(child.tag).startswith("{" + DUBLIN_CORE)]:
        element.remove(core)  # its type is "text", its source the site
    return record + [(path, text) for path, text in record_of(element) if path[0] not in OF_FEEDPARSER]


def _finished(record: Record, params: JsonObject, base: str, company: str | None) -> Posting:
    values = {name: value for name, value in asdict(posting_of(record, params["fields"])).items() if value}
    pattern = params["title_regex"]
    if pattern and (match := re.search(pattern, values.get("title", ""))):
        values |= {name: text for name, text in match.groupdict().items() if text}
    values = ({"company": company} if company else {}) | params["defaults"] | values
    if params["link"] and "url" not in values and "external_id" in values:
        values["url"] = params["link"].replace("{id}", quote(values["external_id"], safe=""))
    return Posting(**(values | {"url": absolute(values["url"], base) if "url" in values else None}))
