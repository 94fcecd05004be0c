"""HR-XML: documents of PositionOpening elements, in any of its namespaces and versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workers.records import JsonObject, Page
from workers.scrapers.fields import first, normal, posting_of
from workers.scrapers.jobxml import job_records, read_xml
from workers.scrapers.locations import TERM, check_term, over_locations
from workers.scrapers.params import Param, read_params
from workers.scrapers.selectors import absolute

if TYPE_CHECKING:
    from workers.response import Response
    from workers.scrape import Scrape

PARAMS = (
    Param(
        name="url",
        kind="urls",
        required=True,
        sentence="HR-XML documents: one address or several; {term} and {location} are filled in.",
    ),
    TERM,
    Param(name="fields", kind="fields", default={}, sentence="Field of the posting → the document's own name for it."),
    Param(name="inactive", kind="flag", default=False, sentence="Whether openings marked inactive are taken too."),
)
ITEMS = ("PositionOpening", "JobPositionPosting", "StaffingOrder", "VacancyAnnouncement")
STATUS = ("positionopeningstatuscode", "positionrecordinfo/status", "recordstatus", "status")
CLOSED = frozenset({"inactive", "closed", "filled", "cancelled", "canceled", "withdrawn", "expired", "deleted"})


def read(params: JsonObject) -> JsonObject:
    """The params with defaults; raises ScraperRefused."""
    values = read_params("hrxml", PARAMS, params)
    check_term("hrxml", values["url"], values["term"])
    return values


def scrape(scrape: Scrape) -> Iterator[Page]:
    """Reads the openings of HR-XML documents; those that are not active are counted and left out."""
    yield from over_locations(scrape, read(scrape.params), "url", _pages)


def _pages(scrape: Scrape, params: JsonObject) -> Iterator[Page]:
    urls = params["url"]
    for at in range((scrape.checkpoint or {}).get("document", 0), len(urls)):
        response = scrape.fetch(urls[at])
        records = _records(response)
        active = [record for record in records if params["inactive"] or not _is_closed(record)]
        if len(active) < len(records):
            scrape.log("openings_inactive", url=response.url, skipped=len(records) - len(active), of=len(records))
        found = [posting_of(record, params["fields"]) for record in active]
        postings = [replace(one, url=absolute(one.url, response.url) if one.url else None) for one in found]
        yield Page(url=response.url, postings=postings, checkpoint={"document": at + 1}, done=at + 1, total=len(urls))


def _records(response: Response) -> list[Any]:
    """The openings; raises ValueError for a body that is no HR-XML, so that an error page is not "0 jobs, ok"."""
    root = read_xml(response.content)
    if root is not None:
        records = next((found for item in ITEMS if (found := job_records(root, item))), [])
        if records or "hr-xml" in str(root.nsmap.values()).lower() or normal(str(root.tag)).endswith("positionopening"):
            return records
    begins = response.content[:60].decode("utf-8", "replace")
    raise ValueError(f"{response.url} is no HR-XML (it begins {begins!r}): check url")


def _is_closed(record: Any) -> bool:
    return (first(record, STATUS) or "").lower() in CLOSED
