"""One segment of a location text, cut into parts and read as city, region and country."""

from __future__ import annotations

import re
from dataclasses import replace

from workers.clean._places.codes import is_chain, unchained
from workers.clean._places.gazetteer import cased, cities_of, city_of, is_known, regions_of
from workers.clean._places.pieces import VENUE, is_state, pieces_of
from workers.clean._places.reading import read_places
from workers.clean._places.streets import (
    ends_like_a_street,
    has_postcode,
    is_street,
    town_in,
    without_postcode,
)
from workers.clean._places.tables import Place, country_of, is_country_name, is_wider, listed_city
from workers.clean._places.towns import Context

_PARENTHESES = re.compile(r"\(([^()]*)\)?")
_DASH = re.compile(r"\s+[-–—]+\s+|\s+[-–—]+$|^[-–—@]+\s*|[–—]|:\s+|\s@\s")
_ONLY = re.compile(
    r"\b(?:only|based|within|area|metro(?:politan|plex)?|greater|downtown|region|r[ée]gion|agglom[ée]ration|urban|rural|raum|"
    r"gro(?:ß|ss)raum|gebiet|metropolregion|[áa]rea metropolitana(?: de)?|"
    r"zona metropolitana(?: de)?|time ?zones?|residents|preferred|"
    r"possible|available|friendly|candidates|applicants|welcome|office|headquarters|hq|in the|from|field|roles?|jobs?|"
    r"positions?|opportunit(?:y|ies)|select locations|update location|"
    r"locations? (?:tbd|tba|flexible)|tbd|tba|template|offsite/home|offsite)\b",
    re.IGNORECASE,
)
_AROUND = re.compile(  # "Lyon et alentours"
    r"\s(?:et|und|and|y|e|i|a|en|&|\+)\s(?:sa |ses |its |the )?(?:p[ée]riph[ée]rie|alentours|environs|banlieue|"
    r"umgebung|umland|alrededores|dintorni|okolic[ea]|okol[íi]|omgeving|"
    r"regi[ãa]o|regi[óo]n|r[ée]gion|surround\w*(?: areas?)?|vicinity)$",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:based|located|situated|office|offices|somewhere)\s+)?(?:in|at|near|around|from|across|within|en|aus|à|"
    r"(?-i:desde|depuis|dal|fra|från|em|no|na|we?|ve?|ze?|von|bei))\s+",
    re.IGNORECASE,
)
_NOT_A_PLACE = re.compile(
    r"\b(?:l\.?l\.?c|inc|gmbh|ltd|pharmacy|success|apply|salary|hiring|experience)\b"
    r"|\w@\w|[$€£%<>{}=]",
    re.IGNORECASE,
)
_LONGEST_PART, _MOST_PARTS, _MOST_WORDS = 150, 300, 3  # of a town behind its street
_FIELDS = re.compile(r"([^,()]+),\s*,\s*([^,()]+)")
_QUALIFIED = re.compile(r"^[^,()]+\(([^\W\d_][^\W\d_A-Z]{2,})\)\s*,")  # "Wernau (Neckar), BW": part of the name


def parts_of(text: str) -> list[str]:
    """The parts between commas, dashes and the hyphens of codes ("US-CA-Menlo Park"), without decoration."""
    parts: list[str] = []
    pieces = text.split(",", _MOST_PARTS)[:_MOST_PARTS]
    if len(pieces) > 1 and is_country_name(",".join(pieces[-2:])):  # "Korea, Republic of"
        pieces[-2:] = [",".join(pieces[-2:])]
    for piece in pieces:
        for part in _DASH.split(piece):
            parts.extend(_names(part[:_LONGEST_PART].strip(" \t-–—:./")))
    return [part for part in parts if part]


def _names(part: str) -> list[str]:
    tidy = _tidy(part)
    if not is_chain(part):
        return [tidy]
    if is_known(tidy):
        return unchained(tidy)
    whole = tidy if tidy in part else part  # without "Area" behind it, unless a word between was taken out
    return [name for link in unchained(whole) for name in unchained(_tidy(link))]


