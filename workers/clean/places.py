"""Where a job is, from one line of text: several places, remote as yes, no or unknown.

Remote is True if it is offered, False for on-site or hybrid only, None where the text does not say.
A continent is no country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from workers.clean._places.gazetteer import cased
from workers.clean._places.modes import is_remote, remote_of, strip_modes, without_days
from workers.clean._places.parts import parts_of, places_of
from workers.clean._places.reading import are_countries
from workers.clean._places.segments import bare_of, is_row, segments_of
from workers.clean._places.tables import Place, country_of, is_country_name, is_one_town, is_wider, listed_city
from workers.clean._places.towns import Context, as_neighbours
from workers.clean.blanks import blank_to_none
from workers.clean.text import many_lines

__all__ = ["Location", "Place", "country_code", "parse_location", "remote_of"]

_LONGEST = 8_000  # 251 countries in a row fit
_LONGEST_KEPT = 200  # the postings of a board name the same few places again and again
_MOST_PLACES = 300
_HUB = re.compile(r"\bvia\b\s*")  # "Via Torino" is a street
_COUNT = re.compile(
    r"^\s*\+?\d+\+?\s*(?:more\s+)?(?:locations?|standorte?|lieux|places|cities|countries|other locations?)\s*$",
    re.IGNORECASE,
)
_MORE = re.compile(  # "Berlin + 2 more", "Lyon et 3 autres lieux"
    r"\+\s?\d{1,3}\b[^,;|·•()/\n]*|(?<!\w)(?:and|&|plus|und|et|y|e|en|og|och|i|a)\s\d{1,3}\s(?:more|others?|additional|further|"
    r"weitere|autres|más|mas|outr[oa]s|altr[ei]|andere|andra|andre|innych|další)(?!\w)[^,;|·•()/\n]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Location:
    """Every place of a posting in the order of the text, and whether it may be done from elsewhere."""

    places: tuple[Place, ...] = ()
    remote: bool | None = None


def parse_location(text: object) -> Location:
    """Places and remote of a location text; an empty Location for anything that is not a text."""
    if not isinstance(text, str) or blank_to_none(text) is None:
        return Location()
    return _kept(text) if len(text) <= _LONGEST_KEPT else _parsed(text)


@lru_cache(256)
def _kept(text: str) -> Location:
    return _parsed(text)


def _parsed(text: str) -> Location:
    shown = many_lines(text, _LONGEST)
    found: list[Place] = []
    segments = segments_of(_MORE.sub(" ", without_days(shown.replace("_", " "))))
    named = {country_of(part) for segment in segments for part in parts_of(bare_of(segment)) if is_country_name(part)}
    country = next(iter(named)) if len(named) == 1 else None
    row = is_row(segments)
    countries = row and are_countries([bare for segment in segments if (bare := bare_of(segment))])
    context = Context(alone=len(segments) == 1, row=row, country=country, countries=countries)
    for at, segment in enumerate(segments):
        here = _places(segment, context)
        found.extend(here if at or len(here) > 1 or not _is_company(segment, here, segments[1:]) else ())
        if len(found) >= _MOST_PLACES:
            break
    if not named and len(found) > 1:
        found = as_neighbours(found)
    return Location(tuple(_merged(list(dict.fromkeys(_share_country(found))))), remote_of(shown))


def _places(segment: str, context: Context) -> list[Place]:
    if _COUNT.match(segment):
        return []
    remote = is_remote(segment)
    hub = remote and _HUB.search(segment) is not None
    found = places_of(_HUB.sub(" ", strip_modes(segment)), replace(context, remote=remote))
    return [replace(place, city=None) if hub and place.country else place for place in found]


def _is_company(segment: str, places: list[Place], others: list[str]) -> bool:
    """Whether one name at the head of a post is rather the company's than the small town's called so."""
    name = bare_of(segment)
    told = len(others) > 1 and [place.city for place in places] == [cased(name)]
    return told and listed_city(name) is None and not is_row(others)


def _share_country(found: list[Place]) -> list[Place]:
    """Unknown towns before a place with a country belong to it: "Lollar | Wetzlar, Germany"."""
    countries = {place.country for place in found if place.country}
    if len(countries) != 1 or len(found) > 10:
        return found
    last = found[-1]
    if not last.country or last.city is None:
        return found
    return [place if place.country else replace(place, country=last.country) for place in found]


def _merged(found: list[Place]) -> list[Place]:
    """Without the country beside a town of it ("Berlin | Germany"), each town once ("Sofia, Sofia City")."""
    towns = {place.country for place in found if place.city or place.region}
    rest = [place for place in found if place.city or place.region or place.country not in towns]
    return [
        place for at, place in enumerate(rest) if not any(_is_same(place, other) for other in rest[max(0, at - 2) : at])
    ]


def _is_same(place: Place, other: Place) -> bool:
    if place == other:
        return True
    named = place.city is not None and other.city is not None and place.country == other.country
    return named and None in (place.region, other.region) and is_one_town(place.city or "", other.city or "")


def country_code(text: object) -> str | None:
    """Alpha-2 of a country's name or code in a field of its own, else None."""
    if not isinstance(text, str) or is_wider(text):
        return None
    stripped = text.strip()
    return (
        country_of(stripped) or country_of(stripped.upper())
        if is_country_name(stripped) or len(stripped) <= 3
        else None
    )
