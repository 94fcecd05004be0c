"""schema.org JobPosting out of JSON-LD as sites really write it: each script is judged on its own."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from workers.records import JsonObject
from workers.scrapers.selectors import Node

SCRIPTS = "//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"
WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)"
                      r"|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>|;)\s*$")  # fmt: skip
# What is never closed goes to the end: a pattern that failed there would start anew at each quote, which takes minutes.
STRING = r'("(?:[^"\\]|\\(?:.|\Z))*+(?:"|\Z))'
STRING_OR_COMMENT = re.compile(STRING + r"|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
STRING_OR_COMMA = re.compile(STRING + r"|,(?=\s*[}\]])", re.DOTALL)
# A quote that no comma, colon or bracket follows does not end its string.
LOOSE_STRING = re.compile(r'"((?:[^"\\]|\\.|"(?!\s*(?:[,:}\]]|\Z)))*+)(?:"|\Z)', re.DOTALL)
STRING_OR_ODDITY = re.compile(
    STRING + r"|(?P<word>\b(?:undefined|None|True|False|NaN)\b)|(?P<gap>:(?=\s*[,}]))"
    r"|,(?=\s*,)|(?P<control>[\x00-\x08\x0b-\x1f])",
    re.DOTALL,
)
IN_JSON = {"True": "true", "False": "false"}
BAD_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)', re.DOTALL)
# A string or the end of a thing, and behind it nothing but white space before the next one begins.
IN_JSON = {"True": "true", "False": "false"}
BAD_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)', re.DOTALL)
# A string or the end of a thing, and behind it nothing but white space before the next one begins.
NO_COMMA = re.compile(STRING + r'(?P<after>\s++(?="))?|[}\]](?P<behind>\s*+(?=["{\[]))?', re.DOTALL)
INNER_QUOTE = re.compile(r'(?<!\\)"')
MOST_WRAPPINGS = 8
MOST_DEPTH = 20
MOST_PLACES = 300
REFERRING = ("hiringOrganization", "jobLocation", "applicantLocationRequirements", "baseSalary", "identifier")
BETWEEN = re.compile(r"[\s;,]*+(?=[{\[])")


def job_postings(tree: Node) -> tuple[list[JsonObject], int]:
    """The JobPosting objects of a page, and how many of its scripts could not be read at all."""
    values: list[Any] = []
    found: dict[str, JsonObject] = {}  # sites repeat the whole script
    unread = 0
    for script in tree.xpath(SCRIPTS):
        try:
            value = plain(parse(script.text or ""))
            found |= {repr(job): job for job in _postings_in(value)}
            values.append(value)
        except (ValueError, RecursionError):
            unread += 1
    known = {name: node for value in values for name, node in _named(value)}
    return [_resolved(job, known) for job in found.values()], unread


def plain(value: Any) -> Any:
    """Names without the address of their vocabulary, and values without the box that says their type."""
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        return value["@value"]
    return {key.rpartition("/")[2].rpartition(":")[2]: plain(inner) for key, inner in value.items()}


def _named(value: Any, depth: int = 0) -> Iterator[tuple[str, JsonObject]]:
    """Objects that others may name by their @id instead of repeating them."""
    if depth > MOST_DEPTH or not isinstance(value, list | dict):
        return
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) > 1:
        yield value["@id"], value
    for inner in value.values() if isinstance(value, dict) else value:
        yield from _named(inner, depth + 1)


def _resolved(job: JsonObject, known: dict[str, JsonObject]) -> JsonObject:
    """The posting with what is named in place of its name, and so with the address of a place."""
    return job | {name: _followed(job[name], known) for name in REFERRING if name in job}


def _followed(value: Any, known: dict[str, JsonObject]) -> Any:
    if isinstance(value, list):
        return [_followed(inner, known) if isinstance(inner, dict) else inner for inner in value[:MOST_PLACES]]
    thing = _meant(value, known)
    if not isinstance(thing, dict) or "address" not in thing:
        return thing
    return thing | {"address": _meant(thing["address"], known)}


def _meant(value: Any, known: dict[str, JsonObject]) -> Any:
    if not isinstance(value, dict) or not value.keys() <= {"@id", "@type"}:
        return value
    return known.get(str(value.get("@id")), value)


def parse(text: str) -> Any:
    """The value of one script, the usual mistakes mended; raises ValueError, or RecursionError when nested absurdly."""
    error: ValueError | None = None
    for attempt in _mended(text):
        try:
            return _first_values(attempt)
        except ValueError as problem:
            error = error or problem
    raise error or ValueError("an empty script")


def _first_values(text: str) -> Any:
    """The value of a text, or several that stand one after another; what comes behind them is left alone."""
    # Not strict: line breaks and other control characters inside strings are common.
    decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
    text = text.strip()
    value, end = decoder.raw_decode(text)
    if end < len(text) and not isinstance(value, list | dict):
        raise ValueError("something else stands behind a bare value")
    values = [value]
    while between := BETWEEN.match(text, end):
        try:
            value, end = decoder.raw_decode(text, between.end())
        except ValueError:
            break
        values.append(value)
    return values if len(values) > 1 else value


def _mended(text: str) -> Iterator[str]:
    bare = text.lstrip("\ufeff")
    for _ in range(MOST_WRAPPINGS):
        bare = WRAPPING.sub("", bare).strip().rstrip(";")
    yield bare
    if "&quot;" in bare[:200] or "&#34;" in bare[:200]:
        yield unescaped(bare)
    escaped = BAD_ESCAPE.sub(lambda match: match[0] if match[1] else r"\\", bare.replace("\\'", "'"))
    yield escaped
    bare = STRING_OR_COMMENT.sub(lambda match: match[1] or "", escaped)
    bare = STRING_OR_COMMA.sub(lambda match: match[1] or "", bare)
    yield bare
    bare = STRING_OR_ODDITY.sub(_as_json, bare)
    yield bare
    yield NO_COMMA.sub(_with_comma, bare)
    yield LOOSE_STRING.sub(lambda match: '"' + INNER_QUOTE.sub(r'\\"', match[1]) + '"', bare)


def _with_comma(match: re.Match[str]) -> str:
    return match[0] if match["after"] is None and match["behind"] is None else match[0] + ","


def _as_json(match: re.Match[str]) -> str:
    """What JavaScript or Python means by a word, nothing between two marks, a control character between values."""
    if match["word"]:
        return IN_JSON.get(match["word"], "null")
    return match[1] or (": null" if match["gap"] else " " if match["control"] else "")


def _postings_in(value: Any, depth: int = 0) -> list[JsonObject]:
    """JobPosting objects anywhere inside: in lists, under @graph, as items of an ItemList."""
    if isinstance(value, list):
        return [posting for inner in value for posting in _postings_in(inner, depth + 1)]
    if not isinstance(value, dict) or depth > MOST_DEPTH:
        return []
    kinds = value.get("@type")
    if any(_is_posting(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])):
        return [value]
    return [posting for inner in value.values() for posting in _postings_in(inner, depth + 1)]


def _is_posting(kind: Any) -> bool:
    return isinstance(kind, str) and kind.rpartition("/")[2].rpartition(":")[2].strip().casefold() == "jobposting"


def unescaped(text: str) -> str:
    """The text with its character references as characters."""
    try:
        return html.unescape(text)
    except ValueError:  # a reference of more digits than Python reads
        return text
