"""A town's name judged within what is said about it: points for how well the gazetteer bears it out, and the place."""

from __future__ import annotations

from dataclasses import dataclass

from workers.clean._places.gazetteer import (
    BARE_FROM,
    Region,
    airport,
    cased,
    cities_of,
    city_of,
    placed,
    regions_of,
    towns_within,
)
from workers.clean._places.gazetteer_file import Entry
from workers.clean._places.tables import (
    Place,
    country_of,
    is_country_name,
    is_one_town,
    is_usual_name,
    is_word,
    key,
    listed_city,
)

NEVER, UNKNOWN, ALONE = -100.0, 1.0, 3.0
_IN_REGION, _IN_COUNTRY, _ELSEWHERE, _LISTED = 6.0, 5.0, 2.0, 0.8
_UNKNOWN_IN_REGION, _UNKNOWN_IN_STATE = 3.8, 2.2
_MUCH_SMALLER = 10  # steps of size: a sixteenth of the people
_NOT_MUCH_SMALLER = 2  # steps of size: six tenths of the people
_LARGE, _METROPOLIS = 44, 50  # 200,000 and a million people
_USUAL_SIZE, _SIZES = 38, 63  # 38,000 people; the end of the scale
_MOST_WORDS, _LONGEST_NAME = 6, 70
WRITTEN_AS_STATES = frozenset("US CA AU IN".split())
CITY_STATES = frozenset(("singapore", "hong kong", "macau", "macao", "monaco", "gibraltar", "luxembourg"))
# towns that are regions by themselves, so that whatever lies in the region is a quarter of the town
CITY_REGIONS = frozenset("praha prague prag berlin hamburg wien vienna budapest bucuresti bucharest bogota".split())

Reading = tuple[float, Place | None]


@dataclass(frozen=True, slots=True)
class Context:
    """What the whole text says.

    `alone` is one segment, `row` places only; a bare code may be a state with `codes`; `country` is the one named.
    """

    alone: bool = False
    row: bool = False
    remote: bool = False
    codes: bool = True
    country: str | None = None
    towns: bool = False  # a row of three and more, each a town of the list written by hand
    states: bool = False  # such a row of American states
    stated: bool = False  # its country stands in the same segment
    countries: bool = False  # a row of codes of which one can be no state


def read_town(name: str, country: str | None, region: Region | None, context: Context) -> Reading:
    """Points and place of a town in a stated country, or in a region that has one, or by itself."""
    within = country or (region.country if region else None)
    if context.states or (region is None and _is_country(name, within)):
        return NEVER, None
    listed = _listed(name, within, region)
    if listed is not None and within is None and _is_rather_in(context.country, name, listed):
        listed = None
    if listed is not None:
        points = ALONE if within is None else _IN_REGION if region and region.code else _IN_COUNTRY
        spelt = cased(name) if key(name) == key(listed.city or "") else listed.city
        shown = region.shown if region else listed.region
        return points + _LISTED, Place(spelt, shown, listed.country)
    if within is None:
        return _by_itself(name, context)
    found = towns_within(name, within)
    if found and region is not None and region.code:
        return _in_region(name, found, country, region)
    if found:
        place = placed(name, found[0], found)
        shown = region.shown if region else place.region
        return _IN_COUNTRY + found[0].size / _SIZES, Place(place.city, shown, country or place.country)
    return _unheard_of(name, country, within, region)


def _is_country(name: str, within: str | None) -> bool:
    """Whether a name is that of another country: "Canada, Mexico" has nothing to do with a village called Canada."""
    if within is None or not is_usual_name(name) or country_of(name) == within:
        return False
    return all(town.size < BARE_FROM for town in towns_within(name, within))


def _is_rather_in(country: str | None, name: str, listed: Place) -> bool:
    """Whether a name stands for a town in the one country named, the usual one elsewhere being no metropolis."""
    if country in (None, listed.country):
        return False
    return bool(towns_within(name, country or "")) and cities_of(name)[0].size < _METROPOLIS


def are_two_towns(name: str, region: Region, *, listed: bool = False) -> bool:
    """Whether a town and what could be its region are rather two large towns of one country: "Leeds, Bristol".

    `listed` is a town that stands behind what could be its region, or in a row of more towns.
    """
    town, other = listed_city(name), listed_city(region.written)
    if not (town and other and town.country == other.country == region.country) or is_one_town(name, region.written):
        return False
    if key(region.written).startswith(("metro ", "greater ")):
        return False
    first, second = towns_within(name, region.country), towns_within(region.written, region.country)
    if not (first and second):
        return False
    own = bool(regions_of(name, region.country))  # it names a region as well, so it lies in no other one
    within = region.code and not region.area and any(_lies_in(entry, region) for entry in first)
    if listed and town.region not in (None, region.code, region.shown):
        within = False  # "New York, Boston"
    if within and (region.country in WRITTEN_AS_STATES or not own):
        return False
    return listed or own or first[0].size >= second[0].size