def _tidy(part: str) -> str:
    if is_known(part):
        return part
    if ends_like_a_street(part):
        return part
    bare = _LEADING.sub("", _AROUND.sub("", without_postcode(part)))
    if is_known(bare) or is_wider(bare):
        return bare
    return " ".join(_ONLY.sub(" ", bare).split()).strip(" .-–—:") or bare * is_wider(bare)


def places_of(segment: str, context: Context) -> list[Place]:
    """The places of one segment."""
    field = _city_field(segment, context)
    if field is not None:
        return [field]
    parts = [part for part in parts_of(_open_parentheses(segment)) if not (part.isdigit() or _NOT_A_PLACE.search(part))]
    parts = _without_streets(parts)
    parts = [piece for part in parts for piece in pieces_of(part)]
    parts = [part for part in parts if not is_wider(part)]
    return read_places(parts, context)


def _city_field(segment: str, context: Context) -> Place | None:
    """The place of "Town, , Country", whose empty second field says that the first one is a town."""
    fields = _FIELDS.fullmatch(segment.strip())
    if fields is None or not is_country_name(fields[2]) or is_wider(fields[1]):
        return None
    town = fields[1].strip(" .-")
    if not town or is_street(town) or has_postcode(town) or VENUE.search(town) or _NOT_A_PLACE.search(town):
        return None
    found = read_places([town, fields[2].strip()], context)
    if len(found) != 1:
        return None
    return found[0] if found[0].city else replace(found[0], city=cased(town), region=None)


def _open_parentheses(segment: str) -> str:
    if (own := _QUALIFIED.match(segment)) and not (country_of(own[1]) or is_state(own[1])):
        return segment
    outer = " ".join(_PARENTHESES.sub(" ", segment).split())  # runs of blanks would cost _DASH their square
    inner = [
        text
        for text in _PARENTHESES.findall(segment)
        if text.strip(" -,") and not is_wider(text) and not _NOT_A_PLACE.search(text) and not _is_office_code(text)
    ]
    bare = outer.strip(" ,-–—")
    if not inner:
        return outer
    if not bare or is_wider(bare):
        return ", ".join(inner)
    if is_country_name(bare) and any(city_of(part) for part in parts_of(inner[0])):
        return f"{inner[0]}, {bare}"
    last = bare.rpartition(",")[2]
    if country_of(inner[0]) and not country_of(last):
        return f"{bare}, {inner[0]}"
    known = country_of(last) or city_of(bare) or regions_of(last)
    return outer if known else _with_inner(segment, bare, inner)


def _is_office_code(text: str) -> bool:
    code = text.strip()
    return code.isupper() and len(code) < 5 and not (country_of(code) or is_state(code) or listed_city(code))


def _with_inner(segment: str, bare: str, inner: list[str]) -> str:
    return ", ".join((bare, *inner)) if any(map(is_known, inner)) else segment.replace("(", " (")


def _without_streets(parts: list[str]) -> list[str]:
    rest = [part for part in parts if not is_street(part)]
    if len(rest) == len(parts) or len(rest) > 1 or any(map(_holds_town, rest)):
        return rest
    return [name for part in parts for name in ([part] if part in rest else _behind_street(part))] or parts[-1:]


def _behind_street(part: str) -> list[str]:
    """The town of a street without a comma: "12 Oak St Dayton OH"."""
    words = part.split()
    for length in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        name, code = " ".join(words[-1 - length : -1]), words[-1]
        if any(
            code.isupper() and region.code == town.region
            for region in regions_of(code, "US")
            for town in cities_of(name)
        ):
            return [name, code]
    town = town_in(words)
    return [town] if town else []


def _holds_town(part: str) -> bool:
    return any(map(city_of, pieces_of(part)))
