"""One segment of a location text, cut into parts and read as city, region and country."""

from __future__ import annotations

import re
from itertools import pairwise

from workers.clean._gazetteer import Place, city_of, country_of, is_country_name, is_wider, key, region_of

_PARENTHESES = re.compile(r"\(([^()]*)\)?")
_DASH = re.compile(r"\s+[-–—]+\s+|\s+[-–—]+$|^[-–—@]+\s*|[–—]|:\s+|\s@\s")
_CODED = re.compile(r"^([A-Z]{2,3})[-.](?=[A-Za-z])")
_ONLY = re.compile(
    r"\b(?:only|based|within|area|metro(?:politan)?|greater|region|timezones?|residents|office|headquarters|hq|in the|"
    r"from|field|roles?|jobs?|positions?|select locations|template|offsite/home|offsite)\b",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"(?<![\w-])\d{4,6}(?:-\d{3,4})?(?![\w-])|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b"
)
_STREET = re.compile(
    r"^\s*\d+\s+\S|\b(?:ste|suite|unit|floor|building|bldg|tower|street|road|rd|ave|avenue|blvd|n[áa]m[ěe]st[íi]|t[řr][íi]da)\b",
    re.IGNORECASE,
)
_NOT_A_PLACE = re.compile(
    r"\b(?:l\.?l\.?c|inc|gmbh|ltd|pharmacy|success|apply|salary|hiring|experience|full[ -]?time|part[ -]?time)\b"
    r"|\w@\w|[$€£%<>{}=]|https?:",
    re.IGNORECASE,
)
_MOST_WORDS, _LONGEST_NAME, _LONGEST_PART, _MOST_PARTS = 6, 70, 150, 300
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
    while (found := _CODED.match(part)) and (country_of(found[1]) or region_of(found[1])) and not country_of(part):
        codes.append(found[1])
        part = part[found.end() :]
    head, hyphen, tail = part.partition("-")
    if hyphen and not codes and (country_of(head) or region_of(head) or is_wider(head)) and not region_of(part):
        return [head, tail] if city_of(part) is None else [part]
    return [*codes, part]


def _tidy(part: str) -> str:
    if country_of(part) or city_of(part) or region_of(part):
        return part
    bare = " ".join(_POSTCODE.sub(" ", part).split()).strip(" .-–—:")
    if country_of(bare) or city_of(bare) or region_of(bare) or is_wider(bare):
        return bare
    return " ".join(_ONLY.sub(" ", bare).split()).strip(" .-–—:") or bare * is_wider(bare)


def places_of(segment: str, *, prefer_region: bool = False) -> list[Place]:
    """The places of one segment; `prefer_region` reads "New York" as the state, as remote postings mean it."""
    if _NOT_A_PLACE.search(segment):
        return []
    towns_first = re.search(r",[^,]+,\s*,", segment) is not None  # "Town, Town, , Country"
    parts = parts_of(_open_parentheses(segment))
    parts = [piece for part in parts for piece in _trailing_country(part)]
    parts = [part for part in parts if not is_wider(part)] or []
    if not parts:
        return []
    groups = _groups(parts, towns_first=towns_first)
    found = [_read(group, prefer_region=prefer_region) for group in groups]
    return [place for place in found if place is not None]


def _open_parentheses(segment: str) -> str:
    if _QUALIFIED.match(segment):
        return segment
    outer = " ".join(_PARENTHESES.sub(" ", segment).split())  # runs of blanks would cost _DASH their square
    inner = [text for text in _PARENTHESES.findall(segment) if text.strip(" -,")]
    bare = outer.strip(" ,-–—")
    if not inner:
        return outer
    if not bare or is_wider(bare):
        return ", ".join(inner)
    if is_country_name(bare) and any(city_of(part) for part in parts_of(inner[0])):
        return f"{inner[0]}, {bare}"
    known = country_of(bare.rpartition(",")[2]) or city_of(bare) or region_of(bare.rpartition(",")[2])
    if not known and country_of(inner[0]):
        return f"{bare}, {inner[0]}"
    return outer if known else segment.replace("(", " (")


def _trailing_country(part: str) -> list[str]:
    """Two parts without a comma between them: "CA United States", "Washington DC"."""
    if is_wider(part) or country_of(part) or city_of(part) or region_of(part):
        return [part]
    words = part.split()
    for cut in range(1, len(words)):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        follows = is_country_name(tail) and (country_of(tail) in ("US", "GB") or city_of(head) or region_of(head))
        if follows or (cut == len(words) - 1 and len(tail) == 2 and tail.isupper() and region_of(tail)):
            return [head, tail]
    if len(words) > 1 and is_country_name(words[0]) and city_of(" ".join(words[1:])):
        return [" ".join(words[1:]), words[0]]
    if len(words) > 1 and city_of(words[-1]) and not any(c.isdigit() for c in part):
        return [part] if len(words) < 3 else [words[-1]]
    return [part]


