"""The parts of one segment read as places: of all ways to group them the one that the gazetteer bears out best.

A group is city, region and country, in the order of the text or the country first; what is left over is dropped. Every
reading earns points for what is known and fits together, so that "Hallein, Salzburg, Austria" is one place,
"Hamburg, Berlin, Germany" two, and "CA" a state or a country as the town before it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workers.clean._gazetteer import (
    BARE_FROM,
    Entry,
    Place,
    Region,
    airport,
    cased,
    cities_of,
    country_of,
    is_country_name,
    is_word,
    key,
    listed_city,
    placed,
    regions_of,
    towns_within,
)

_LONGEST_GROUP = 4
_GROUP_COST, _DROPPED = -2.5, -0.3
_COUNTRY, _COUNTRY_CODE = 3.0, 1.0
_REGION, _UNKNOWN_REGION, _AREA = 2.0, 0.8, 1.2
_IN_REGION, _IN_COUNTRY, _ALONE, _ELSEWHERE, _UNKNOWN = 6.0, 5.0, 3.0, 1.2, 1.0
_UNKNOWN_IN_REGION, _UNKNOWN_IN_STATE = 3.8, 2.2
_NEVER = -100.0
_MUCH_SMALLER = 10  # steps of size: a sixteenth of the people
_MOST_WORDS, _LONGEST_NAME = 6, 70
_CITY_STATES = frozenset(("singapore", "hong kong", "macau", "macao", "monaco", "gibraltar", "luxembourg"))
_WRITTEN_AS_STATES = frozenset("US CA AU IN".split())
_LARGEST = 63  # the scale of sizes ends there


@dataclass(frozen=True, slots=True)
class Context:
    """What the whole text says about a segment: `alone` if there is nothing else, `codes` if a bare code may be a state."""

    alone: bool = False
    remote: bool = False
    codes: bool = True
    country: str | None = None


Reading = tuple[float, Place | None]


def read_places(parts: list[str], context: Context) -> list[Place]:
    """The places in the best grouping of the parts, in their order."""
    if len(parts) > 1 and not all(len(part) < 4 and part.isupper() for part in parts):  # noqa: PLR2004
        context = replace(context, alone=False, codes=False)
    best: list[tuple[float, int, Place | None]] = [(0.0, 0, None)]
    for end in range(1, len(parts) + 1):
        choice = (best[end - 1][0] + _DROPPED, end - 1, None)
        for begin in range(max(0, end - _LONGEST_GROUP), end):
            points, place = _read_group(parts[begin:end], context)
            total = best[begin][0] + points + _GROUP_COST
            if place is not None and total > choice[0]:
                choice = (total, begin, place)
        best.append(choice)
    found: list[Place] = []
    at = len(parts)
    while at:
        _, at, place = best[at]
        if place is not None:
            found.append(place)
    return found[::-1]


def _read_group(parts: list[str], context: Context) -> Reading:
    return max(_readings(parts, context), key=lambda reading: reading[0], default=(_NEVER, None))


def _readings(parts: list[str], context: Context) -> Iterator[Reading]:
    for country, points, rest in _countries(parts, context):
        if not rest:
            city_state = key(parts[0]) in _CITY_STATES and not context.remote
            yield points, Place(parts[0] if city_state else None, None, country)
            continue
        for region, gained, towns in _regions(rest, country, context, country_first=rest[-1] == parts[-1]):
            total, place = _with_towns(towns, country, region, context)
            first_code = country is not None and rest[-1] == parts[-1] and len(parts[0]) < 4  # noqa: PLR2004
            unheard = total <= _UNKNOWN and towns  # "AI, Full stack" is no town of Anguilla
            yield points + gained + total - 3.0 * bool(first_code and unheard), place


def _countries(parts: list[str], context: Context) -> Iterator[tuple[str | None, float, list[str]]]:
    yield None, 0.0, parts
    ends = [(parts[-1], parts[:-1])] + ([(parts[0], parts[1:])] if len(parts) > 1 else [])
    for part, rest in ends:
        country = country_of(part)
        if country is None or (not rest and len(part) < 4 and not is_country_name(part) and not context.alone):
            continue
        named = is_country_name(part) or len(part) == 3  # noqa: PLR2004
        others = [other for other in rest if country_of(other) != country or towns_within(other, country)]
        yield country, _COUNTRY if named else _COUNTRY_CODE, others


def _regions(
    rest: list[str], country: str | None, context: Context, *, country_first: bool
) -> Iterator[tuple[Region | None, float, list[str]]]:
    yield None, 0.0, rest
    for part, towns in [(rest[-1], rest[:-1])] + ([(rest[0], rest[1:])] if len(rest) > 1 else []):
        first = part == rest[0] and len(rest) > 1
        for region in _meanings(part, towns, country):
            code = part.isupper() and len(part) < 4  # noqa: PLR2004
            if not towns and (region.area or (code and country is None and not (context.codes and (context.alone or context.remote)))):
                if country is None:
                    continue
            if not towns and country is None and all(map(is_word, part.split())):
                continue
            if first and country is not None and not country_first and towns_within(part, country):
                continue
            points = _AREA if region.area else _REGION
            yield region, points - 0.2 * first, towns
        if country is not None and towns and not (first or country_first) and len(towns) == 1 and not is_country_name(part):
            large = any(town.size > 40 for town in towns_within(part, country))  # noqa: PLR2004
            yield Region(country, "", part, part), _UNKNOWN_REGION - 1.5 * large, towns


def _meanings(part: str, towns: list[str], country: str | None) -> list[Region]:
    found = list(regions_of(part, country))
    if country is None and towns and part.isupper() and len(part) < 4:  # noqa: PLR2004
        homes = dict.fromkeys(entry.country for entry in cities_of(towns[-1])[:3])
        for home in homes:
            found += [region for region in regions_of(part, home) if region not in found]
    return found


def _with_towns(towns: list[str], country: str | None, region: Region | None, context: Context) -> Reading:
    within = country or (region.country if region else None)
    if not towns:
        if region is None:
            return _NEVER, None
        return _region_alone(region, country, context), Place(None, region.shown, within)
    if len(towns) > 2:  # noqa: PLR2004
        return _NEVER, None
    choices = [_town(town, country, within, region, context) for town in towns]
    points, place = choices[0]
    if len(choices) > 1:  # a district, or a building, beside its town
        other, second = choices[1]
        points, place = (points, place) if points >= other else (other, second)
        loss = 5.0 if min(choices[0][0], other) > _ALONE else 0.6
        points -= loss
    return points, place


def _region_alone(region: Region, country: str | None, context: Context) -> float:
    """Points beyond those of the region: more than a town of its name has that is no large one."""
    states = not region.area and region.country in _WRITTEN_AS_STATES
    points = 0.9 + (states and not (listed_city(region.written) or is_country_name(region.written))) if country is None else 3.7 if states else 2.5
    return points + (context.remote and states and region.code != "DC") * 2.2 - region.area * 1.5


def _town(
    name: str, country: str | None, within: str | None, region: Region | None, context: Context
) -> Reading:
    listed = listed_city(name)
    shown = region.shown if region else None
    if listed and within in (None, listed.country) and (
        region is None or listed.region in (None, region.shown, region.code)
    ):
        known = cities_of(name)
        if region is not None and region.code and not any(_lies_in(entry, region) for entry in known) and known and listed.region is None:
            listed = None
        else:
            points = _ALONE if within is None else _IN_REGION if region and region.code else _IN_COUNTRY
            return points + 0.8, Place(listed.city, shown or listed.region, listed.country)
    if within is None:
        return _bare_town(name, context)
    found = towns_within(name, within)
    if region is not None and region.code:
        inside = [entry for entry in found if _lies_in(entry, region)]
        if inside and inside[0].size < cities_of(name)[0].size - _MUCH_SMALLER and listed_city(region.written):
            return _ELSEWHERE, Place(cased(name), shown, within)  # "Boston, New York" is two towns
        if inside:
            return _IN_REGION + inside[0].size / _LARGEST, Place(cased(name), shown, country or inside[0].country)
        if found and key(region.shown) == key(name):
            return _IN_REGION + found[0].size / _LARGEST, Place(cased(name), shown, country or found[0].country)
        if found:
            regional = country is not None and not towns_within(region.shown, country)
            return _ELSEWHERE + 3 * regional, Place(cased(name), shown, within)
    elif found:
        place = placed(name, found[0], found)
        return _IN_COUNTRY + found[0].size / _LARGEST, Place(place.city, shown or place.region, country or place.country)
    if not _may_be_a_town(name):
        return _NEVER, None
    points = _UNKNOWN
    if region and region.code and not region.area:
        points = _UNKNOWN_IN_REGION if country else _UNKNOWN_IN_STATE
    return points, Place(cased(name), shown, within)


def _lies_in(town: Entry, region: Region) -> bool:
    return town.country == region.country and town.region == region.code


def _bare_town(name: str, context: Context) -> Reading:
    if is_word(name) or is_country_name(name) and key(name) not in _CITY_STATES:
        return _NEVER, None
    found = (towns_within(name, context.country) if context.country else ()) or cities_of(name)
    if context.country and found and found[0].country == context.country:
        return _ALONE + _renown(found[0]), placed(name, found[0], found)
    if not found and len(name) == 3 and name.isupper() and name.isascii():  # noqa: PLR2004
        landed = airport(name)
        return (_ALONE - 1, Place(name, None, landed.country)) if landed else (_NEVER, None)
    if not found or (found[0].size < BARE_FROM and not context.alone):
        return _NEVER, None
    if len(key(name)) < 3 and name.isascii():  # noqa: PLR2004
        return _NEVER, None
    return _ALONE + _renown(found[0]), placed(name, found[0], found)


def _renown(town: Entry) -> float:
    return min(1.0, max(-0.4, (town.size - 38) / 12))  # 38: 38,000 people


def _may_be_a_town(name: str) -> bool:
    if country_of(name) and is_country_name(name):
        return False
    letters = any(letter.isalpha() for letter in name) and (len(name) > 2 or not name.isascii())  # noqa: PLR2004
    return letters and len(name) <= _LONGEST_NAME and len(name.split()) <= _MOST_WORDS and not is_word(name)
