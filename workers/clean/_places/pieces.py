"""What one part holds without a comma: a town and its state, a direction and a state, other words and a country."""

from __future__ import annotations

import re

from workers.clean._places.gazetteer import cities_of, city_of, is_known, regions_of, towns_within
from workers.clean._places.streets import town_in, without_quarter
from workers.clean._places.tables import country_of, is_country_name, is_wider, is_word, listed_city

_BASED = re.compile(
    r"\b(?:in|within|from|near|of|to|across|throughout|aus|en|von|bei|around)\s+(?:the\s+)?(\S.*)$", re.IGNORECASE
)
_DIRECTIONS = frozenset(
    "north south east west northern southern eastern western central northeast northwest southeast southwest mid inner "
    "outer upstate downstate".split()
)
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_ADMINISTRATIVE = "都道府県省市区區縣县郡町村시도구군"
VENUE = re.compile(
    r"\b(?:road|street|park|estate|industrial|parque|plant|airport|campus|hub|cent(?:er|re)|zone|site|mall|office|studio|"
    r"headquarters?|hq|tower|building|warehouse|store|branch|district|downtown|county)\b",
    re.IGNORECASE,
)
_ZONES = frozenset("ET CT MT PT ST EST CET".split())  # "ET/PT" are hours of the day
_MOST_HALVES = 6
_MOST_IDEOGRAPHIC = 3


def pieces_of(part: str) -> list[str]:
    """What one part holds without a comma: "CA United States", "Washington DC", "Praha 4", "must be based in Spain"."""
    if is_wider(part):
        return [part]
    halves = [half.strip() for half in part.split("/", _MOST_HALVES)]
    if len(halves) > 1 and (all(map(country_of, halves)) or _ZONES.issuperset(halves)):
        return [half for half in halves if half not in _ZONES]  # "US/Canada" in the midst of other words
    if (town := without_quarter(part)) != part:  # before all: "Paris 01" is in the gazetteer too
        return [town]
    if is_known(part) or cities_of(part):
        return [part]
    based = _BASED.search(part)
    if based and is_known(based[1]):
        return [based[1]]
    return _ideographic(part) if _IDEOGRAPHS.search(part) else _two_names(part)


def _two_names(part: str) -> list[str]:
    words = part.split()
    for read in (_without_direction, _cut_in_two, _behind_its_country, _without_words):
        if (found := read(words)) is not None:
            return found
    if VENUE.search(part) and not regions_of(part) and not any(map(str.isdigit, part)):
        return [town_in(words) or part]
    return [part]


def _cut_in_two(words: list[str]) -> list[str] | None:
    """A name before its country or the code of its state: "CA United States", "Boston MA", "LYON FR"."""
    for cut in range(1, len(words)):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        if is_country_name(tail) and (inner := _in_its_state(words[:cut])):
            return [*inner, tail]
        if _stands_before(head, tail) or (cut == len(words) - 1 and _is_short_state(tail) and not is_word(head)):
            return [head, tail]
    return _in_its_state(words)


def _in_its_state(words: list[str]) -> list[str] | None:
    """A town before the name of the state in which it lies: "Austin Texas", "New York New York"."""
    for cut in range(len(words) - 1, 0, -1):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        states = [region for region in regions_of(tail) if region.country == "US" and not region.area]
        if any((town.country, town.region) == ("US", state.code) for state in states for town in cities_of(head)):
            return [head, tail]
    return None


def _behind_its_country(words: list[str]) -> list[str] | None:
    """A town after its country and perhaps the state: "US NY Albany", "Spain Sevilla"."""
    country = country_of(words[0])
    if country and len(words) > 2 and regions_of(words[1], country):
        return [" ".join(words[2:]), words[1], words[0]]
    town = " ".join(words[1:])
    return [town, words[0]] if town and country and towns_within(town, country) else None


def _without_words(words: list[str]) -> list[str] | None:
    """The country in "US East", "US West Coast" and "Southern Germany"."""
    if len(words) == 1:
        return None
    if is_country_name(words[0]) and (all(map(is_word, words[1:])) or is_wider(" ".join(words[1:]))):
        return words[:1]
    return words[-1:] if country_of(words[-1]) and all(map(is_word, words[:-1])) else None


def _without_direction(words: list[str]) -> list[str] | None:
    """What is left of "Southern California" and "Central London"; nothing of "Northern Europe"."""
    at = next((at for at, word in enumerate(words) if word.lower().strip("-") not in _DIRECTIONS), 0)
    rest = " ".join(words[at:])
    if not at or not (is_wider(rest) or country_of(rest) or listed_city(rest) or is_state(rest)):
        return None
    return [] if is_wider(rest) else [rest]


def is_state(name: str) -> bool:
    """Whether a name or code may be a region of the first level."""
    return any(not region.area for region in regions_of(name))


def _stands_before(head: str, tail: str) -> bool:
    country = country_of(tail) if (is_country_name(tail) and not is_word(tail)) or tail.isupper() else None
    if country is not None and not is_country_name(tail):
        return bool(towns_within(head, country))  # "LYON FR"
    return country is not None and bool(towns_within(head, country) or regions_of(head, country) or city_of(head))


def _is_short_state(word: str) -> bool:
    return 2 <= len(word) <= 3 and word.isupper() and bool(regions_of(word))


def _ideographic(part: str) -> list[str]:
    """Places written without a blank between them: "東京都渋谷区"; a Chinese city without its district."""
    found: list[str] = []
    rest = part
    while rest and len(found) < _MOST_IDEOGRAPHIC:
        names = (rest[:end] for end in range(min(len(rest), 8), 1, -1))
        name = next((name for name in names if is_known(name) or is_known(name.rstrip(_ADMINISTRATIVE))), None)
        if name is None or (found and name[-1] in "区區" and found[-1][-1] == "市"):
            break
        found.append(name if is_known(name) else name.rstrip(_ADMINISTRATIVE))
        rest = rest[len(name) :].lstrip(_ADMINISTRATIVE + " ")
    return found or [part]
