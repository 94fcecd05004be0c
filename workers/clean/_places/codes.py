"""Names joined by hyphens without a blank: codes before a town ("IN-KA-Mysuru"), behind it, quarters and neighbours."""

from __future__ import annotations

import re

from workers.clean._places.gazetteer import Region, cities_of, city_of, is_known, regions_of, towns_within
from workers.clean._places.tables import country_of, is_country_name, is_wider, is_word, listed_city

_CHAIN = re.compile(r"[-–:.](?=[^\W_])")
_MOST_LINKS = 8
_QUARTER_NUMBER = re.compile(r"\s+\d{1,2}\.?$")


def is_chain(part: str) -> bool:
    """Whether a hyphen, a colon or a dot joins what stands in a part."""
    return _CHAIN.search(part) is not None


def unchained(part: str) -> list[str]:
    """The names in a chain of codes and names; the part itself if it is none."""
    links = _CHAIN.split(part, _MOST_LINKS)
    if len(links) == 1:
        return [part]
    if not _is_code(links[0]) and (is_known(part) or cities_of(part)):
        return [part]
    if links[1][:1].isdigit() and cities_of(links[0]) and not is_word(links[0]):
        return links[:1]  # what follows is a building: "Chicago-12 West Street"
    found = _from_the_front(part, links) or _from_the_back(part, links) or _towns(links)
    if not found and len(links) > 3 and _is_code(links[1]):  # a team before its place: "Sales-DE-Munich-2"
        found = _from_the_front(part[len(links[0]) + 1 :], links[1:])
    return found or [part]


def _from_the_front(part: str, links: list[str]) -> list[str]:
    first, rest = links[0], part[len(links[0]) + 1 :]
    country = country_of(first)
    if is_wider(first) or (country and (is_country_name(first) or first.isupper())):
        return [first, *_within(rest, links[1:], country)]
    return [first, *_within(rest, links[1:], state.country)] if (state := _state(first)) else []


def _is_code(name: str) -> bool:
    return 2 <= len(name) <= 3 and name.isupper() and bool(country_of(name) or _state(name))


def _within(rest: str, links: list[str], country: str | None) -> list[str]:
    """What follows a country or a state: a region of it, its town, and no building."""
    meanings = regions_of(links[0], country) if len(links) > 1 else ()
    coded = links[0].isupper() and bool(meanings)  # "CO-Denver" without its hyphen would be a county
    if not coded and (len(links) == 1 or is_known(rest) or cities_of(rest)):
        return [rest]
    state = coded or (any(not region.area for region in meanings) and not _is_large_town(links))
    if state or links[0].isdigit():  # a French department
        return [links[0]] * state + _within(rest[len(links[0]) + 1 :], links[1:], country)
    for end in range(len(links) - 1, 0, -1):
        town = rest[: len("-".join(links[:end]))]
        if towns_within(town, country) if country else cities_of(town):
            return [town]
    behind = [link for link in links[1:] if country and towns_within(link, country)]
    return behind[:1] or [rest]


def _is_large_town(links: list[str]) -> bool:
    """Whether it is a town and its quarter ("New York-Bronx") rather than a state and its town ("Ohio-Dayton")."""
    return listed_city(links[0]) is not None and not city_of(links[1])


def _from_the_back(part: str, links: list[str]) -> list[str]:
    last, front = links[-1], part[: -len(links[-1]) - 1]
    if (country := country_of(last)) and (is_country_name(last) or (last.isupper() and towns_within(front, country))):
        return [*_from_the_back(front, links[:-1]), last] if len(links) > 2 else [front, last]
    state = _state(last) if last.isupper() else None
    return [front, last] if state and (towns_within(front, state.country) or city_of(front)) else []


def _state(name: str) -> Region | None:
    for region in regions_of(name):
        if not region.area and (region.country == "US" or name.isupper()):
            return region
    return None


def _towns(links: list[str]) -> list[str]:
    """Neighbouring towns of one country ("Leipzig-Halle"), or a town alone before its quarter ("Praha-Karlín")."""
    first = city_of(_QUARTER_NUMBER.sub("", links[0]))
    if first is None or len(links[0]) < 4:
        return []
    if links[0][-1].isdigit():
        return [_QUARTER_NUMBER.sub("", links[0])]
    towns = [link for link in links[1:] if (town := city_of(link)) and town.country == first.country]
    return [links[0], *towns]