def _groups(parts: list[str], *, towns_first: bool) -> list[list[str]]:
    """Cut "Geneva, Switzerland, Paris, France" and "Seattle, Boston" where the next place begins."""
    if _is_administrative(parts[0]) and len(parts) > 1 and not _is_administrative(parts[-1]):
        return _repeated(parts)
    if len(parts) == 3 and not towns_first and is_country_name(parts[2]) and not _is_administrative(parts[0]):
        return [parts]  # "Hallein, Salzburg, Austria": city, region, country, though Salzburg is a town too
    groups: list[list[str]] = []
    for part in parts:
        if groups and not _begins(part, groups[-1]):
            groups[-1].append(part)
        else:
            groups.append([part])
    if towns_first and len(groups) == 1 and len(parts) > 2 and is_country_name(parts[-1]):
        return [[town, parts[-1]] for town in parts[:-1]]
    return groups


def _repeated(parts: list[str]) -> list[list[str]]:
    """Cut where the country or state that comes first comes again: "US, Seattle, US, Boston"."""
    starts = [index for index, part in enumerate(parts) if part == parts[0]] + [len(parts)]
    return [parts[begin:end] for begin, end in pairwise(starts)]


def _is_administrative(part: str) -> bool:
    if city_of(part) and not part.isupper() and not is_country_name(part) and key(part) not in _STATES_FIRST:
        return False
    return bool(country_of(part) or region_of(part))


_STATES_FIRST = frozenset(("new york", "washington"))


def _begins(part: str, group: list[str]) -> bool:
    known = city_of(part)
    before = group[-1]
    if country_of(before) and is_country_name(before):
        return not is_country_name(part) or country_of(part) != country_of(before)
    if region_of(before) and len(group) > 1:
        return not country_of(part)
    earlier = city_of(before)
    if known is None or earlier is None or region_of(part) or country_of(part):
        return False
    return key(known.city or "") != key(earlier.city or "") or len(group) > 1


def _read(parts: list[str], *, prefer_region: bool) -> Place | None:
    rest = [part for part in parts if not _is_street(part)] or parts[-1:]
    country, rest = _take_country(rest)
    if not rest:
        return Place(country=country)
    region, rest = _take_region(rest, country, prefer_region=prefer_region)
    country = country or (region[0] if region else None)
    city = _city_name(rest)
    known = city_of(city) if city else None
    if known and country in (None, known.country):
        fits = region is None or known.region in (None, region[1])
        written = region[1] if region else None
        return Place(known.city, written or (known.region if fits else None), known.country)
    if city is None and region is None and country is None:
        return None
    return Place(city, region[1] if region else None, country)


def _is_street(part: str) -> bool:
    return _STREET.search(part) is not None and not (city_of(part) or country_of(part) or region_of(part))


def _take_country(parts: list[str]) -> tuple[str | None, list[str]]:
    for at in (len(parts) - 1, 0):
        part = parts[at]
        if not is_country_name(part) and not (len(part) == 3 and country_of(part) and not city_of(part)):
            continue
        country = country_of(part)
        others = parts[:at] + parts[at + 1 :]
        if part == "Georgia" and any(
            region_of(other) or (city_of(other) or Place()).country == "US" for other in others
        ):
            continue  # the state
        rest = [other for other in others if country_of(other) != country or city_of(other)]
        return country, rest or [part] * bool(others)  # "Singapore, Singapore" is a city too
    return _coded_country(parts)


def _coded_country(parts: list[str]) -> tuple[str | None, list[str]]:
    """Two capital letters: a state of the US unless the city or the other parts say otherwise."""
    first, last = parts[0], parts[-1]
    for part, others in ((last, parts[:-1]), (first, parts[1:])):
        code = country_of(part) if part.isupper() else None
        if code is None or not others:
            continue
        homes = {place.country for place in map(city_of, others) if place}
        within = any(region_of(other, code) for other in others)
        if code in homes or within or region_of(part) is None:
            return code, others
    if len(parts) == 1 and first.isupper() and country_of(first) and region_of(first) is None:
        return country_of(first), []
    return None, parts


def _take_region(
    parts: list[str], country: str | None, *, prefer_region: bool
) -> tuple[tuple[str, str] | None, list[str]]:
    if len(parts) == 1:
        return _lone_region(parts, country, prefer_region=prefer_region)
    for at in (len(parts) - 1, 0):
        found = region_of(parts[at], country)
        if found is not None and not (at == 0 and not _is_administrative(parts[0]) and country is None):
            return found, [
                part for index, part in enumerate(parts) if index != at and region_of(part, country) != found
            ] or [part for index, part in enumerate(parts) if index != at]
    if country is not None:
        return (country, parts[-1]), parts[:-1]
    return None, parts


def _lone_region(
    parts: list[str], country: str | None, *, prefer_region: bool
) -> tuple[tuple[str, str] | None, list[str]]:
    found = region_of(parts[0], country)
    if found is None or (city_of(parts[0]) and not prefer_region and key(parts[0]) != "washington"):
        return None, parts
    if key(parts[0]).startswith("washington d"):
        return None, parts
    return found, []


def _city_name(parts: list[str]) -> str | None:
    for part in reversed(parts):
        if city_of(part):
            return part
    name = parts[0] if parts else ""
    if not name or len(name) > _LONGEST_NAME or len(name.split()) > _MOST_WORDS or not any(c.isalpha() for c in name):
        return None
    district = re.split("[-–—]", name, maxsplit=1)
    return district[0] if len(district) > 1 and city_of(district[0]) else name
