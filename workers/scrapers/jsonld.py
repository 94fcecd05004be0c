"""schema.org JobPosting out of JSON-LD as sites really write it: each script is judged on its own."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from workers.clean.blanks import blank_to_none
from workers.records import JsonObject, Posting
from workers.scrapers.selectors import Node, squeezed

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
PERIODS = {"ANN": "year", "MON": "month", "WEE": "week", "DAY": "day", "HUR": "hour"}  # codes of UN/CEFACT
INNER_QUOTE = re.compile(r'(?<!\\)"')
MOST_WRAPPINGS = 8


def job_postings(tree: Node) -> tuple[list[JsonObject], int]:
    """The JobPosting objects of a page, and how many of its scripts could not be read at all."""
    found: list[JsonObject] = []
    unread = 0
    for script in tree.xpath(SCRIPTS):
        try:
            found += _postings_in(parse(script.text or ""))
        except (ValueError, RecursionError):
            unread += 1
    return found, unread


def parse(text: str) -> Any:
    """The value of one script, the usual mistakes mended; raises ValueError, or RecursionError when nested absurdly."""
    error: ValueError | None = None
    for attempt in _mended(text):
        try:
            # Not strict: line breaks and other control characters inside strings are common.
            return json.loads(attempt, strict=False, parse_constant=lambda _: None)
        except ValueError as problem:
            error = error or problem
    raise error or ValueError("an empty script")


def _mended(text: str) -> Iterator[str]:
    bare = text.lstrip("\ufeff")
    for _ in range(MOST_WRAPPINGS):
        bare = WRAPPING.sub("", bare).strip().rstrip(";")
    yield bare
    if "&quot;" in bare[:200] or "&#34;" in bare[:200]:
        yield unescaped(bare)
    escaped = BAD_ESCAPE.sub(lambda match: match[0] if match[1] else r"\\", bare.replace("\\'", "'"))
    yield escaped
    plain = STRING_OR_COMMENT.sub(lambda match: match[1] or "", escaped)
    plain = STRING_OR_COMMA.sub(lambda match: match[1] or "", plain)
    yield plain
    plain = STRING_OR_ODDITY.sub(_as_json, plain)
    yield plain
    yield LOOSE_STRING.sub(lambda match: '"' + INNER_QUOTE.sub(r'\\"', match[1]) + '"', plain)


def _as_json(match: re.Match[str]) -> str:
    """What JavaScript or Python means by a word, nothing between two marks, a control character between values."""
    if match["word"]:
        return IN_JSON.get(match["word"], "null")
    return match[1] or (": null" if match["gap"] else " " if match["control"] else "")


def _postings_in(value: Any, depth: int = 0) -> list[JsonObject]:
    """JobPosting objects anywhere inside: in lists, under @graph, as items of an ItemList."""
    if isinstance(value, list):
        return [posting for inner in value for posting in _postings_in(inner, depth + 1)]
    if not isinstance(value, dict) or depth > 20:
        return []
    if any(kind.rpartition("/")[2].rpartition(":")[2] == "JobPosting" for kind in _texts(value.get("@type"))):
        return [value]
    return [posting for inner in value.values() for posting in _postings_in(inner, depth + 1)]


def to_posting(job: JsonObject, page_url: str, *, alone: bool) -> Posting:
    """A JobPosting as a Posting; `alone`: it is the only one of the page at `page_url`."""
    places = list(dict.fromkeys(_places(job.get("jobLocation"))))
    remote = True if "TELECOMMUTE" in " ".join(_texts(job.get("jobLocationType"))).upper() else None
    if remote and not places:
        places = list(dict.fromkeys(_places(job.get("applicantLocationRequirements"))))
    return Posting(
        url=_url(job, page_url, alone=alone),
        external_id=_named(job.get("identifier"), "value", "name"),
        title=_clean(_named(job.get("title") or job.get("name"), "name")),
        company=_clean(_named(job.get("hiringOrganization"), "name", "legalName")),
        description=_markup(job.get("description")),
        location=places[0] if len(places) == 1 else None,
        locations=places if len(places) > 1 else None,
        remote=remote,
        job_type=", ".join(_texts(job.get("employmentType"))) or None,
        salary=_salary(job.get("baseSalary") or job.get("estimatedSalary")),
        posted=_first(job.get("datePosted")),
        valid_through=_first(job.get("validThrough")),
    )


def _url(job: JsonObject, page_url: str, *, alone: bool) -> str | None:
    url = next(iter(_texts(job.get("url"))), None)
    try:
        full = urljoin(page_url, url) if url else None
        own = full is not None and urlsplit(full).netloc == urlsplit(page_url).netloc and urlsplit(full).path != "/"
    except ValueError:
        full, own = None, False
    # Many pages name the employer's home page here: then the page itself is where the posting can be read.
    return page_url if alone and not own else full


def _places(value: Any) -> Iterator[str]:
    for place in _list(value):
        address = place.get("address") or place if isinstance(place, dict) else place
        for single in _list(address):
            text = _address(single) if isinstance(single, dict) else _clean(_named(single))
            if text:
                yield text


def _address(address: JsonObject) -> str | None:
    keys = ("addressLocality", "addressRegion", "addressCountry")
    parts = [part for key in keys for part in [_clean(_named(address.get(key), "name"))] if part]
    return ", ".join(dict.fromkeys(parts)) or _clean(_named(address.get("name"), "name"))


def _salary(value: Any) -> Any:
    pay = _first(value)
    if not isinstance(pay, dict):
        return pay
    amount = _first(pay.get("value"))
    inner: JsonObject = amount if isinstance(amount, dict) else {"value": amount}
    low, high = (_first(inner.get(key) or pay.get(key) or inner.get("value")) for key in ("minValue", "maxValue"))
    if low is None and high is None:
        return None
    periods = [text for box in (inner, pay) for key in ("unitText", "unitCode") for text in _texts(box.get(key))]
    period = next(iter(periods), None)
    return {
        "min": low,
        "max": high,
        "currency": _first(pay.get("currency") or inner.get("currency")),
        "period": PERIODS.get(period.upper(), period.lower()) if period else None,
    }


def _markup(value: Any) -> str | None:
    text = _named(value)
    if text is None:
        return None
    # Escaped twice: the tags are text inside the string.
    return unescaped(text) if "&lt;" in text and "<" not in text else text


def unescaped(text: str) -> str:
    """The text with its character references as characters."""
    try:
        return html.unescape(text)
    except ValueError:  # a reference of more digits than Python reads
        return text


def _clean(text: str | None) -> str | None:
    squeezed_text = squeezed(unescaped(text)) if text else None
    return None if blank_to_none(squeezed_text) is None else squeezed_text


def _named(value: Any, *keys: str) -> str | None:
    """A text or number, or that which one of the keys of an object holds, of the first in a list."""
    first = _first(value)
    if isinstance(first, dict):
        return next((text for key in keys if (text := _named(first.get(key)))), None)
    return str(first) if isinstance(first, (str, int, float)) and not isinstance(first, bool) else None


def _first(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Any) -> list[str]:
    texts: Iterable[str] = (text for inner in _list(value) if isinstance(inner, str) and (text := squeezed(inner)))
    return list(texts)
