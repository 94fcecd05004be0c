"""The parts of one segment read as places: of all ways to group them the one that the gazetteer bears out best.

A group is city, region and country, in the order of the text or the country first; what is left over is dropped. Every
reading earns points for what is known and fits together, so that "Hallein, Salzburg, Austria" is one place,
"Hamburg, Berlin, Germany" two, and "CA" a state or a country as the town before it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from workers.clean._places.gazetteer import Region, cities_of, regions_of, towns_within
from workers.clean._places.tables import CITIES_BY_CODE, Place, country_of, is_country_name, is_word, key, listed_city
from workers.clean._places.towns import (
    ALONE,
    CITY_REGIONS,
    CITY_STATES,
    NEVER,
    UNKNOWN,
    WRITTEN_AS_STATES,
    Context,
    Reading,
    are_two_towns,
    read_town,
)

_LONGEST_GROUP = 4
_GROUP_COST, _DROPPED = -2.5, -0.3
_COUNTRY, _COUNTRY_CODE = 3.0, 1.0
_REGION, _UNKNOWN_REGION, _AREA = 2.0, 0.8, 1.2
_TWO_TOWNS, _DISTRICT = 5.0, 0.6  # what a group loses by a second town that is one, and by one that is none
_LONG = 6  # letters of a county that is one by itself
_MOST_TOWNS = 3  # that may be one and its quarters
_SMALL = 36  # 22,000 people: rather in the region of a large town than in a row with it
_LARGE = 40  # 65,000 people: more likely a town of its own than an unknown region
_NATIONS = frozenset("ENG SCT WLS NIR".split())  # of the United Kingdom

Regional = tuple[Region | None, float, list[str]]  # a region, its points, the parts that are left for towns


def read_places(parts: list[str], context: Context) -> list[Place]:
    """The places in the best grouping of the parts, in their order."""
    parts = _with_cities(parts)
    context = _of_parts(parts, context)
    known: dict[tuple[str, ...], Reading] = {}  # a row that names the same over and over costs no more
    best: list[tuple[float, int, Place | None]] = [(0.0, 0, None)]
    for end in range(1, len(parts) + 1):
        choice: tuple[float, int, Place | None] = (best[end - 1][0] + _DROPPED, end - 1, None)
        for begin in range(max(0, end - _LONGEST_GROUP), end):
            group = tuple(parts[begin:end])
            if group not in known:
                known[group] = max(_readings(parts[begin:end], context), key=lambda reading: reading[0])
            points, place = known[group]
            total = best[begin][0] + points + _GROUP_COST
            if place is not None and total > choice[0]:
                choice = (total, begin, place)
        best.append(choice)
    return _chosen(best)


def _of_parts(parts: list[str], context: Context) -> Context:
    """The context with what the parts of a segment say together."""
    plain = len(parts) == 1 or all(map(_is_code, parts))
    return replace(
        context,
        alone=context.alone and plain,
        codes=context.codes and plain,
        towns=len(parts) > 2 and all(map(listed_city, parts)),
        states=_are_states([part for part in parts if not is_country_name(part) or _state_codes(part)]),
        countries=context.countries or (len(parts) > 2 and are_countries(parts)),
        stated=any(map(is_country_name, parts)),
        remote=context.remote and _are_regions(parts),
    )


def _chosen(best: list[tuple[float, int, Place | None]]) -> list[Place]:
    found: list[Place] = []
    at = len(best) - 1
    while at:
        _, at, place = best[at]
        found.extend([place] if place else [])
    return found[::-1]


def _with_cities(parts: list[str]) -> list[str]:
    """A state's code is the city where one must be meant: "London, NY, Austin", "NY, NY"."""
    if not (codes := [at for at, part in enumerate(parts) if part in CITIES_BY_CODE]):
        return parts
    twice = len(parts) > 1 and parts[0] == parts[1]
    row = len(parts) > 2 and all(part in CITIES_BY_CODE or listed_city(part) for part in parts)
    meant = [0] if twice else [at for at in codes if not at or not _lie_in(parts[at - 1], parts[at])] if row else []
    return [CITIES_BY_CODE[part] if at in meant else part for at, part in enumerate(parts)]


def _are_states(parts: list[str]) -> bool:
    return len(parts) > 2 and all(map(_state_codes, parts)) and not all(map(listed_city, parts))


def are_countries(parts: list[str]) -> bool:
    """Whether all are codes of countries and one of no state, so that "DE, AT, CH" has nothing to do with Delaware."""
    coded = len(parts) > 1 and all(_is_code(part) and country_of(part) for part in parts)
    return coded and any(not regions_of(part) for part in parts if country_of(part) != "US" or len(parts) == 2)


def _are_regions(parts: list[str]) -> bool:
    """Whether nothing but regions and countries is named, and no state behind itself: "New York, NY" is a town."""
    others = [part for part in parts if not is_country_name(part)]
    twice = any(_state_codes(first) & _state_codes(second) for first, second in pairwise(parts))
    return not twice and (len(others) < 2 or all(map(regions_of, others)))


def _state_codes(name: str) -> set[str]:
    return {region.code for region in regions_of(name) if region.country == "US" and not region.area}


