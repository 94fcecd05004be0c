"""A posting as the site gives it becomes a job as the table holds it, or is rejected with the reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workers.clean.blanks import blank_to_none
from workers.clean.dates import PostedDate, custom_of, parse_deadline, parse_posted
from workers.clean.fingerprints import fingerprint
from workers.clean.pay import Salary, parse_salary
from workers.clean.places import Location, Place, country_code, parse_location, remote_of
from workers.clean.text import as_text, one_line, readable
from workers.clean.urls import canonical_url

if TYPE_CHECKING:
    from workers.records import Posting

_TITLE, _NAME, _LINE, _DESCRIPTION = 500, 300, 1_000, 100_000  # characters kept
_MOST_LOCATIONS = 300
_PLACE_KEYS = (
    ("city", "addressLocality", "locality"),
    ("region", "state", "addressRegion", "province"),
    ("country", "addressCountry", "country_code", "countryCode"),
)
_WORDS_FOR_REMOTE = {
    "true": True,
    "yes": True,
    "1": True,
    "telecommute": True,
    "remote": True,
    "false": False,
    "no": False,
    "0": False,
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a posting cannot be a job; one sentence."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanJob:
    """The columns of table `jobs` that come from a posting."""

    url: str  # canonical; the key
    external_id: str | None
    title: str
    company: str | None
    description: str | None  # plain text
    location_raw: str | None
    locations: list[dict[str, str | None]]  # city, region, country of each place
    city: str | None  # of the first place, as region and country
    region: str | None
    country: str | None  # ISO 3166 alpha-2
    countries: list[str]
    remote: bool | None
    job_type: str | None
    salary_min: float | None
    salary_max: float | None
    salary_currency: str | None  # ISO 4217
    salary_period: str | None
    posted_at: datetime | None
    posted_precision: str | None
    valid_through: datetime | None
    content_hash: str  # sha256 hex of what the site says; relative dates left out, they change by themselves
    fingerprint: str | None  # the same job from several sources has the same one; None: too little is known


def clean_posting(
    posting: Posting, *, base_url: str | None, fetched_at: datetime, language: str | None = None
) -> CleanJob | Rejected:
    """The job in a posting. Never raises: a value of the wrong type is no value, a missing title or URL rejects."""
    title = _line(posting.title, _TITLE)
    if title is None:
        return Rejected("The posting has no title; check the title selector of the node.")
    url = canonical_url(as_text(posting.url), base_url)
    if url is None:
        return Rejected(
            "The posting has no http or https URL of at most 2,000 characters; check the link selector of the node."
        )
    raw = _location_texts(posting)
    location = _location(posting, raw)
    company = _line(posting.company, _NAME)
    first = location.places[0] if location.places else Place()
    countries = list(dict.fromkeys(place.country for place in location.places if place.country))
    facts: dict[str, Any] = {
        "url": url,
        "external_id": _line(posting.external_id, _NAME),
        "title": title,
        "company": company,
        "description": _description(posting.description),
        "location_raw": one_line(" | ".join(raw), _LINE) or None,
        "locations": [{"city": p.city, "region": p.region, "country": p.country} for p in location.places],
        "city": first.city,
        "region": first.region,
        "country": first.country,
        "countries": countries,
        "remote": location.remote,
        "job_type": _job_type(posting.job_type),
        **_pay(parse_salary(posting.salary)),
    }
    same = fingerprint(title, company, location.places, remote=location.remote)
    dates, lasting = _dates(posting, fetched_at, language or custom_of(countries))
    return CleanJob(**facts, **dates, content_hash=_digest({**facts, **lasting, "fingerprint": same}), fingerprint=same)


def _dates(posting: Posting, fetched_at: datetime, language: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of dates, and what of them belongs to the content: relative text gives another instant each time."""
    posted = parse_posted(_plain(posting.posted), fetched_at, language)
    through = parse_deadline(_plain(posting.valid_through), fetched_at, language)
    columns = {
        "posted_at": posted.at if posted else None,
        "posted_precision": posted.precision if posted else None,
        "valid_through": through.at if through else None,
    }
    return columns, {
        "posted": _stated(posted, posting.posted, language),
        "through": _stated(through, posting.valid_through, language),
    }


