"""Times that a site writes without a zone, in the zone that its node names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from workers.clean.dates import ABROAD, parse_posted
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
    """The posting with the zone's offset behind its bare times."""
    if zone == UTC:
        return posting
    return replace(
        posting,
        posted=_with_offset(posting.posted, zone, now),
        valid_through=_with_offset(posting.valid_through, zone, now),
    )


def _with_offset(said: Any, zone: str, now: datetime) -> Any:
    if not isinstance(said, str) or not _BARE.match(said):
        return said
    read = parse_posted(said, now, None if zone.startswith(("America/", "US/")) else ABROAD)
    return said if read is None else f"{said.strip()} {read.at.replace(tzinfo=ZoneInfo(zone)):%z}"
