"""Streets, buildings, postcodes and quarters: what an address has beside its town."""

from __future__ import annotations

import re

from workers.clean._places.gazetteer import cities_of, city_of, is_known
from workers.clean._places.tables import is_word

_DISTRICT = re.compile(r"\s+(?:\d{1,2}(?:e|er|[eè]me)?|[A-Z]{1,2}\d{1,2}[A-Z]?)$")  # "Praha 4", "London EC2"
_BEFORE_TOWN = re.compile(r"^[A-Z]{1,2}\d{1,2}[A-Z]?\s+")  # "SW1A London"
_POSTCODE = re.compile(
    r"(?<![\w-])\d{4} ?[A-Z]{2}(?= )|(?<![\w-])\d{4,6}(?:-\d{3,4})?(?![\w-])|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"
    r"|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b"
)
_STREET = re.compile(
    r"^\s*\d+\s+\S|\b(?:ste|suite|unit|floor|building|bldg|tower|street|road|rd|ave|avenue|blvd|n[áa]m[ěe]st[íi]|t[řr][íi]da)\b"
    r"|^(?:apt|apartment|level|plot|sector|block|room|p\.?o\.? box|etage|piso|km)\b.*\d"
    r"|^(?:rue|avenue|boulevard|quai|via|viale|corso|piazza|calle|c/|avenida|av\.|rua|ul\.|ulica|ulice) ?\S.*\s\d",
    re.IGNORECASE,
)
_STREET_END = re.compile(
    r"\d.*\s(?:st|dr|rd|ln|ave|blvd|hwy|pkwy|pky|way|ct|pl|ter|cir|sq|trl|loop|tpke|highway|drive|lane|court|place|plaza|square|"
    r"parkway|boulevard|terrace|circle|trail|crescent)"
    r"\.?(?:\s+(?:[ns]?[ew]|[ns]))?$|^\d+\s+[nsew]\s+\S",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^[^\W\d][^\d,]{3,40}\s\d{1,4}(?:\s?[a-zA-Z])?(?:\s?[/-]\s?\d{1,4}\w?)?$")  # "Herengracht 182"
_NUMBER_FIRST = re.compile(r"^\d{1,5}\s+[^\W\d]")


def has_postcode(part: str) -> bool:
    """Whether a part holds a postcode of some country."""
    return _POSTCODE.search(part) is not None


def without_postcode(part: str) -> str:
    """A part without its postcode; one that would be no place without its number keeps it, being a street."""
    bare = " ".join(_POSTCODE.sub(" ", part).split()).strip(" .-–—:")
    return part if _NUMBER_FIRST.match(part) and " " in bare and not is_known(bare) and not cities_of(bare) else bare


def without_quarter(part: str) -> str:
    """The town of a numbered quarter or of half a postcode ("Praha 4", "SW1A London"), else the part."""
    bare = _BEFORE_TOWN.sub("", _DISTRICT.sub("", part))
    return bare if city_of(bare) else part


def is_street(part: str) -> bool:
    """Whether a part is a street, a floor or a building and no known place."""
    if is_known(part):
        return False
    if _STREET.search(part) or _STREET_END.search(part):
        return True
    return _NUMBERED.match(part) is not None and without_quarter(part) == part


def ends_like_a_street(part: str) -> bool:
    """Whether a part is a number and a street."""
    return _STREET_END.search(part) is not None


def town_in(words: list[str]) -> str | None:
    """The longest run of words that is a town by itself: "Rayong" in the name of an industrial estate."""
    for length in range(min(3, len(words) - 1), 0, -1):
        for at in range(len(words) - length, -1, -1):
            name = " ".join(words[at : at + length])
            if not all(map(is_word, name.split())) and city_of(name):
                return name
    return None
