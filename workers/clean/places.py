"""Where a job is, from one line of text: several places, remote as yes, no or unknown.

Remote is True if it is offered, False for on-site or hybrid only, None where the text does not say.
A continent is no country.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from workers.clean._gazetteer import city_of, regions_of
from workers.clean._placeparts import parts_of, pieces_of, places_of
from workers.clean._placetables import Place, country_of, is_country_name, is_wider
from workers.clean._placetowns import Context, as_neighbours
from workers.clean.blanks import blank_to_none
from workers.clean.text import many_lines

__all__ = ["Location", "Place", "parse_location"]

_LONGEST = 8_000  # 251 countries in a row fit
_LONGEST_KEPT = 200  # the postings of a board name the same few places again and again
_MOST_PLACES = 300
_MOST_WORDS_BETWEEN = 30  # "or", "and" in one segment
_REMOTE_WORDS = (
    r"remote(?:ly|[ -]?first|[ -]?friendly)?|remoto|remota|fernarbeit|wfh|"
    r"work(?:ing)?[ -](?:from|at)[ -]hom(?:e)?|"
    r"home[ -]?(?:office|based|working)|tele-?commut\w*|tele-?work\w*|t[ée]l[ée]travail|teletrabajo|teletrabalho|"
    r"telelavoro|"
    r"anywhere(?: in the world)?|worldwide|distributed|virtual|deutschlandweit remote|zdaln\w+|zdalna|na d[áa]lku|"
    r"thuiswerk\w*|distans|fjernarbejde|et[äa]ty[öo]|uzaktan|удал[её]нн?\w*|дистанционн?\w*|リモート|在宅|远程|遠端|원격|재택"
)
_REMOTE = re.compile(rf"(?<![^\W_])(?:100\s?%\s*|fully[ -]|full[ -])?(?:{_REMOTE_WORDS})(?![^\W_])", re.IGNORECASE)
_NOT_REMOTE = re.compile(
    r"\b(?:no|not|non|kein|pas de)[ -]*(?:remote|telework|home ?office|t[ée]l[ée]travail)\w*", re.IGNORECASE
)
_HYBRID = re.compile(r"(?<![^\W_])(?:hybrid\w*|h[íi]brid[oa]|ibrido|hybryd\w+|ハイブリッド)(?![^\W_])", re.IGNORECASE)
_HYBRID_WORK = re.compile(r"(?<![^\W_])hybrid[ -]remote(?![^\W_])", re.IGNORECASE)  # one word for some days at home
_ON_SITE = re.compile(
    r"(?<![^\W_])(?:on[ -]?site|in[ -](?:the[ -])?office|in[ -]person|vor ort|presencial|sur site|no local)(?![^\W_])",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"\(?\bhttps?://\S+|\bwww\.\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,64}|"
    r"(?<![\w-])[\w-]{1,64}\.(?:com|io|ai|co|org|net|dev|app|tech)\b|"
    r"\b(?:full|part)[ -]?time\b|\b(?:permanent|contract|visa)\b",
    re.IGNORECASE,
)
_HUB = re.compile(r"\bvia\b\s*", re.IGNORECASE)
_COUNT = re.compile(
    r"^\s*\+?\d+\+?\s*(?:more\s+)?(?:locations?|standorte?|lieux|places|cities|countries|other locations?)\s*$",
    re.IGNORECASE,
)
_MORE = re.compile(  # "Berlin + 2 more", "Lyon et 3 autres lieux"
    r"\+\s?\d{1,3}\b[^,;|·•()/\n]*|(?<!\w)(?:and|&|plus|und|et|y|e|en|og|och|i|a)\s\d{1,3}\s(?:more|others?|additional|further|"
    r"weitere|autres|más|mas|outr[oa]s|altr[ei]|andere|andra|andre|innych|další)(?!\w)[^,;|·•()/\n]*",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s*(?:[;|•·\n]|\s/\s|(?<=[^\W\d_]{3})/(?=[^\W\d_]{3}))\s*")
_BRACKETS = str.maketrans("[]{}【】（）", "()()()()")
_WORDS_BETWEEN = re.compile(  # ", OR" in capitals is Oregon
    r"(?:,\s+or|(?<!,)\s+(?i:or)|\s*,?\s+(?i:and|&|oder|und|ou|et|o|y|e|nebo|lub))\s+|\s+\+\s+"
)
_ALTERNATIVES = re.compile(r"\b(?:or|oder|ou|nebo|lub)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Location:
    """Every place of a posting in the order of the text, and whether it may be done from elsewhere."""

    places: tuple[Place, ...] = ()
    remote: bool | None = None


def parse_location(text: object) -> Location:
    """Places and remote of a location text; an empty Location for anything that is not a text."""
    if not isinstance(text, str) or blank_to_none(text) is None:
        return Location()
    return _kept(text) if len(text) <= _LONGEST_KEPT else _parsed(text)


@lru_cache(256)
def _kept(text: str) -> Location:
    return _parsed(text)


def _parsed(text: str) -> Location:
    shown = many_lines(text, _LONGEST)
    found: list[Place] = []
    segments = _segments(_MORE.sub(" ", shown.replace("_", " ")))
    named = {country_of(part) for segment in segments for part in parts_of(_bare(segment)) if is_country_name(part)}
    country = next(iter(named)) if len(named) == 1 else None
    for segment in segments:
        found.extend(_places(segment, alone=len(segments) == 1, country=country))
        if len(found) >= _MOST_PLACES:
            break
    if not named and len(found) > 1:
        found = as_neighbours(found)
    return Location(tuple(dict.fromkeys(_merged(_share_country(found)))), remote_of(shown))


def remote_of(text: str) -> bool | None:
    """True, False or None for what a text says about remote work."""
    denied = _NOT_REMOTE.search(text) is not None
    if not denied and _REMOTE.search(_HYBRID_WORK.sub(" ", text)):
        return True
    return False if denied or _HYBRID.search(text) or _ON_SITE.search(text) else None


def _segments(text: str) -> list[str]:
    segments: list[str] = []
    for piece in _slashed(_SEPARATORS.split(text.translate(_BRACKETS))):
        if country_of(piece):
            segments.append(piece)
        else:
            segments.extend(_split_words(piece))
    return [segment for segment in segments if segment.strip()]


def _slashed(pieces: list[str]) -> Iterator[str]:
    """Pieces cut at a slash too where both sides are known: "US/Canada"."""
    for piece in pieces:
        halves = _bare(piece).split("/", _MOST_WORDS_BETWEEN) if "/" in piece else ()
        yield from halves if halves and all(country_of(half) or city_of(half) for half in halves) else (piece,)


def _split_words(piece: str) -> list[str]:
    halves = _WORDS_BETWEEN.split(piece, _MOST_WORDS_BETWEEN)
    if len(halves) == 1 or piece.count("(") != sum(
        half.count("(") == half.count(")") and half.count("(") for half in halves
    ):
        return [piece]
    if any(country_of(part) or regions_of(part) for part in piece.split(",") if _WORDS_BETWEEN.search(part)):
        return [piece]  # "Trinidad and Tobago" with something before it
    known = sum(map(_knows, halves))  # "Jammu and Kashmir" is one place, "Berlin or Bagshot" are two
    return halves if known == len(halves) or (known and _ALTERNATIVES.search(piece)) else [piece]


def _knows(half: str) -> bool:
    bare = _bare(half)
    if not bare:
        return True
    parts = [piece for part in parts_of(bare) for piece in pieces_of(part)]
    return any(country_of(part) or city_of(part) or regions_of(part) for part in parts)


def _bare(segment: str) -> str:
    return _strip_modes(segment).strip(" \t,-–—:()/")


def _places(segment: str, *, alone: bool, country: str | None) -> list[Place]:
    if _COUNT.match(segment):
        return []
    remote = _REMOTE.search(segment) is not None
    hub = _HUB.search(segment) is not None
    found = places_of(_HUB.sub(" ", _strip_modes(segment)), Context(alone=alone, remote=remote, country=country))
    return [replace(place, city=None) if hub and place.country else place for place in found]


def _strip_modes(segment: str) -> str:
    for pattern in (_NOISE, _NOT_REMOTE, _REMOTE, _HYBRID, _ON_SITE):
        segment = pattern.sub(" ", segment)
    return segment


def _share_country(found: list[Place]) -> list[Place]:
    """Unknown towns before a place with a country belong to it: "Lollar | Wetzlar, Germany"."""
    countries = {place.country for place in found if place.country}
    if len(countries) != 1 or len(found) > 10:
        return found
    last = found[-1]
    if not last.country or last.city is None:
        return found
    return [place if place.country else replace(place, country=last.country) for place in found]


def _merged(found: list[Place]) -> list[Place]:
    """Without the country that stands beside a town of it: "Berlin | Germany"."""
    towns = {place.country for place in found if place.city or place.region}
    return [place for place in found if place.city or place.region or place.country not in towns]


def country_code(text: object) -> str | None:
    """Alpha-2 of a country's name or code in a field of its own, else None."""
    if not isinstance(text, str) or is_wider(text):
        return None
    stripped = text.strip()
    return (
        country_of(stripped) or country_of(stripped.upper())
        if is_country_name(stripped) or len(stripped) <= 3
        else None
    )
