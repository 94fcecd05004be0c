"""One segment of a location text, cut into parts and read as city, region and country."""

from __future__ import annotations

import re
from dataclasses import replace

from workers.clean._gazetteer import cased, cities_of, city_of, is_known, regions_of, towns_within
from workers.clean._placereading import read_places
from workers.clean._placetables import Place, country_of, is_country_name, is_wider, is_word
from workers.clean._placetowns import Context

_PARENTHESES = re.compile(r"\(([^()]*)\)?")
_DASH = re.compile(r"\s+[-–—]+\s+|\s+[-–—]+$|^[-–—@]+\s*|[–—]|:\s+|\s@\s")
_CODED = re.compile(r"^([A-Z]{2,3})[-.](?=[A-Za-z])")
_ONLY = re.compile(
    r"\b(?:only|based|within|area|metro(?:politan|plex)?|greater|downtown|region|time ?zones?|residents|preferred|"
    r"possible|available|friendly|candidates|applicants|welcome|office|headquarters|hq|in the|from|field|roles?|jobs?|"
    r"positions?|opportunit(?:y|ies)|select locations|update location|"
    r"locations? (?:tbd|tba|flexible)|tbd|tba|template|offsite/home|offsite)\b",
    re.IGNORECASE,
)
_DISTRICT = re.compile(r"\s+(?:\d{1,2}(?:e|er|[eè]me)?|[A-Z]{1,2}\d{1,2}[A-Z]?)$")  # "Praha 4", "London EC2"
_BASED = re.compile(
    r"\b(?:in|within|from|near|of|to|across|throughout|aus|en|von|bei|around)\s+(?:the\s+)?(\S.*)$", re.IGNORECASE
)
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_ADMINISTRATIVE = "都道府県省市区區縣县郡町村시도구군"
_VENUE = re.compile(
    r"\b(?:road|street|park|estate|industrial|parque|plant|airport|campus|hub|cent(?:er|re)|zone|site|mall|office|studio|"
    r"headquarters?|hq|tower|building|warehouse|store|branch|district|downtown|county)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:based|located|situated|office|offices|somewhere)\s+)?(?:in|at|near|around|from|across|within|en|aus|à)\s+",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"(?<![\w-])\d{4,6}(?:-\d{3,4})?(?![\w-])|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b"
)
_STREET = re.compile(
    r"^\s*\d+\s+\S|\b(?:ste|suite|unit|floor|building|bldg|tower|street|road|rd|ave|avenue|blvd|n[áa]m[ěe]st[íi]|t[řr][íi]da)\b",
    re.IGNORECASE,
)
_STREET_END = re.compile(
    r"\d.*\s(?:st|dr|rd|ln|ave|blvd|hwy|pkwy|pky|way|ct|pl|ter|cir|sq|trl|loop|tpke|highway|drive|lane|court|place|plaza|square)"
    r"\.?(?:\s+(?:[ns]?[ew]|[ns]))?$|^\d+\s+[nsew]\s+\S",
    re.IGNORECASE,
)
_NOT_A_PLACE = re.compile(
    r"\b(?:l\.?l\.?c|inc|gmbh|ltd|pharmacy|success|apply|salary|hiring|experience)\b"
    r"|\w@\w|[$€£%<>{}=]",
    re.IGNORECASE,
)
_ZONES = frozenset("ET CT MT PT ST EST CET".split())  # "ET/PT" are hours of the day
_MOST_HALVES = 6
_LONGEST_PART, _MOST_PARTS, _MOST_IDEOGRAPHIC = 150, 300, 3
_FIELDS = re.compile(r"([^,()]+),\s*,\s*([^,()]+)")
_NO_TOWN = (_NOT_A_PLACE, _POSTCODE)
_QUALIFIED = re.compile(r"^[^,()]+\([^\W\d_][^\W\d_A-Z]{2,}\)\s*,")  # "Wernau (Neckar), BW": part of the name


def parts_of(text: str) -> list[str]:
    """The parts between commas, dashes and the hyphens of codes ("US-CA-Menlo Park"), without decoration."""
    parts: list[str] = []
    pieces = text.split(",", _MOST_PARTS)[:_MOST_PARTS]
    if len(pieces) > 1 and is_country_name(",".join(pieces[-2:])):  # "Korea, Republic of"
        pieces[-2:] = [",".join(pieces[-2:])]
    for piece in pieces:
        for part in _DASH.split(piece):
            parts.extend(_coded(part[:_LONGEST_PART].strip(" \t-–—:./")))
    return [part for part in (_tidy(part) for part in parts) if part]


def _coded(part: str) -> list[str]:
    codes: list[str] = []
    while (found := _CODED.match(part)) and (country_of(found[1]) or regions_of(found[1])) and not country_of(part):
        codes.append(found[1])
        part = part[found.end() :]
    head, hyphen, tail = part.partition("-")
    if hyphen and not codes and (country_of(head) or _is_state(head) or is_wider(head)) and not is_known(part):
        return [head, tail]
    if hyphen and (codes or tail[:1].isdigit()) and cities_of(head) and not cities_of(part):
        return [*codes, head]  # what follows is a building: "IND-Bangalore-Tower 3", "Chicago-12 West Street"
    return [*codes, part]


