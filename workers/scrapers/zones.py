"""Times that a site writes without a zone, in the zone that its node names."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from workers.clean.dates import custom_of, parse_posted
from workers.scrapers.params import Param

if TYPE_CHECKING:
    from datetime import datetime

    from workers.records import Posting

UTC = "UTC"
TIMEZONE = Param(
    name="timezone",
    kind="zone",
    default=UTC,
    sentence="Zone of the times that the site writes without one, such as Europe/Paris.",
)
# A day in digits and a clock, and nothing behind it: "3 hours ago", a day alone and a stated zone need no other.
_BARE = re.compile(
    r"^\s*(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4})[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*$"
)


def in_zone(posting: Posting, zone: str, now: datetime) -> Posting:
    """The posting with its bare times as instants of that zone, its days written as in its country."""
    if zone == UTC:
        return posting
    return replace(
        posting,
        posted=_as_instant(posting.posted, zone, now),
        valid_through=_as_instant(posting.valid_through, zone, now),
    )


def _as_instant(said: Any, zone: str, now: datetime) -> Any:
    if not isinstance(said, str) or not _BARE.match(said):
        return said
    country = _countries().get(zone)
    read = parse_posted(said, now, custom_of([country] if country else []))
    return said if read is None else read.at.replace(tzinfo=ZoneInfo(zone)).isoformat()


@cache
def _countries() -> dict[str, str]:
    """The country of each zone, out of the list that comes with the zones."""
    listed = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in listed.splitlines() if line and not line.startswith("#"))
    return {row[2].strip(): row[0] for row in rows}
