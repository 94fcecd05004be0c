"""HR-XML documents: position openings as government services and applicant tracking systems publish them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from workers.errors import FetchError, ScraperRefused
from workers.records import JsonObject, Page, Posting
from workers.scrapers.fields import posting_of
from workers.scrapers.jobxml import read_xml, record_of
from workers.scrapers.jsonfields import address_line, places
from workers.scrapers.locations import TERM, check_term, over_locations
from workers.scrapers.params import Param, read_params
from workers.scrapers.zones import TIMEZONE, in_zone

if TYPE_CHECKING:
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="url",
        kind="urls",
        required=True,
        sentence="HR-XML documents: one address or several; {term} and {location} are filled in.",
    ),
    TERM,
    Param(
        name="link",
        kind="text",
        sentence="Where a person reads an opening that names no address: an address with {id} in it. "
        "USAJOBS documents have theirs by themselves.",
    ),
    Param(
        name="inactive", kind="switch", default=False, sentence="Whether openings that are marked as not active count."
    ),
    TIMEZONE,
)
OPENINGS = ("PositionOpening", "JobPositionPosting")
CLOSED = frozenset(
    ("inactive", "closed", "cancelled", "canceled", "filled", "expired", "deleted", "withdrawn", "onhold")
)
USAJOBS = "https://www.usajobs.gov/job/{id}"
PLACES = ("PositionLocation", "PhysicalLocation", "JobLocation")
PLACE_PARTS = (
    ("CityName", "Municipality", "City"),
    ("CountrySubDivisionCode", "CountrySubdivision", "Region"),
    ("CountryCode", "Country"),
)
_CODE = re.compile(r"^\d+\s*-\s*(?=\D)")


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    values = read_params("hrxml", PARAMS, params)
    check_term("hrxml", values["url"], values["term"])
    if values["link"] and "{id}" not in values["link"]:
        raise ScraperRefused("hrxml: link should hold {id}, where the opening's number is put")
    return values


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the position openings of HR-XML documents; those that are marked as not active are left out."""
    yield from over_locations(scrape, read(scrape.params), "url", _pages)


def _pages(scrape: Scrape, params: JsonObject) -> Iterator[Page]:
    urls = params["url"]
    for at in range((scrape.checkpoint or {}).get("document", 0), len(urls)):
        response = scrape.fetch(urls[at])
        openings = _openings(response.content, response.url)
        active = [opening for opening in openings if params["inactive"] or _is_active(opening)]
        if left_out := len(openings) - len(active):
            scrape.log("openings_inactive", count=left_out, url=response.url)
        postings = [in_zone(_posting(opening, params["link"]), params["timezone"], scrape.now) for opening in active]
        yield Page(url=response.url, postings=postings, checkpoint={"document": at + 1}, done=at + 1, total=len(urls))


def _openings(content: bytes, url: str) -> list[Any]:
    """The openings of a document; raises FetchError for what is none, so that a login page is not "0 jobs, ok"."""
    root = read_xml(content)
    found = [] if root is None else [e for e in root.iter(etree.Element) if _name(e) in OPENINGS]
    if found or (root is not None and _is_empty_answer(root)):
        return found
    begins = content[:60].decode("utf-8", "replace")
    raise FetchError(f"{url} is no HR-XML document (it begins {begins!r}): check url", url=url)


def _is_empty_answer(root: Any) -> bool:
    return "hr-xml.org" in (etree.QName(root).namespace or "") or _name(root) in (
        "ShowPositionOpening",
        "PositionOpenings",
    )


def _is_active(opening: Any) -> bool:
    said = _texts(opening, "PositionOpeningStatusCode", "Status", "PositionStatus")
    return not any("".join(filter(str.isalpha, text)).casefold() in CLOSED for text in said)


def _posting(opening: Any, link: str | None) -> Posting:
    posting = posting_of(record_of(opening))
    ident = next(iter(_texts(opening, "DocumentID", "PositionID", "IdValue")), None)
    links = [text for text in _texts(opening, "URI", "PositionURI", "URL", "Link") if text.startswith("http")]
    template = link or (USAJOBS if _is_usajobs(opening) else None)
    built = template.replace("{id}", ident) if template and ident else None
    pay = posting.salary
    if isinstance(pay, dict) and not pay.get("currency"):
        pay = pay | {"currency": next(iter(opening.xpath(".//@currencyID")), None)}
    if not posting.location and not posting.locations:
        posting = replace(posting, **places(*_lines(opening)))
    return replace(
        posting,
        url=next(iter(links), None) or posting.url or built,
        external_id=ident,
        salary=pay,
        job_type=_CODE.sub("", posting.job_type) if posting.job_type else None,
    )


def _lines(opening: Any) -> list[str | None]:
    """The places of work that are told in parts; other addresses are those of a clerk."""
    found = [element for element in opening.iter(etree.Element) if _name(element) in PLACES]
    return [address_line(*(next(iter(_texts(place, *names)), None) for names in PLACE_PARTS)) for place in found]


def _is_usajobs(opening: Any) -> bool:
    return any(_name(element).startswith("GOVT_") for element in opening.iter(etree.Element))


def _texts(opening: Any, *names: str) -> list[str]:
    found = (element.text or "" for element in opening.iter(etree.Element) if _name(element) in names)
    return [text.strip() for text in found if text.strip()]


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)