def _is_state(name: str) -> bool:
    return any(not region.area and (region.country == "US" or name.isupper()) for region in regions_of(name))


def _tidy(part: str) -> str:
    if is_known(part):
        return part
    if _STREET_END.search(part):
        return part
    bare = _LEADING.sub("", " ".join(_POSTCODE.sub(" ", part).split()).strip(" .-–—:"))
    if is_known(bare) or is_wider(bare):
        return bare
    return " ".join(_ONLY.sub(" ", bare).split()).strip(" .-–—:") or bare * is_wider(bare)


def places_of(segment: str, context: Context) -> list[Place]:
    """The places of one segment."""
    field = _city_field(segment, context)
    if field is not None:
        return [field]
    parts = [part for part in parts_of(_open_parentheses(segment)) if not _NOT_A_PLACE.search(part)]
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
    if not town or _is_street(town) or _VENUE.search(town) or any(pattern.search(town) for pattern in _NO_TOWN):
        return None
    found = read_places([town, fields[2].strip()], context)
    if len(found) != 1:
        return None
    return found[0] if found[0].city else replace(found[0], city=cased(town), region=None)


def _open_parentheses(segment: str) -> str:
    if _QUALIFIED.match(segment):
        return segment
    outer = " ".join(_PARENTHESES.sub(" ", segment).split())  # runs of blanks would cost _DASH their square
    inner = [
        text
        for text in _PARENTHESES.findall(segment)
        if text.strip(" -,") and not is_wider(text) and not _NOT_A_PLACE.search(text)
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


def _with_inner(segment: str, bare: str, inner: list[str]) -> str:
    return ", ".join((bare, *inner)) if any(map(is_known, inner)) else segment.replace("(", " (")


def pieces_of(part: str) -> list[str]:
    """What one part holds without a comma: "CA United States", "Washington DC", "Praha 4", "must be based in Spain"."""
    if is_wider(part):
        return [part]
    halves = [half.strip() for half in part.split("/", _MOST_HALVES)]
    if len(halves) > 1 and (all(map(country_of, halves)) or _ZONES.issuperset(halves)):
        return [half for half in halves if half not in _ZONES]  # "US/Canada" in the midst of other words
    without = _DISTRICT.sub("", part)
    if without != part and city_of(without):  # before all: "Paris 01" is in the gazetteer too
        return [without]
    if is_known(part) or cities_of(part):
        return [part]
    based = _BASED.search(part)
    if based and is_known(based[1]):
        return [based[1]]
    return _ideographic(part) if _IDEOGRAPHS.search(part) else _two_names(part)


def _two_names(part: str) -> list[str]:
    words = part.split()
    for cut in range(1, len(words)):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        if _stands_before(head, tail) or (cut == len(words) - 1 and _is_short_state(tail) and not is_word(head)):
            return [head, tail]
    if len(words) > 1 and is_country_name(words[0]) and city_of(" ".join(words[1:])):
        return [" ".join(words[1:]), words[0]]
    if len(words) > 1 and is_country_name(words[0]) and all(map(is_word, words[1:])):
        return words[:1]  # "US East"
    if len(words) > 1 and country_of(words[-1]) and all(map(is_word, words[:-1])):
        return words[-1:]
    if _VENUE.search(part) and not any(map(str.isdigit, part)):
        return [_town_in(words) or part]
    return [part]


def _stands_before(head: str, tail: str) -> bool:
    country = country_of(tail) if is_country_name(tail) and not is_word(tail) else None
    return country is not None and bool(towns_within(head, country) or regions_of(head, country) or city_of(head))


def _is_short_state(word: str) -> bool:
    return 2 <= len(word) <= 3 and word.isupper() and bool(regions_of(word))


def _ideographic(part: str) -> list[str]:
    """Places written without a blank between them: "東京都渋谷区"."""
    found: list[str] = []
    rest = part
    while rest and len(found) < _MOST_IDEOGRAPHIC:
        names = (rest[:end] for end in range(min(len(rest), 8), 1, -1))
        name = next((name for name in names if is_known(name) or is_known(name.rstrip(_ADMINISTRATIVE))), None)
        if name is None:
            break
        found.append(name if is_known(name) else name.rstrip(_ADMINISTRATIVE))
        rest = rest[len(name) :].lstrip(_ADMINISTRATIVE + " ")
    return found or [part]


def _without_streets(parts: list[str]) -> list[str]:
    rest = [part for part in parts if not _is_street(part)]
    if len(rest) == len(parts) or any(map(city_of, rest)):
        return rest
    return [found for part in parts if (found := part if part in rest else _town_in(part.split()))] or parts[-1:]


def _is_street(part: str) -> bool:
    return (_STREET.search(part) or _STREET_END.search(part)) is not None and not is_known(part)


def _town_in(words: list[str]) -> str | None:
    """The longest run of words that is a town by itself: "Rayong" in the name of an industrial estate."""
    for length in range(min(3, len(words) - 1), 0, -1):
        for at in range(len(words) - length, -1, -1):
            name = " ".join(words[at : at + length])
            if not any(map(is_word, name.split())) and city_of(name):
                return name
    return None
