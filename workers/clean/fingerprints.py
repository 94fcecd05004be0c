"""The same job found in several places has one fingerprint; where too little is known it has none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from workers.clean._places.title_noise import (
    ATTACHED_ENDING,
    GENDER_MARKS,
    LEADING_FORMS,
    LEGAL_FORMS,
    ONE_WORD,
    SYNONYMS,
    UNSPACED_FORMS,
    WORKLOAD,
    noise,
)
from workers.clean.text import fold

if TYPE_CHECKING:
    from workers.clean.places import Place

_BRACKETED = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_BREAKS = re.compile(r"\s[-\u2010-\u2015|/\u00b7\u2022]+\s|[|\u2022\u00b7,;:]+(?=\s|$)|\s[-\u2013\u2014](?=\S)")
_MARKED = re.compile(r"[(\[{/|:*_\u00b7\u2022]|all genders")
_OWN_NUMBER = re.compile(r"(?:(?:job|ref|req|requisition|id|no|nr|r|jr)[\s.:_#-]*)*#?\d{3,}")
_TOKEN = re.compile(r"[^\W_]+[+#]*")
_INITIALS = re.compile(r"\b(?:\w\.\s?)+\w\b\.?")
_BINDERS = frozenset({"and", "de", "und", "et"})  # "GmbH & Co. KG", "S.A. de C.V."
_TOLD_APART_BY_REGION = frozenset({"US", "CA"})  # there a town's name alone says little


def fingerprint(title: str, company: str | None, places: Iterable[Place], *, remote: bool | None) -> str | None:
    """SHA-256 in hex of what makes a job the same elsewhere, or None: a job of nobody or nowhere is like many."""
    places = tuple(places)
    firm = company_essence(company or "")
    spots = sorted({_spot(place) for place in places} - {""})
    if not spots and remote:
        spots = ["remote"]
    essence = title_essence(title, _names(places))
    if not (essence and firm and spots):
        return None
    return hashlib.sha256("\n".join([essence, firm, *spots]).encode()).hexdigest()


def title_essence(title: str, places: Iterable[str] = ()) -> str:
    """A title's words in one spelling, without gender marks, workload, kinds of contract and the given places."""
    shown = fold(title)
    if _MARKED.search(shown):
        shown = ATTACHED_ENDING.sub("", GENDER_MARKS.sub(" ", shown))
    shown = WORKLOAD.sub(" ", shown).replace("&", " and ")
    shown = ONE_WORD.sub(r"\1\2", shown)
    silent = frozenset(_words(place) for place in places)
    parts = [part for part in (*_outer(shown), *_BRACKETED.findall(shown)) if not _says_nothing(part, silent)]
    return " ".join(map(_words, parts)) or _words(title)


def company_essence(company: str) -> str:
    """A company's name in one spelling, without its legal form and what stands in brackets."""
    shown = fold(company)
    for form in UNSPACED_FORMS:
        shown = shown.replace(form, " ")
    plain = _BRACKETED.sub(" ", shown)
    plain = _INITIALS.sub(_closed_up, plain if _words(plain) else shown)
    tokens = _TOKEN.findall(plain.replace("a/s", "as").replace("&", " and ").replace("'", ""))
    whole = len(tokens)
    while len(tokens) > 1 and (tokens[-1] in LEGAL_FORMS or (len(tokens) < whole and tokens[-1] in _BINDERS)):
        tokens.pop()
    while len(tokens) > 1 and tokens[0] in LEADING_FORMS:
        tokens.pop(0)
    return " ".join(tokens)


def _closed_up(found: re.Match[str]) -> str:
    return re.sub(r"[.\s]", "", found.group())


def _outer(shown: str) -> list[str]:
    """What stands outside brackets, cut where a title is put together of parts."""
    return _BREAKS.split(_BRACKETED.sub(" ", shown))


def _says_nothing(part: str, silent: frozenset[str]) -> bool:
    words = _words(part)
    return not words or words in silent or noise(words) or _OWN_NUMBER.fullmatch(part.strip()) is not None


@lru_cache(maxsize=4096)  # names of places come again and again
def _words(text: str) -> str:
    return " ".join(SYNONYMS.get(word, word) for word in _TOKEN.findall(fold(text)))


def _spot(place: Place) -> str:
    region = place.region if place.country in _TOLD_APART_BY_REGION or not place.city else None
    return " ".join(filter(None, (_words(part or "") for part in (place.city, region, place.country))))


def _names(places: Iterable[Place]) -> list[str]:
    from workers.clean._places.country_words import COUNTRIES

    known = [name for place in places for name in (place.city, place.region, place.country) if name]
    return known + [name for place in places for name in COUNTRIES.get(place.country or "", "").split("|")[1:]]
