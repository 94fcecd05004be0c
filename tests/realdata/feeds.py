"""Real feeds through the built-in feed, record by record as expected.json says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.realdata.judging import Category, Verdict
from tests.realdata.running import first_page, on_loopback
from workers.clean.dates import parse_posted
from workers.clean.places import Place, parse_location
from workers.records import Posting
from workers.scrapers import feed

FEEDS = (
    "feeds/wwr-programming-2020.rss",
    "feeds/startupjobs.xml",
    "feeds/startupjobs-cities.xml",
    "feeds/neogov-michigan.rss",
    "feeds/usajobs-hrxml-recruiting.xml",
    "feeds/usajobs-hrxml-mixed.xml",
    "feeds/apec-fr.xml",
    "feeds/kelio-fr.xml",
    "feeds/hellowork-fr.xml",
    "feeds/generic.rss",
    "feeds/open-jobs-2026-08-15.rss",
)
WITHOUT_LINK = {
    "feeds/usajobs-hrxml-recruiting.xml": "HR-XML openings name no address, so they are rejected and counted",
    "feeds/usajobs-hrxml-mixed.xml": "HR-XML openings name no address, so they are rejected and counted",
}
ZONES = {"feeds/apec-fr.xml": "Europe/Paris"}  # of times without one; a node that reads the feed says so in its params
_READ_AT = datetime(2026, 8, 15, 12, tzinfo=UTC)


def _judge(folder: Path) -> Iterator[Verdict]:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    with on_loopback(folder) as address:
        for file in FEEDS:
            params = {"url": address + file, "timezone": ZONES.get(file, "UTC")}
            postings = first_page(feed.scrape, params).postings
            wanted = expected[file]
            yield _verdict(file, "items", len(postings), wanted["items"])
            records = wanted.get("records") or ([wanted["first"]] if "first" in wanted else [])
            for number, (posting, record) in enumerate(zip(postings, records, strict=False), 1):
                for key, value in record.items():
                    hit = _says(key, posting, value, params["timezone"])
                    yield Verdict(asked=f"{file} {number} {key}", got=_shown(posting), expected=value, hit=hit)
            if "locations" in wanted:
                yield _verdict(file, "locations", postings[0].locations, wanted["locations"])


def _verdict(file: str, key: str, got: Any, wanted: Any) -> Verdict:
    return Verdict(asked=f"{file} {key}", got=got, expected=wanted, hit=got == wanted)


def _shown(posting: Posting) -> str:
    return f"{posting.title} | {posting.location} | {posting.posted} | {posting.salary}"


def _says(key: str, posting: Posting, wanted: Any, zone: str) -> bool:
    salary = posting.salary if isinstance(posting.salary, dict) else {}
    if key in {"min", "max"}:
        return bool(salary.get(key) == (f"{wanted:.0f}" if wanted else None))
    place = next(iter(parse_location(posting.location).places), Place())
    posted = parse_posted(posting.posted, _READ_AT, "fr" if "/" in str(posting.posted) else None)
    answers = {
        "state": place.region == wanted,
        "created": posted is not None and f"{posted.at:%Y-%m-%dT%H:%M:%SZ}" == wanted,
        "title": posting.title == wanted,
        "company": posting.company == wanted,
        "region": posting.location == wanted,
        "location": posting.location == wanted,
        "city": str(posting.location).split(",")[0] == wanted,
        "published": _day(str(posting.posted)) == str(wanted)[:10],
        "created_text": f"{posted.at.astimezone(ZoneInfo(zone)):%d/%m/%Y %H:%M:%S}" == wanted if posted else False,
        "employment_types": str(posting.job_type).split(", ") == wanted,
        "external_id": posting.external_id == str(wanted),
        "id": posting.external_id == wanted,
        "interval": str(salary.get("period", wanted)).casefold() == wanted,  # without an amount there is no pay at all
    }
    return bool(answers[key])


def _day(text: str) -> str:
    return parsedate_to_datetime(text).date().isoformat() if text[:3].isalpha() else text[:10]


CATEGORIES = (Category(name="feeds", floor=1, judge=_judge),)