def _line(value: object, limit: int) -> str | None:
    text = as_text(value)
    line = one_line(text, limit) if text is not None else ""
    return line if line and blank_to_none(line) is not None else None


def _plain(value: object) -> object:
    """Dates come as numbers, datetimes or texts; a list or mapping of one is opened."""
    return as_text(value) if isinstance(value, (list, tuple, dict, bytes)) else value


def _description(value: object) -> str | None:
    text = (
        "\n".join(part for part in value[:50] if blank_to_none(part) is not None)
        if isinstance(value, list) and all(isinstance(v, str) for v in value[:50])
        else as_text(value)
    )
    shown = readable(text, _DESCRIPTION) if text is not None else ""
    return shown if shown and blank_to_none(shown) is not None else None


def _job_type(value: object) -> str | None:
    if isinstance(value, (list, tuple)):
        lines = [line for line in (_line(item, _NAME) for item in value[:10]) if line]
        return ", ".join(dict.fromkeys(lines))[:_NAME] or None
    return _line(value, _NAME)


def _pay(salary: Salary | None) -> dict[str, object]:
    stated = salary or Salary()
    return {
        "salary_min": stated.min,
        "salary_max": stated.max,
        "salary_currency": stated.currency,
        "salary_period": stated.period,
    }


def _location_texts(posting: Posting) -> list[str]:
    values = [*_each(posting.location), *_each(posting.locations)]
    texts = (
        _address(value) if isinstance(value, Mapping) else _line(value, 8 * _LINE) for value in values[:_MOST_LOCATIONS]
    )
    return list(dict.fromkeys(text for text in texts if text))


def _each(value: object) -> Iterator[object]:
    if isinstance(value, (list, tuple)):
        yield from value[:_MOST_LOCATIONS]
    elif isinstance(value, str):
        yield from value[: 8 * _LINE].split("\n")
    elif value is not None:
        yield value


def _address(value: Mapping[Any, Any]) -> str | None:
    for _ in range(4):  # deeper than this it is no address any more
        inner = value.get("address")
        if not isinstance(inner, Mapping):
            break
        value = inner
    fields = (next((value[name] for name in names if value.get(name)), None) for names in _PLACE_KEYS)
    lines = [line for line in (_line(field, _NAME) for field in fields) if line]
    if not lines:
        return _line(dict(value), _LINE)
    country = country_code(lines[-1]) if len(lines) > 1 else None
    return ", ".join([*lines[:-1], _country_name(country)] if country else lines)


def _country_name(code: str) -> str:
    from workers.clean._places.country_words import COUNTRIES

    return COUNTRIES[code].split("|")[1]  # the name, since "CA" behind a city would be California


def _location(posting: Posting, raw: list[str]) -> Location:
    parsed = [parse_location(text) for text in raw]
    places = tuple(dict.fromkeys(place for location in parsed for place in location.places))[:_MOST_LOCATIONS]
    said = [location.remote for location in parsed]
    heard = True if True in said else False if False in said else None
    stated = _remote(posting.remote)
    return Location(places, heard if stated is None else stated)


def _remote(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = _line(value, _NAME)
    if word is None:
        return None
    return _WORDS_FOR_REMOTE.get(word.casefold(), remote_of(word))


def _stated(date: PostedDate | None, value: object, language: str | None) -> str | None:
    """The date as ISO text where the site names an instant; None where it only says how long ago."""
    if date is None or (isinstance(value, str) and parse_posted(value, _ANOTHER_DAY, language) != date):
        return None
    return date.at.isoformat()


_ANOTHER_DAY = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001  parse_posted reads it as UTC; far from every real fetch


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=True, sort_keys=True, default=str).encode()).hexdigest()
