"""Look-ups of places: the tables written by hand first, the generated gazetteer behind them. Built on first use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from workers.clean import _citywords, _countrywords, _regionwords
from workers.clean._gazetteerfile import AREA, CITY, OTHER_NAME, REGION_NAME, Entry, entries
from workers.clean.text import fold


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job is: `country` is ISO 3166 alpha-2, `region` a code for the US and Canada, else as written."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


_KEPT = 1024  # answers: the parts of one board's places come again and again
_SMALL_WORDS = frozenset("am an der de del della di do da la le les upon of and on in sur sous bei im y el und the".split())
_ABBREVIATED = {"ft": "fort", "mt": "mount", "pt": "port", "n": "north", "s": "south"}
_FRONT = re.compile(
    r"^(?:(?:city|province|state|region|district|municipality|canton|county|republic|federal territory|comunidad|provincia|"
    r"ville|stadt|governorate|department|prefecture) (?:of|de|di|do|da) (?:the )?|land |stadt |"
    r"provincia (?:di |de )?|co )"
)
_BEHIND_TOWNS = re.compile(r" (?:city|municipality|shi|town|district|metropolitan city)$")
_BEHIND_REGIONS = re.compile(
    r" (?:municipality|district|province|region|county|state|prefecture|oblast|voivodeship|governorate|department|kraj|"
    r"kreis|emirate|special region|capital region|city province|lan|sheng)$"
)
_PUNCTUATION = str.maketrans({".": "", "’": "'", "-": " ", "–": " ", "_": " "})


@lru_cache(_KEPT)
def key(name: str) -> str:
    """The form under which names are compared: folded, no dots, hyphens as spaces, "St." written out."""
    words = fold(name).translate(_PUNCTUATION).split()
    return " ".join(["saint", *words[1:]] if words[:1] in (["st"], ["ste"]) and len(words) > 1 else words)


@cache
def _country_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, listed in _countrywords.COUNTRIES.items():
        for name in listed.split("|")[1:]:
            names.setdefault(key(name), code)
    names["us"] = "US"
    return names


@cache
def _country_codes() -> dict[str, str]:
    codes = {listed.split("|")[0]: code for code, listed in _countrywords.COUNTRIES.items()}
    return codes | {code: code for code in _countrywords.COUNTRIES}


@cache
def _wider() -> frozenset[str]:
    return frozenset(key(name) for name in _countrywords.WIDER.split("|"))


@cache
def _everyday() -> frozenset[str]:
    return frozenset(key(word) for word in _countrywords.EVERYDAY.split("|"))


@cache
def _regions_by_name() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for country, listed in _regionwords.REGIONS.items():
        for entry in listed.split("|"):
            code, name = _code_and_name(entry)
            found.setdefault(key(name), []).append((country, code))
    return found


def _code_and_name(entry: str) -> tuple[str, str]:
    half = len(entry) // 2
    if entry[:half] == entry[half + 1 :]:  # a region that is known by its name alone
        return entry[:half], entry[:half]
    code, _, name = entry.partition(" ")
    return code, name


@cache
def region_codes(country: str) -> frozenset[str]:
    """The codes of a country's regions, upper case."""
    return frozenset(
        _code_and_name(entry)[0].upper() for entry in _regionwords.REGIONS.get(country, "").split("|") if entry
    )


@cache
def _cities_by_name() -> dict[str, Place]:
    found: dict[str, Place] = {}
    for country, listed in _citywords.CITIES.items():
        for group in listed.split(";"):
            region, colon, names = group.rpartition(":")
            for entry in names.split(","):
                spellings = [name.strip() for name in entry.split("=") if name.strip()]
                for name in spellings:
                    shown = spellings[0] if country == "US" else _shown(name, spellings[0])
                    found.setdefault(key(name), Place(shown, region.strip() or None if colon else None, country))
    return found


def _shown(name: str, usual: str) -> str:
    return name if len(name) > 4 or not name.isupper() else usual


