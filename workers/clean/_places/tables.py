"""The tables of places written by hand, as look-ups built on first use: countries, regions, cities, other words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from workers.clean._places import city_words, country_words, region_words
from workers.clean._places.gazetteer_file import entries
from workers.clean.text import fold

KEPT = 512  # answers: the parts of one board's places come again and again
CITIES_BY_CODE = {"NY": "New York City", "DC": "Washington DC"}  # what a state's code means in a row of cities
_OF_TOWN = re.compile(r" (?:city|municipality|metropolis)$")
_PUNCTUATION = str.maketrans({".": "", "’": "'", "-": " ", "–": " ", "_": " "})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job is: `country` is ISO 3166 alpha-2, `region` a code for the US and Canada, else as written."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


@lru_cache(KEPT)
def key(name: str) -> str:
    """The form under which names are compared: folded, no dots, hyphens as spaces, "St." written out."""
    words = fold(name).translate(_PUNCTUATION).split()
    return " ".join(["saint", *words[1:]] if words[:1] in (["st"], ["ste"]) and len(words) > 1 else words)


@cache
def _country_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, listed in country_words.COUNTRIES.items():
        for name in listed.split("|")[1:]:
            names.setdefault(key(name), code)
    names["us"] = "US"
    return names


@cache
def _country_codes() -> dict[str, str]:
    codes = {listed.split("|")[0]: code for code, listed in country_words.COUNTRIES.items()}
    return codes | {code: code for code in country_words.COUNTRIES}


@cache
def _wider() -> frozenset[str]:
    return frozenset(key(name) for name in country_words.WIDER.split("|"))


@cache
def _everyday() -> frozenset[str]:
    return frozenset(key(word) for word in country_words.EVERYDAY.split("|"))


@cache
def regions_by_name() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for country, listed in region_words.REGIONS.items():
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
        _code_and_name(entry)[0].upper() for entry in region_words.REGIONS.get(country, "").split("|") if entry
    )


@cache
def _cities_by_name() -> dict[str, Place]:
    found: dict[str, Place] = {}
    for country, listed in city_words.CITIES.items():
        for group in listed.split(";"):
            region, colon, names = group.rpartition(":")
            for entry in names.split(","):
                spellings = [name.strip() for name in entry.split("=") if name.strip()]
                for name in spellings:
                    shown = spellings[0] if country == "US" else _shown(name, spellings[0])
                    found.setdefault(key(name), Place(shown, region.strip() or None if colon else None, country))
    return found


@cache
def _usual_names() -> dict[str, str]:
    entries_listed = (entry for listed in city_words.CITIES.values() for entry in listed.replace(";", ",").split(","))
    spelt = [[key(name) for name in entry.rpartition(":")[2].split("=")] for entry in entries_listed if "=" in entry]
    return {name: names[0] for names in spelt for name in names}


def is_one_town(name: str, other: str) -> bool:
    """Whether two names are the same, or spellings of one town: "Lisbon" and "Lisboa", "Sofia" and "Sofia City"."""
    first, second = (_OF_TOWN.sub("", key(spelt)) for spelt in (name, other))
    return _usual_names().get(first, first) == _usual_names().get(second, second)


def _shown(name: str, usual: str) -> str:
    return name if len(name) > 4 or not name.isupper() else usual


@lru_cache(KEPT)
def country_of(name: str) -> str | None:
    """Alpha-2 of a country's name in any of forty languages, alias, alpha-3 or (upper case only) alpha-2."""
    stripped = name.strip().strip(".")
    code = _country_codes().get(stripped) if stripped.isascii() and stripped.isupper() else None
    return code or _named_country(key(stripped))


def is_country_name(name: str) -> bool:
    """Whether it is a country's name, not merely a code that may mean a region."""
    return _named_country(key(name)) is not None


@lru_cache(KEPT)
def _named_country(named: str) -> str | None:
    listed = _country_names().get(named)
    return listed or next((entry.country for entry in entries(f"@{named}")), None) if named else None


def is_usual_name(name: str) -> bool:
    """Whether it is what a country is usually called in English, or in short."""
    return key(name) in _usual_countries()


@cache
def _usual_countries() -> frozenset[str]:
    return frozenset({key(listed.split("|")[1]) for listed in country_words.COUNTRIES.values()} | {"us", "usa", "uk"})


def is_wider(name: str) -> bool:
    """Whether it is a continent, a trade region or a word that names no place."""
    return key(name) in _wider()


def is_word(name: str) -> bool:
    """Whether it is an everyday word that some small town is called by too."""
    return key(name) in _everyday()


def listed_city(name: str) -> Place | None:
    """The place of a town of the list written by hand."""
    return _cities_by_name().get(key(name))
