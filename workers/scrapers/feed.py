"""RSS, Atom and XML exports of jobs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from xml.sax import SAXException

from workers.errors import ScraperRefused
from workers.records import JsonObject, Page, Posting
from workers.scrapers.fields import Record, normal, posting_of
from workers.scrapers.jobxml import job_records, read_xml
from workers.scrapers.locations import TERM, check_term, over_locations
from workers.scrapers.params import FIELDS, Param, read_params
from workers.scrapers.selectors import absolute

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
)
FEED = re.compile(rb"<(?:\w+:)?(rss|feed|RDF)\b")


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    values = read_params("feed", PARAMS, params)
    check_term("feed", values["url"], values["term"])
    if strangers := set(re.compile(values["title_regex"] or "").groupindex) - set(FIELDS):
        fields = ", ".join(FIELDS)
        raise ScraperRefused(
            f"feed: title_regex names {', '.join(sorted(strangers))}; the fields of a posting are {fields}"
        )
    return values


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the postings of RSS, Atom and XML job feeds; an item without a link keeps no address."""
    yield from over_locations(scrape, read(scrape.params), "url", _pages)


def _pages(scrape: Scrape, params: JsonObject) -> Iterator[Page]:
    urls = params["url"]
    for at in range((scrape.checkpoint or {}).get("feed", 0), len(urls)):
        response = scrape.fetch(urls[at])
        postings = [_finished(record, params, response.url) for record in _records(response, params["item"])]
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
    parsed = feedparser.parse(io.BytesIO(content))
    broken = not parsed.version or isinstance(parsed.get("bozo_exception"), SAXException)
    if broken and not parsed.entries:  # what is whole and empty is a board without vacancies
        raise ValueError("the feed is broken before its first entry: open it in a browser and check url")
    return [_record(entry) for entry in parsed.entries]


def _record(entry: dict[str, Any]) -> Record:
    contents = [content.get("value") for content in entry.get("content", [])]  # of Atom, and content:encoded of RSS
    named = {**entry, "content": next(iter(contents), None)}
    texts = {name: text.strip() for name, text in named.items() if isinstance(text, str) and text.strip()}
    record: Record = [((normal(name),), text) for name, text in texts.items()]
    # Names of a namespace come as prefix_name, and prefixes are anybody's choice.
    record += [((normal(name.partition("_")[2]),), text) for name, text in texts.items() if "_" in name]
    return record


def _finished(record: Record, params: JsonObject, base: str) -> Posting:
    values = {name: value for name, value in asdict(posting_of(record, params["fields"])).items() if value}
    pattern = params["title_regex"]
    if pattern and (match := re.search(pattern, values.get("title", ""))):
        values |= {name: text for name, text in match.groupdict().items() if text}
    values = params["defaults"] | values
    return Posting(**(values | {"url": absolute(values["url"], base) if "url" in values else None}))
