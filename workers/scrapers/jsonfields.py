"""Values out of a job API's answer: what is missing, null or of another type is None and never an exception."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from workers.clean.blanks import blank_to_none
from workers.clean.places import Place, country_code, parse_location
from workers.records import JsonObject
from workers.scrapers.jsonld import unescaped

_WORKPLACES = {
    "remote": True,
    "fullyremote": True,
    "telecommute": True,
    "hybrid": False,
    "onsite": False,
    "inoffice": False,
    "office": False,
}


def pick(value: Any, *keys: str) -> Any:
    """What lies under keys within keys."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def each(value: Any, *keys: str) -> list[Any]:
    """The elements of a list under keys within keys."""
    found = pick(value, *keys)
    return found if isinstance(found, list) else []


def text(value: Any) -> str | None:
    """A text or a number as text, character references read; None for anything else and for what says nothing."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    shown = unescaped(value) if isinstance(value, str) else str(value)
    return shown.strip() if blank_to_none(shown) is not None else None


def first(*values: Any) -> str | None:
    """The first that is a text."""
    return next((shown for value in values if (shown := text(value)) is not None), None)


def moment(*values: Any) -> Any:
    """The first that may be a time: a text, or epoch seconds or milliseconds."""
    kinds = (str, int, float)
    return next((v for v in values if isinstance(v, kinds) and not isinstance(v, bool) and v and text(v)), None)


def count(value: Any) -> int | None:
    """A number of jobs."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def markup(*parts: Any) -> str | None:
    """HTML of several parts in a row; what was escaped twice has its tags back."""
    shown = (part for part in parts if isinstance(part, str) and blank_to_none(part) is not None)
    return "\n".join(unescaped(part) if "&lt;" in part and "<" not in part else part for part in shown) or None


def words(value: Any) -> list[str] | None:
    """One text or a list of them as a list."""
    shown = [word for word in map(text, value if isinstance(value, list) else [value]) if word]
    return shown or None


def remote(*values: Any) -> bool | None:
    """The first flag or word that says whether a job is remote; hybrid and on-site jobs are not."""
    for value in values:
        if isinstance(value, bool):
            return value
        letters = "".join(letter for letter in value.casefold() if letter.isalpha()) if isinstance(value, str) else ""
        if letters in _WORKPLACES:
            return _WORKPLACES[letters]
    return None


def pay(low: Any, high: Any, currency: Any = None, period: Any = None) -> JsonObject | None:
    """A range of pay with at least one amount; zero is how some say that they state none."""
    lowest, highest = _amount(low), _amount(high)
    if lowest is None and highest is None:
        return None
    return {"min": lowest, "max": highest, "currency": text(currency), "period": text(period)}


def address_line(city: Any, region: Any, country: Any) -> str | None:
    """A place in one line, with the name of the country: "CA" behind a city would be California."""
    from workers.clean._places.country_words import COUNTRIES  # a large table: only those who need it carry it

    name = text(country)
    code = country_code(name) if name else None
    parts = [first(city), first(region), COUNTRIES[code].split("|")[1] if code else name]
    return ", ".join(part for part in parts if part) or None


def places(*lines: Any, unless_known: Iterable[Any] = ()) -> JsonObject:
    """`location` and `locations` of a posting: all different lines, and of others those that name a further place."""
    named = list(dict.fromkeys(shown for shown in map(text, lines) if shown))
    known = [place for line in named for place in parse_location(line).places]
    for line in filter(None, map(text, unless_known)):
        found = parse_location(line).places
        if any(place.country and not any(_covers(other, place) for other in known) for place in found):
            named.append(line)
            known += found
    return {"location": named[0] if named else None, "locations": named[1:] or None}


def same_place(shown: Any, exact: str | None) -> list[str]:
    """One place told twice, as a person reads it and as an address: both only where the address says more."""
    raw = text(shown)
    if raw is None or exact is None:
        return [line for line in (raw, exact) if line]
    said, meant = parse_location(raw).places, parse_location(exact).places
    if not said:
        return [raw, exact] if meant else [raw]
    vague = all(not place.country for place in said)
    towns = not any(place.city for place in said) and any(place.city for place in meant)
    return [exact, raw] if towns else [raw, exact] if vague and meant else [raw]


def _covers(known: Place, place: Place) -> bool:
    if known.country != place.country:
        return False
    if place.city:
        return known.city == place.city
    return place.region in (None, known.region)


def _amount(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, str):
        return value if any(digit in "123456789" for digit in value) else None
    return value if math.isfinite(value) and value > 0 else None
