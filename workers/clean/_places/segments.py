"""A location text cut into segments, one place or row of places each: at bars, slashes, "or" and "and"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.clean._places.country_words import COUNTRIES
from workers.clean._places.gazetteer import cities_of, city_of, regions_of
from workers.clean._places.modes import strip_modes
from workers.clean._places.parts import parts_of
from workers.clean._places.pieces import pieces_of
from workers.clean._places.reading import are_countries
from workers.clean._places.tables import CITIES_BY_CODE, country_of, is_wider

_MOST_WORDS_BETWEEN = 30  # "or", "and" in one segment
_SEPARATORS = re.compile(
    r"\s*(?:[;|•·\n]|\s//?\s|(?<=[^\W\d_]{3})/(?=[^\W\d_]{3}))\s*"
    r"|(?:(?<=[A-Za-z][a-z]{3})|(?<=,\s[A-Z]{2}))\.\s+(?=[A-Z][a-z])"  # a sentence ends
)
_BLANKS = re.compile(r"[^\S\n]{2,}")
_BRACKETS = str.maketrans("[]{}【】（）", "()()()()")
_IN_BRACKETS = re.compile(r"\(([^()]{1,200})\)")
_WORDS_BETWEEN = re.compile(  # ", OR" in capitals is Oregon
    r"(?:,\s+or|(?<!,)\s+(?i:or)|\s*,?\s+(?i:and|&|oder|und|ou|et|o|y|e|nebo|lub|albo|eller|tai|sau|vagy|veya|или|и))\s+"
    r"|\s+\+\s+"
)
_MARKS_BETWEEN = re.compile(r"\s*[/;|]\s*")
_ALTERNATIVES = re.compile(r"\b(?:or|oder|ou|nebo|lub|eller|или)\b", re.IGNORECASE)
_MARKS = re.compile("[\u2600-\u27bf\ufe0f\u200d\U0001f300-\U0001faff]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_TO_CODE = {0x1F1E6 + at: chr(ord("A") + at) for at in range(26)}
_NO_CODES = frozenset("AI ML QA HR PR BI PM AR VR GM TV CS UX UI".split())  # the trade, not Anguilla and Mali


def segments_of(text: str) -> list[str]:
    """The segments of a text that hold anything, in their order."""
    marked = _BLANKS.sub(" ", _MARKS.sub(" ", _with_flags(text)))  # runs of blanks would cost their square
    plain = _IN_BRACKETS.sub(_as_row, marked.translate(_BRACKETS))
    found: list[str] = []
    for piece in _slashed(_SEPARATORS.split(plain)):
        found.extend([piece] if country_of(piece) else _split_words(piece))
    return _with_cities(list(dict.fromkeys(segment for segment in found if segment.strip())))


def is_row(segments: list[str]) -> bool:
    """Whether a text is nothing but places, so that "DE" among its segments is a country and "TX" a state."""
    bare = [bare_of(segment) for segment in segments]
    return len(bare) > 1 and _NO_CODES.isdisjoint(bare) and all(map(_is_place, bare))


def bare_of(segment: str) -> str:
    """A segment without the words about remote work and the marks around it."""
    return strip_modes(segment).strip(" \t,-–—:()/")


def _with_flags(text: str) -> str:
    """Flags as the names of their countries, behind the towns or before them as the first one stands."""
    if not (first := _FLAG.search(text)):
        return text
    form = "; {}, " if not text[: first.start()].strip() else ", {}; "

    def named(flag: re.Match[str]) -> str:
        listed = COUNTRIES.get(flag[0].translate(_TO_CODE))
        return form.format(listed.split("|")[1]) if listed else " "

    return _FLAG.sub(named, text)


def _as_row(brackets: re.Match[str]) -> str:
    """Brackets with alternatives as a row with commas: "(US or EU)", "(Graz/Linz)"."""
    inner = brackets[1]
    halves = _WORDS_BETWEEN.split(inner) if _WORDS_BETWEEN.search(inner) else _MARKS_BETWEEN.split(inner)
    if len(halves) == 1 or not all(map(_knows, halves)):
        return brackets[0]
    if are_countries(halves):  # "(US/CA)" is no California
        halves = [COUNTRIES[country_of(half) or half].split("|")[1] for half in halves]
    return f"({', '.join(halves)})"


def _slashed(pieces: list[str]) -> Iterator[str]:
    """Pieces cut at a slash too where both sides are known: "US/Canada"."""
    for piece in pieces:
        halves = bare_of(piece).split("/", _MOST_WORDS_BETWEEN) if "/" in piece else []
        if len(halves) == 2 and _lies_in(*halves):  # "Florianópolis/SC"
            yield ", ".join(halves)
            continue
        yield from halves if halves and all(map(_is_place, halves)) else (piece,)


def _lies_in(town: str, code: str) -> bool:
    regions = {(entry.country, entry.region) for entry in cities_of(town)}
    return code.isupper() and any(
        (region.country, region.code) in regions for country, _ in regions for region in regions_of(code, country)
    )


def _is_place(name: str) -> bool:
    bare = name.strip()
    if not bare or is_wider(bare) or country_of(bare) or city_of(bare):
        return True
    return any(not region.area for region in regions_of(bare))


def _split_words(piece: str) -> list[str]:
    halves = _WORDS_BETWEEN.split(piece, _MOST_WORDS_BETWEEN)
    if len(halves) == 1 or piece.count("(") != sum(
        half.count("(") == half.count(")") and half.count("(") for half in halves
    ):
        return [piece]
    if any(map(_is_one, (part for part in piece.split(",") if _WORDS_BETWEEN.search(part)))):
        return [piece]  # "Trinidad and Tobago" with something before it
    known = sum(map(_knows, halves))  # "Jammu and Kashmir" is one place, "Berlin or Bagshot" are two
    return halves if known == len(halves) or (known and _ALTERNATIVES.search(piece)) else [piece]


def _is_one(part: str) -> bool:
    return bool(country_of(part) or regions_of(part) or cities_of(part))


def _knows(half: str) -> bool:
    bare = bare_of(half).replace("(", ",").replace(")", ",")
    if not bare or is_wider(bare):
        return True
    parts = [piece for part in parts_of(bare) for piece in pieces_of(part)]
    return any(country_of(part) or city_of(part) or regions_of(part) for part in parts)


def _with_cities(segments: list[str]) -> list[str]:
    """A state's code among cities is the city: "SF | NY | LA"."""
    if not any(segment.strip() in CITIES_BY_CODE for segment in segments):
        return segments
    if not is_row(segments) or not any(map(city_of, map(bare_of, segments))):
        return segments
    return [CITIES_BY_CODE.get(segment.strip(), segment) for segment in segments]