def as_neighbours(found: list[Place]) -> list[Place]:
    """Towns told by their names alone, moved to the one country of all others if a town there is large too."""
    moved = list(found)
    for index, place in enumerate(found):
        others = {other.country for at, other in enumerate(moved) if at != index}
        country = next(iter(others)) if len(others) == 1 else None
        if country is None or country == place.country or place.city is None or place != city_of(place.city):
            continue
        known, here = cities_of(place.city), towns_within(place.city, country)
        rival = max(town.size for town in towns_within(place.city, place.country or "") or known)
        if here and here[0].size >= rival - (_MUCH_SMALLER if listed_city(place.city) is None else _NOT_MUCH_SMALLER):
            moved[index] = placed(place.city, here[0], here)
        elif not here and rival < _LARGE and listed_city(place.city) is None:
            moved[index] = Place()  # a quarter called like a small town far away
    return [place for place in moved if place.country]


def _listed(name: str, within: str | None, region: Region | None) -> Place | None:
    listed = listed_city(name)
    if listed is None or within not in (None, listed.country):
        return None
    if region is None or not region.code:
        return listed
    if listed.region is not None:
        return listed if listed.region in (region.shown, region.code) else None
    known = cities_of(name)
    return listed if not known or any(_lies_in(town, region) for town in known) else None


def _in_region(name: str, found: tuple[Entry, ...], country: str | None, region: Region) -> Reading:
    inside = [town for town in found if _lies_in(town, region)]
    if inside and country is None and _may_be_two(name, inside[0], region):
        return _ELSEWHERE, Place(cased(name), region.shown, region.country)  # "Boston, New York" is two towns
    if inside or key(region.shown) == key(name):
        town = (inside or found)[0]
        return _IN_REGION + town.size / _SIZES, Place(cased(name), region.shown, country or town.country)
    if country is None and _is_quarter(name, region):
        return _ELSEWHERE, Place(cased(region.written), None, region.country)
    no_town = country is not None and not towns_within(region.shown, country)  # then the two cannot be a list
    return _ELSEWHERE + 3 * no_town, Place(cased(name), region.shown, region.country)


def _is_quarter(name: str, region: Region) -> bool:
    """Whether a name that is no town there stands before one: "Gulshan, Dhaka"."""
    city = None if region.country in WRITTEN_AS_STATES else listed_city(region.written)
    return city is not None and city.country == region.country and not towns_within(name, region.country)


def _may_be_two(name: str, inside: Entry, region: Region) -> bool:
    return inside.size < cities_of(name)[0].size - _MUCH_SMALLER and listed_city(region.written) is not None


def _lies_in(town: Entry, region: Region) -> bool:
    return town.country == region.country and town.region == region.code


def _by_itself(name: str, context: Context) -> Reading:
    if is_word(name) or (is_country_name(name) and key(name) not in CITY_STATES):
        return NEVER, None
    if len(name) < 3 and name.isascii():
        return NEVER, None
    here = towns_within(name, context.country) if context.country else ()
    found = here or cities_of(name)
    if found and (here or context.alone or found[0].size >= BARE_FROM):
        elsewhere = 2 * (context.stated and not here)  # "San Isidro, Santo Domingo, Dominican Republic"
        return ALONE + _renown(found[0]) - elsewhere, placed(name, found[0], found)
    landed = airport(name) if context.alone and _is_airport_code(name) else None
    return (ALONE, Place(None, None, landed.country)) if landed and not found else (NEVER, None)


def _is_airport_code(name: str) -> bool:
    return len(name) == 3 and name.isupper() and name.isascii() and country_of(name) is None


def _renown(town: Entry) -> float:
    return min(1.0, max(-0.4, (town.size - _USUAL_SIZE) / 12))


def _unheard_of(name: str, country: str | None, within: str, region: Region | None) -> Reading:
    if not _may_be_a_town(name):
        return NEVER, None
    points = UNKNOWN
    if region is not None and country is None and _is_quarter(name, region):
        return points, Place(cased(region.written), None, within)
    if region is not None and region.code and not region.area:
        first = regions_of(region.written)[:1]  # "WA" is Washington before it is Western Australia
        if region.country != "US" and country is None and listed_city(name) and region.written.isupper():
            return UNKNOWN, Place(cased(name), region.shown, within)  # "Monterrey, NL" is not in Newfoundland
        points = _UNKNOWN_IN_REGION if country else _UNKNOWN_IN_STATE if region in first else UNKNOWN
    return points, Place(cased(name), region.shown if region else None, within)


def _may_be_a_town(name: str) -> bool:
    if is_word(name) or (country_of(name) and is_country_name(name)) or (len(name) < 3 and name.isascii()):
        return False
    return any(map(str.isalpha, name)) and len(name) <= _LONGEST_NAME and len(name.split()) <= _MOST_WORDS