_STATES_FILLED_IN = frozenset("US CA AU IN GB".split())  # where postings write the state, so that a search by it is complete
_BRITISH = {"ENG": "England", "SCT": "Scotland", "WLS": "Wales", "NIR": "Northern Ireland"}
_WITHIN = {"CN": ("CN", "HK", "MO", "TW"), "US": ("US", "PR", "GU", "VI", "AS", "MP"), "FR": ("FR", "RE", "GP", "MQ", "GF", "YT")}
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


@lru_cache(_KEPT)
def country_of(name: str) -> str | None:
    """Alpha-2 of a country's name, alias, alpha-3 or (upper case only) alpha-2."""
    stripped = name.strip().strip(".")
    return _country_names().get(key(stripped)) or _country_codes().get(stripped if stripped.isupper() else "")


def is_country_name(name: str) -> bool:
    """Whether it is a country's name, not merely a code that may mean a region."""
    return key(name) in _country_names()


def is_wider(name: str) -> bool:
    """Whether it is a continent, a trade region or a word that names no place."""
    return key(name) in _wider()


@lru_cache(_KEPT)
def is_known(name: str) -> bool:
    """Whether the name alone is a country, a region of the first level or a town."""
    return bool(country_of(name) or city_of(name)) or any(not region.area for region in regions_of(name))


def is_word(name: str) -> bool:
    """Whether it is an everyday word that some small town is called by too."""
    return key(name) in _everyday()


@lru_cache(_KEPT)
def regions_of(name: str, country: str | None = None) -> tuple[Region, ...]:
    """What a region's name or upper-case code may stand for; without a country codes are those of the US, Canada, Australia."""
    stripped = name.strip().rstrip(".")
    found: list[Region] = []
    if stripped.isupper() and 2 <= len(stripped) <= 4:
        for candidate in (country,) if country else _CODES_FIRST:
            found.extend(_coded_region(candidate, stripped))
    named = key(stripped)
    shown = dict(_regions_by_name().get(named, ()))
    for place, code in shown.items():
        found.append(Region(place, _iso_code(place, code, named), code, stripped))
    for entry in (entry for spelling in _spellings(named, region=True) for entry in entries(spelling)):
        if entry.kind in (REGION_NAME, AREA) and (entry.kind == AREA or entry.country not in shown):
            found.append(Region(entry.country, entry.region, stripped, stripped, entry.kind == AREA))
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


@lru_cache(_KEPT)
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


@lru_cache(_KEPT)
def city_of(name: str) -> Place | None:
    """The place of a town that its name alone tells; its `city` is the usual spelling of the name."""
    listed = _cities_by_name().get(key(name))
    if listed is not None:
        return listed
    found = cities_of(name) if not is_word(name) else ()
    return placed(name, found[0], found) if found and found[0].size >= BARE_FROM else None


def listed_city(name: str) -> Place | None:
    """The place of a town of the list written by hand."""
    return _cities_by_name().get(key(name))


def airport(code: str) -> Entry | None:
    """The large city that three capital letters stand for at its airport."""
    return next(iter(entries(f"={code.lower()}")), None)


def towns_within(name: str, country: str) -> tuple[Entry, ...]:
    """The towns of that name in a country, its special regions included."""
    return tuple(entry for entry in cities_of(name) if entry.country in _WITHIN.get(country, (country,)))


def placed(name: str, chosen: Entry, among: tuple[Entry, ...]) -> Place:
    """The place of a chosen town; its region where postings of the country write one and no other town could be meant."""
    rivals = [other for other in among if other.country == chosen.country and other.region != chosen.region]
    certain = chosen.country in _STATES_FILLED_IN and not any(
        other.size > chosen.size - FOUR_TIMES for other in rivals
    )
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
    return "".join(piece if piece in ("-", "(") else piece[:1].upper() + piece[1:] for piece in re.split(r"([-(])", low))