def _lie_in(town: str, state: str) -> bool:
    return any((entry.country, entry.region) == ("US", state) for entry in cities_of(town))


def _is_code(part: str) -> bool:
    return len(part) < 4 and part.isupper()


def _readings(parts: list[str], context: Context) -> Iterator[Reading]:
    for country, points, rest in _countries(parts, context):
        if not rest:
            city_state = key(parts[0]) in CITY_STATES and not context.remote
            yield points, Place(parts[0] if city_state else None, None, country)
            continue
        country_last = rest[-1] != parts[-1]
        for region, gained, towns in _regions(rest, country, context, country_last=country_last):
            total, place = _with_towns(towns, country, region, context)
            if place and region and towns == parts[1:] and key(parts[0]) in CITY_REGIONS:
                place = Place(parts[0], None, place.country)  # "Praha - Karlín": a quarter behind its town
            if towns and total <= UNKNOWN and country and not country_last and _is_code(parts[0]):
                total -= 3  # "AI, Full stack" is no town of Anguilla
            yield points + gained + total, place


def _countries(parts: list[str], context: Context) -> Iterator[tuple[str | None, float, list[str]]]:
    yield None, 0.0, parts
    ends = [(parts[-1], parts[:-1]), (parts[0], parts[1:])][: len(parts)]
    for part, rest in ends:
        country = country_of(part)
        if country is None or (not rest and _is_code(part) and not is_country_name(part) and not _may_be_code(context)):
            continue
        named = is_country_name(part) or len(part) == 3
        others = [other for other in rest if country_of(other) != country or towns_within(other, country)]
        yield country, _COUNTRY if named or not rest else _COUNTRY_CODE, others


def _is_known(town: str, country: str) -> bool:
    return bool(towns_within(town, country)) and listed_city(town) is None


def _may_be_code(context: Context) -> bool:
    return context.alone or context.row or context.countries


def _regions(rest: list[str], country: str | None, context: Context, *, country_last: bool) -> Iterator[Regional]:
    yield None, 0.0, rest
    for part, towns, first in [(rest[-1], rest[:-1], False), (rest[0], rest[1:], True)][: len(rest)]:
        if first and country_last and towns_within(part, country or ""):
            continue  # "Antwerp, Antwerpen, Belgium": the town comes first
        for region in () if context.countries else _meanings(part, towns, country):
            if towns and any(are_two_towns(town, region, listed=first or context.towns) for town in towns):
                continue
            if towns and country is None and country_of(part) == region.country:
                continue  # "Toluca, Mexico": the country, though a state is called so too
            if towns or country or _may_stand_alone(region, context):
                yield region, (_AREA if region.area else _REGION) - 0.2 * first, towns
        if country and country_last and len(towns) == 1 and not first and not is_country_name(part):
            large = any(town.size > _LARGE for town in towns_within(part, country))
            small = large and not any(town.size > _SMALL for town in towns_within(towns[0], country))
            yield (
                Region(country, "", part, part),
                _UNKNOWN_REGION - 1.5 * large + 3 * (small and _is_known(towns[0], country)),
                towns,
            )


def _meanings(part: str, towns: list[str], country: str | None) -> list[Region]:
    found = list(regions_of(part, country))
    if country is None and towns and _is_code(part):  # "Milano, MI": a code of the town's own country
        homes = dict.fromkeys(town.country for town in cities_of(towns[-1])[:3])
        found += [region for home in homes for region in regions_of(part, home) if region not in found]
    return found


def _may_stand_alone(region: Region, context: Context) -> bool:
    if region.area and not (context.alone and len(region.written) >= _LONG and _is_certain(region)):
        return False
    if all(map(is_word, region.written.split())) and not ((context.row or context.states) and _is_code(region.written)):
        return False
    return not _is_code(region.written) or (context.codes and (context.alone or context.remote or context.row))


def _is_certain(region: Region) -> bool:
    meanings = {(other.country, other.code) for other in regions_of(region.written)}
    return len(meanings) == 1 and country_of(region.written) is None


def _with_towns(towns: list[str], country: str | None, region: Region | None, context: Context) -> Reading:
    if not towns:
        if region is None:
            return NEVER, None
        return _region_alone(region, country, context), Place(None, region.shown, country or region.country)
    if len(towns) > _MOST_TOWNS:
        return NEVER, None
    choices = [read_town(town, country, region, context) for town in towns]
    points, place = max(choices, key=lambda choice: choice[0])
    if len(choices) > 1:  # a district, or a building, beside its town
        others = sorted(points for points, _ in choices)[:-1]
        points -= sum(_TWO_TOWNS if other > ALONE else _DISTRICT for other in others)
    return points, place


def _region_alone(region: Region, country: str | None, context: Context) -> float:
    """Points beyond those of the region: more than a town of its name has that is no large one."""
    state = not region.area and region.country in WRITTEN_AS_STATES
    if country == "GB" and region.code in _NATIONS and not region.area:
        return 3.7
    if country is None and region.area:
        return 1.8
    if country is None:
        points = 0.9 + (state and not (listed_city(region.written) or is_country_name(region.written)))
    else:
        points = 3.7 if state else 2.5
    preferred = context.remote and state and region.code != "DC"  # "Remote - New York" means the state
    return points + 2.2 * preferred - 1.5 * region.area
