"""Who hires, in feeds that have no field for it: the titles say so, or say that another field does."""

from __future__ import annotations

import re

from workers.clean.places import parse_location
from workers.scrapers.fields import NAMES, Record, every, first

SAID = ("author/name", "source", "creator", "author", "publisher")
FEWEST = 2  # titles of one form that say something about a feed
_BEFORE = re.compile(r"^([^:]{2,60}): +\S")
_NO_COMPANY = re.compile(
    r"^(?:(?:we(?:'re| are) )?hiring|new|job|jobs|remote|urgent|update|featured|opening|vacancy|wanted|re|"
    r"engineering|sales|marketing|design|product|finance|operations|support|legal|data|people|research|security|"
    r"customer \w+|human resources|hr|it)$"
    r"|\b(?:engineer|developer|manager|designer|analyst|intern|lead|director|specialist|assistant|consultant)s?\b",
    re.IGNORECASE,
)


def companies_of(records: list[Record]) -> list[str | None]:
    """For each record who hires, where no field of its own says so and its title does."""
    missing = [not every(record, NAMES["company"]) for record in records]
    before = _before(records) if all(missing) else [None] * len(records)
    return [
        (_confirmed(record) or guess) if absent else None
        for record, absent, guess in zip(records, missing, before, strict=True)
    ]


def _confirmed(record: Record) -> str | None:
    """Whoever another field names, if the title names them too: else it may be the site, or a clerk of it."""
    title = (first(record, NAMES["title"]) or "").casefold()
    for name in SAID:
        said = first(record, (name,))
        if said and re.search(rf"(?<!\w){re.escape(said.casefold())}(?!\w)", title):
            return said
    return None


def _before(records: list[Record]) -> list[str | None]:
    """What stands before the colon, where all titles have one, most of them another name, and no trade or town."""
    found = [_BEFORE.match(first(record, NAMES["title"]) or "") for record in records]
    names = [match[1].strip() if match else "" for match in found]
    told = {name for name in names if name and not _NO_COMPANY.search(name)}
    if len(names) < FEWEST or "" in names or 2 * len(told) <= len(names):
        return [None] * len(records)
    # Many a company is called like some town; all of them are not.
    if all(parse_location(name).places for name in told):
        return [None] * len(records)
    return [None if _NO_COMPANY.search(name) else name for name in names]
