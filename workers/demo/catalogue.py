"""Which postings a request is about: field of work, page and size from an address's query; pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from workers.demo.site import Job
from workers.demo.words import FIELDS

PAGE_SIZE = 20
MAX_SIZE = 100
FIELD_KEYS = frozenset(field.key for field in FIELDS)


class NoSuchPage(LookupError):
    """The query names nothing on this board; its text says what there is instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One page of postings and its place among the others."""

    jobs: list[Job]
    found: int  # postings on all pages together
    number: int  # from 1
    last: int  # number of the last page
    field: str  # "" means all
    size: int

    def query(self, number: int) -> str:
        """The query string that leads to another page of the same listing."""
        wanted = {"field": self.field, "size": "" if self.size == PAGE_SIZE else self.size, "page": number}
        return urlencode({key: value for key, value in wanted.items() if value})


def parse_query(text: str) -> dict[str, str]:
    """The query of an address as a mapping; raises NoSuchPage when it is absurdly long."""
    try:
        return dict(parse_qsl(text, max_num_fields=10))
    except ValueError as error:
        raise NoSuchPage("That address has too many parameters; field, page and size are enough.") from error


def select(jobs: list[Job], query: dict[str, str]) -> list[Job]:
    """The postings of the field that the query names, newest first; all without one."""
    field = query.get("field", "")
    if field and field not in FIELD_KEYS:
        raise NoSuchPage(f"There is no such field of work; choose one of {', '.join(sorted(FIELD_KEYS))}.")
    return sorted((job for job in jobs if field in ("", job.field)), key=lambda job: (job.age_hours, job.number))


def listing(jobs: list[Job], query: dict[str, str]) -> Listing:
    """The page of postings that a query asks for; raises NoSuchPage beyond the last one."""
    found = select(jobs, query)
    size = min(whole(query, "size", PAGE_SIZE), MAX_SIZE)
    number, last = whole(query, "page", 1), max(1, -(-len(found) // size))
    if number > last:
        raise NoSuchPage(f"There is no page {number}; the last one is page {last}.")
    part = found[(number - 1) * size : number * size]
    return Listing(jobs=part, found=len(found), number=number, last=last, field=query.get("field", ""), size=size)


def whole(query: dict[str, str], key: str, default: int) -> int:
    """A number ≥ 1 of at most six digits from the query; raises NoSuchPage for anything else."""
    text = query.get(key, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) > 0):
        raise NoSuchPage(f"{key} should be a whole number from 1 to 999999.")
    return int(text)
