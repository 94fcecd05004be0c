"""Look-ups over the plain tables of places: which country, region or city a name stands for. Built on first use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from workers.clean import _citywords, _countrywords, _regionwords
from workers.clean.text import fold


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job is: `country` is ISO 3166 alpha-2, `region` a code for the US and Canada, else as written."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


_PUNCTUATION = str.maketrans({".": "", "’": "'", "-": " ", "–": " ", "_": " "})


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


def region_of(name: str, country: str | None = None) -> tuple[str, str] | None:
    """(country, region) of a region's name or upper-case code; without a country those of the US go first."""
    stripped = name.strip().rstrip(".")
    upper = stripped if stripped.isupper() else ""
    for candidate in (country,) if country else ("US", "CA", "AU"):
        if upper and upper in region_codes(candidate):
            return candidate, upper
    named = _regions_by_name().get(key(name), [])
    return next((pair for pair in named if country in (None, pair[0])), None)


def city_of(name: str) -> Place | None:
    """The place of a known city; its `city` is the usual spelling of the name."""
    return _cities_by_name().get(key(name))
