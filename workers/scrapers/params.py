"""What a scraper's params are called and must be: one table per scraper, judged before the first request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from workers.errors import ScraperRefused
from workers.records import JsonObject
from workers.scrapers.selectors import parse_selector


@dataclass(frozen=True, kw_only=True, slots=True)
class Param:
    """One param of a scraper, as `supervisor scrapers show` documents it."""

    name: str
    kind: str  # a key of KINDS
    default: Any = None
    required: bool = False
    sentence: str = ""


def read_params(scraper: str, table: Iterable[Param], params: JsonObject, *, others: bool = False) -> JsonObject:
    """The params with defaults filled in; raises ScraperRefused with all complaints in one sentence.

    `others` lets params through that the table does not know.
    """
    known = {param.name: param for param in table}
    complaints = [_unknown(name, known) for name in params if name not in known and not others]
    for param in known.values():
        complaints += _complaints(param, params.get(param.name))
    if complaints:
        raise ScraperRefused(f"{scraper}: {'; '.join(complaints)}; see `supervisor scrapers show {scraper}`")
    return {name: param.default for name, param in known.items()} | {k: v for k, v in params.items() if v is not None}


def _unknown(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"{name} is unknown" + (f", did you mean {close[0]}?" if close else "")


def _complaints(param: Param, value: object) -> list[str]:
    if value is None:
        return [f"{param.name} is missing"] if param.required else []
    wanted, judge = KINDS[param.kind]
    try:
        good = judge(value)
    except ValueError as error:
        return [f"{param.name}: {error}"]
    return [] if good else [f"{param.name} should be {wanted}, got {_shown(value)}"]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def _is_terms(value: object) -> bool:
    return _is_text(value) or (_is_texts(value) and all(map(_is_text, value)))  # type: ignore[call-overload] # a list


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _is_urls(value: object) -> bool:
    return _is_url(value) or (isinstance(value, list) and bool(value) and all(_is_url(url) for url in value))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_slug(value: object) -> bool:
    return _is_text(value) and not set(str(value)) & set("/?#@:\\")


def _is_regex(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression ({error})") from error
    return True


def _is_zone(value: object) -> bool:
    if not isinstance(value, str):
        return False
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone; write one such as Europe/Paris") from error
    return True


def _is_selector(value: object) -> bool:
    parse_selector(value)
    return True


def _is_selectors(value: object) -> bool:
    return isinstance(value, dict) and all(_is_field_selector(name, spec) for name, spec in value.items())


def _is_field_selector(name: object, spec: object) -> bool:
    _known_field(name)
    try:
        return _is_selector(spec)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _is_fields(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    for name in value:
        _known_field(name)
    return all(isinstance(text, str) for text in value.values())


def _known_field(name: object) -> None:
    if name not in FIELDS:
        raise ValueError(f"{name!r} is no field of a posting ({', '.join(FIELDS)})")


def _is_mapping_of_text(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(k, str) and isinstance(v, str) for k, v in value.items())


FIELDS = (
    "url",
    "external_id",
    "title",
    "company",
    "description",
    "location",
    "locations",
    "remote",
    "job_type",
    "salary",
    "posted",
    "valid_through",
)  # of workers.records.Posting; a test compares

KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "text": ("a text", _is_text),
    "texts": ("a list of texts", _is_texts),
    "terms": ("a text or a list of them", _is_terms),
    "url": ("an http or https URL", _is_url),
    "urls": ("an http or https URL or a list of them", _is_urls),
    "whole": ("a whole number above 0", _is_whole),
    "switch": ("true or false", _is_switch),
    "slug": ("a name as it stands in an address, without slashes", _is_slug),
    "object": ("a mapping", lambda value: isinstance(value, dict)),
    "regex": ("a regular expression", _is_regex),
    "zone": ("the name of a time zone such as Europe/Paris", _is_zone),
    "selector": ("a selector", _is_selector),
    "selectors": ("a mapping of field to selector", _is_selectors),
    "fields": ("a mapping of field to text", _is_fields),
    "mapping": ("a mapping of text to text", _is_mapping_of_text),
}
