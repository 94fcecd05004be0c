"""Dates in tongues that our own words do not cover, put into English by the word lists that dateparser carries.

Only its lists are used, not its parser: one language must know every word, so rubbish stays rubbish; a language
is named by its words, never guessed; and what comes out goes through the same strict grammar as English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from workers.clean._dates.lexicon import is_filler
from workers.clean._dates.tongue_words import MORE

# Vowel signs of Indic and South-East Asian scripts are parts of words: without them June is January in Hindi.
_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|(?:[^\W\d_]|(?!\d)[\u0900-\u109f\u1780-\u17ff])+")
_THAI_DOT = re.compile(r"(?<=[\u0e00-\u0e7f])\.")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]")
_NUMBER_HERE = re.compile(r"\(\\d[^)]*\)")  # how a list writes the place of a number
_LISTED = (
    *("january february march april may june july august september october november december").split(),
    *("monday tuesday wednesday thursday friday saturday sunday").split(),
    *("year month week day hour minute second decade ago in am pm").split(),
)
_SKIPPED = ("skip", "pertain")
_MOST_WORDS = 12
_MOST_LANGUAGES = 12  # the largest that know all words; "minute" alone is known by a hundred
_LONGEST_PHRASE = 6
_BRIEF = 4  # shorter words name a unit in some language by chance: "k" is a month in Estonian, "eur" an hour in Breton
_ENGLISH = frozenset("more maine month minute second".split())
_ONE = re.compile(r"\\1")
_POINTS = re.compile(r"\bago\b|\bin\b")
_YEAR_SAID = re.compile(r"(?<!\d)\d{4}(?!\d)")
_TAIL = re.compile(r"(?<=\d)(?:-|\(e\))?[^\W\d_]{1,4}(?!\w)|(?<=\d)\(a\)")
_YEAR = re.compile(r"\b\d{4}\b")

Phrases = dict[tuple[str, ...], str]


def in_english(text: str) -> Iterator[str]:
    """What a text says, in English, by each language that knows all of its words.

    Where a year is written out, letters glued to a number ("5mh", "2026ko", "17-an") may be left out.
    """
    yield from _said_in_english(text)
    bare = _TAIL.sub(" ", text) if _YEAR_SAID.search(text) else text
    if bare != text:
        yield from _said_in_english(bare)


def _said_in_english(text: str) -> Iterator[str]:
    found = _words(text)
    said = frozenset(word for word in found if not word[0].isdigit() and not is_filler(word))
    if not said or len(found) > _MOST_WORDS:
        return
    counted = any(word[0].isdigit() for word in found)
    for language in _knowing(said):
        english = _translated(found, _phrases(language))
        if english and _is_long_enough(said, english, counted=counted):
            yield english


def _is_long_enough(said: frozenset[str], english: str, *, counted: bool) -> bool:
    longest = max(said, key=len)
    if len(said) == 1 and longest.isascii() and not counted:  # "more", "man" and "let" are days and months somewhere
        return len(longest) > _BRIEF and longest not in _ENGLISH
    if longest > "\u0250" or _YEAR.search(english):  # no Latin script, or a date written out
        return len(longest) > 1
    return len(longest) >= (_BRIEF - 1 if _POINTS.search(english) else _BRIEF)


def _words(text: str) -> list[str]:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _TOKEN.findall(_THAI_DOT.sub("", plain))


@lru_cache(maxsize=4096)
def _knowing(said: frozenset[str]) -> tuple[str, ...]:
    known = _languages_of_words()
    common = -1
    for word in said:
        common &= known.get(word, 0)
        if not common:
            return ()
    return tuple(code for at, code in enumerate(_codes()) if common >> at & 1)[:_MOST_LANGUAGES]


@cache
def _codes() -> tuple[str, ...]:
    return tuple(import_module("dateparser.data.languages_info").language_order)


@cache
def _languages_of_words() -> dict[str, int]:
    """Each word with a bit set for every language that lists it; 205 languages in a quarter of a second."""
    known: dict[str, int] = {}
    for at, code in enumerate(_codes()):
        for phrase, _ in _entries(code):
            for word in phrase:
                known[word] = known.get(word, 0) | 1 << at
    return known


@lru_cache(maxsize=64)
def _phrases(code: str) -> Phrases:
    table: Phrases = {}
    for phrase, english in _entries(code):
        if phrase:
            table.setdefault(phrase, english)
    return table


def _entries(code: str) -> Iterator[tuple[tuple[str, ...], str]]:
    listed: dict[str, Any] = import_module(f"dateparser.data.date_translation_data.{code}").info
    for english, texts in (*listed.get("relative-type", {}).items(), *listed.get("relative-type-regex", {}).items()):
        for text in texts:
            phrase = tuple(_words(_NUMBER_HERE.sub(" 0 ", text)))
            yield tuple("#" if word == "0" else word for word in phrase), _ONE.sub("#", english)
    for english in _LISTED:
        for text in listed.get(english, ()):
            yield tuple(_words(text)), english
    for english, texts in MORE.get(code, {}).items():
        for text in texts.split():
            yield tuple(_words(text.replace("_", " "))), english
    for name in _SKIPPED:
        for text in listed.get(name, ()):
            yield tuple(_words(text)), ""


def _translated(found: list[str], phrases: Phrases) -> str | None:
    english: list[str] = []
    at = 0
    while at < len(found):
        length, said = _longest(found, at, phrases)
        if said is None:
            return None
        english.append(said)
        at += length
    return " ".join(filter(None, english))


def _longest(found: list[str], at: int, phrases: Phrases) -> tuple[int, str | None]:
    for length in range(min(_LONGEST_PHRASE, len(found) - at), 0, -1):
        words = found[at : at + length]
        phrase = phrases.get(tuple("#" if word[0].isdigit() else word for word in words))
        if phrase is not None:
            number = next((word for word in words if word[0].isdigit()), "")
            return length, phrase.replace("#", number)
    word = found[at]
    return 1, word if word[0].isdigit() else "" if is_filler(word) else None
