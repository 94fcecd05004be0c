"""The gazetteer asked: what a region's or a town's name may stand for, the tables written by hand first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from workers.clean._places.gazetteer_file import AREA, CITY, OTHER_NAME, REGION_NAME, Entry, entries
from workers.clean._places.tables import (
    KEPT,
    Place,
    country_of,
    is_word,
    key,
    listed_city,
    region_codes,
    regions_by_name,
)

_SMALL_WORDS = frozenset(
    "am an der de del della di do da la le les upon of and on in sur sous bei im y el und the".split()
)
_ABBREVIATED = {"ft": "fort", "mt": "mount", "pt": "port", "n": "north", "s": "south"}
_FRONT = re.compile(
    r"^(?:(?:city|province|state|region|district|municipality|canton|county|republic|federal territory|comunidad|"
    r"provincia|ville|stadt|governorate|department|prefecture) (?:of|de|di|do|da) (?:the )?|land |stadt |co )"
)
_BEHIND_TOWNS = re.compile(r" (?:city|municipality|shi|town|district|metropolitan city)$")
_BEHIND_REGIONS = re.compile(
    r" (?:municipality|district|province|region|county|state|prefecture|oblast|voivodeship|governorate|department|kraj|"
    r"kreis|emirate|special region|capital region|city province|lan|sheng)$"
)
_STATES_FILLED_IN = frozenset(
    "US CA AU IN GB".split()
)  # where postings write the state, so that a search by it is complete
_BRITISH = {"ENG": "England", "SCT": "Scotland", "WLS": "Wales", "NIR": "Northern Ireland"}
_WITHIN = {
    "CN": ("CN", "HK", "MO", "TW"),
    "US": ("US", "PR", "GU", "VI", "AS", "MP"),
    "FR": ("FR", "RE", "GP", "MQ", "GF", "YT"),
}
_CODES_FIRST = ("US", "CA", "AU")
BARE_FROM = 34  # 15,000 people: size from which a name alone, in the midst of other words, is a town
FOUR_TIMES = 5  # steps of size between a town and another four times as large


class Region(NamedTuple):
    """A region as it may be meant: `code` is ISO 3166-2 within the country, `shown` what is answered."""

    country: str
    code: str
    shown: str
    written: str
    area: bool = False


@lru_cache(KEPT)
def is_known(name: str) -> bool:
    """Whether the name alone is a country, a region of the first level or a town."""
    return bool(country_of(name) or city_of(name)) or any(not region.area for region in regions_of(name))


@lru_cache(KEPT)
def regions_of(name: str, country: str | None = None) -> tuple[Region, ...]:
    """What a region's name or upper-case code may stand for; one of no country is of the US, Canada or Australia."""
    stripped = name.strip().rstrip(".")
    found: list[Region] = []
    if stripped.isupper() and 2 <= len(stripped) <= 4:
        for candidate in (country,) if country else _CODES_FIRST:
            found.extend(_coded_region(candidate, stripped))
    named = key(stripped)
    listed = dict(regions_by_name().get(named, ()))
    found += [Region(place, _iso_code(place, code, named), code, stripped) for place, code in listed.items()]
    for entry in (entry for spelling in _spellings(named, region=True) for entry in entries(spelling)):
        if entry.kind == AREA or (entry.kind == REGION_NAME and entry.country not in listed):
            shown = entry.region if (entry.kind, entry.country) == (AREA, "US") else stripped  # counties
            found.append(Region(entry.country, entry.region, shown, stripped, entry.kind == AREA))
    return tuple(region for region in found if country in (None, region.country))


def _coded_region(country: str, code: str) -> list[Region]:
    known = [Region(country, code, code, code)] if code in region_codes(country) else []
    listed = entries(f"{country}/{code}".lower())
    return known or [Region(country, entry.region, code, code, entry.kind == AREA) for entry in listed]


@cache
def _iso_code(country: str, code: str, named: str) -> str:
    for entry in (*entries(f"{country}/{code}".lower()), *entries(named), *entries(key(code))):
        if entry.country == country and entry.kind in (REGION_NAME, AREA):
            return entry.region
    return ""


@lru_cache(KEPT)
def cities_of(name: str) -> tuple[Entry, ...]:
    """Every town of that name, the largest first; spellings without umlauts and with "City" behind are tried too."""
    named = key(name)
    for spelling in _spellings(named):
        found = tuple(entry for entry in entries(spelling) if entry.kind in (CITY, OTHER_NAME))
        if found:
            return found
    return ()


def _spellings(named: str, *, region: bool = False) -> Iterator[str]:
    yield named
    if "ae" in named or "oe" in named or "ue" in named:
        yield named.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    first, space, rest = named.partition(" ")
    if space and first in _ABBREVIATED:
        yield f"{_ABBREVIATED[first]} {rest}"
    if space:
        bare = (_BEHIND_REGIONS if region else _BEHIND_TOWNS).sub("", _FRONT.sub("", named))
        if bare not in ("", named):
            yield bare


@lru_cache(KEPT)
def city_of(name: str) -> Place | None:
    """The place of a town that its name alone tells; its `city` is the usual spelling of the name."""
    listed = listed_city(name)
    if listed is not None:
        return listed
    found = cities_of(name) if not is_word(name) else ()
    return placed(name, found[0], found) if found and found[0].size >= BARE_FROM else None


def airport(code: str) -> Entry | None:
    """The large city that three capital letters stand for at its airport."""
    return next(iter(entries(f"={code.lower()}")), None)


def towns_within(name: str, country: str) -> tuple[Entry, ...]:
    """The towns of that name in a country, its special regions included."""
    return tuple(entry for entry in cities_of(name) if entry.country in _WITHIN.get(country, (country,)))


def placed(name: str, chosen: Entry, among: tuple[Entry, ...]) -> Place:
    """The place of a chosen town; its region where postings of the country write one and no other can be meant."""
    rivals = [other for other in among if other.country == chosen.country and other.region != chosen.region]
    certain = chosen.country in _STATES_FILLED_IN and not any(other.size > chosen.size - FOUR_TIMES for other in rivals)
    region = _BRITISH.get(chosen.region, chosen.region) if certain else ""
    return Place(cased(name), region or None, chosen.country)


def cased(name: str) -> str:
    """A town's name in capitals or in small letters only, written as names are."""
    name = name.rstrip(".") if name.count(".") == 1 else name
    if not (name.isupper() or name.islower()) or len(name) < 4:
        return name
    words = [_cased_word(word, first=not index) for index, word in enumerate(name.split(" "))]
    return " ".join(words)


def _cased_word(word: str, *, first: bool) -> str:
    low = word.lower()
    if not first and low in _SMALL_WORDS:
        return low
    return "".join(
        piece if piece in ("-", "(") else piece[:1].upper() + piece[1:] for piece in re.split(r"([-(])", low)
    )
