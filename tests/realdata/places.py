"""Places as boards write them: country, region, city and the remote flag each judged by itself."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from tests.realdata.judging import Answer, Category, strings, table
from workers.clean.places import Place, country_code, parse_location
from workers.clean.text import fold

_EVERY = 20  # each so-many-th of the 34,000 cities of the world


def _first(text: str) -> Place:
    return next(iter(parse_location(text).places), Place())


def _remote(text: str) -> bool | None:
    return parse_location(text).remote


def _structured(folder: Path) -> Iterator[dict[str, str]]:
    yield from table(folder, "locations/city-region-country.csv")


def _countries(folder: Path) -> Iterator[tuple[str, str]]:
    return ((row["text"], row["country"]) for row in _structured(folder))


def _cities(folder: Path) -> Iterator[tuple[str, str]]:
    return ((row["text"], row["city"]) for row in _structured(folder))


def _world(folder: Path, field: str, form: str) -> Iterator[tuple[str, str]]:
    with gzip.open(folder / "locations/world-cities.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in list(csv.DictReader(file))[::_EVERY] if row["subcountry"]]
    return ((form.format(**row), row[field]) for row in rows)


def _flags(folder: Path) -> Iterator[tuple[str, bool]]:
    for row in table(folder, "locations/platform-remote-flag.csv"):
        if _remote(row["locations"]) is not None:  # most texts do not say
            yield row["locations"], row["is_remote"] == "True"


def _raw(folder: Path) -> Iterator[tuple[str, str]]:
    return ((row["text"], "a country") for row in table(folder, "locations/raw-strings.csv"))


def same_country(got: str | None, expected: str) -> bool:
    """Whether a code is that of a country's name."""
    return got is not None and got == country_code(expected)


def same_city(got: str | None, expected: str) -> bool:
    """Whether two names are one place: the same letters, or what we make of the expected name by itself."""
    return _letters(got or "") in {_letters(expected), _letters(_first(expected).city or expected)}


def _letters(name: str) -> str:
    return "".join(c for c in fold(name) if c.isalnum())


def _country(text: str) -> str | None:
    return _first(text).country


def _city(text: str) -> str | None:
    return _first(text).city


def _any_country(text: str) -> str | None:
    return next((place.country for place in parse_location(text).places if place.country), None)


def _of_the_world(name: str, answer: Answer, field: str, floor: float, form: str) -> Category:
    right = same_city if field == "name" else same_country
    return Category(name=name, floor=floor, judge=strings(lambda folder: _world(folder, field, form), answer, right))


_SHORT, _LONG = "{name}, {country}", "{name}, {subcountry}, {country}"
CATEGORIES = (
    Category(name="places-country", floor=0.99, judge=strings(_countries, _country, same_country)),
    Category(name="places-city", floor=0.97, judge=strings(_cities, _city, same_city)),
    Category(name="places-remote", floor=0.88, judge=strings(_flags, _remote, lambda got, flag: got == flag)),
    Category(
        name="places-raw", floor=0.93, page=None, judge=strings(_raw, _any_country, lambda got, _: got is not None)
    ),
    _of_the_world("places-world-country", _country, "country", 0.99, _SHORT),
    _of_the_world("places-world-country-region", _country, "country", 0.99, _LONG),
    _of_the_world("places-world-city", _city, "name", 0.98, _SHORT),
    _of_the_world("places-world-city-region", _city, "name", 0.98, _LONG),
)
