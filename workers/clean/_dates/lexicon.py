"""Words of dates and what they can mean: every text is cut into known words and phrases."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import cache, lru_cache

from workers.clean._dates import words
from workers.clean.text import fold

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+|\+")
_NO_SPACES_BETWEEN_WORDS = re.compile(r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]")
_MOST_WORDS = 40
_LONGEST_PHRASE = 5
_PARTICLES = ("に", "の", "が", "は", "を", "から", "的", "在", "第", "에", "된", "이")  # between CJK words


class Role(Enum):
    """What a word can do in a date."""

    UNIT = auto()
    NUMBER = auto()
    DAY = auto()
    PAST = auto()
    AHEAD = auto()
    AT_LEAST = auto()
    FILLER = auto()
    NOW = auto()
    MONTH = auto()
    WEEKDAY = auto()


Meaning = dict[Role, str | int | float | None]


def is_filler(word: str) -> bool:
    """Whether a word may stand beside a date and mean nothing for it."""
    return Role.FILLER in lexicon().get((fold(word),), {})


def tokens(text: str) -> list[str]:
    """The words and numbers of a folded text, cut where a script writes no spaces."""
    if _NO_SPACES_BETWEEN_WORDS.search(text):
        text = _cjk_words().sub(r" \g<0> ", text)
    counted = _counted()
    return [part for word in _TOKEN.findall(text) for part in counted.get(word, (word,))]


@cache
def _counted() -> dict[str, tuple[str, ...]]:
    """Words that hold their number, as the number and its unit: a dual, "sebulan", "полгода"."""
    return {fold(word): tuple(said.split()) for said, listed in words.COUNTED.items() for word in listed.split()}


@cache
def lexicon() -> dict[tuple[str, ...], Meaning]:
    """Every known word or phrase, as folded words, with what it can mean."""
    index: dict[tuple[str, ...], Meaning] = {}
    for role, meaning, listed in _listed():
        for word in listed.split():
            key = tuple(_TOKEN.findall(fold(word.replace("_", " "))))
            index.setdefault(key, {}).setdefault(role, meaning)
    return index


def _listed() -> list[tuple[Role, str | int | float | None, str]]:
    tables = (
        [(Role.UNIT, unit, listed) for unit, listed in words.UNITS.items()],
        [(Role.NUMBER, number, listed) for number, listed in words.NUMBERS.items()],
        [(Role.DAY, days, listed) for days, listed in words.DAYS.items()],
        [(Role.MONTH, month, listed) for month, listed in words.MONTHS.items()],
        [(Role.UNIT, said.split()[1], listed) for said, listed in words.COUNTED.items()],
    )
    plain = (
        (Role.PAST, words.PAST),
        (Role.AHEAD, words.AHEAD),
        (Role.AT_LEAST, words.AT_LEAST),
        (Role.FILLER, words.FILLERS),
        (Role.FILLER, " ".join(_PARTICLES)),
        (Role.NOW, words.JUST_NOW),
        (Role.WEEKDAY, words.WEEKDAYS),
    )
    return [*(row for table in tables for row in table), *((role, None, listed) for role, listed in plain)]


@cache
def _cjk_words() -> re.Pattern[str]:
    known = {"".join(key) for key in lexicon() if _NO_SPACES_BETWEEN_WORDS.search("".join(key))}
    return re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))


@lru_cache(maxsize=64)  # several rules ask for the same words
def meanings(text: str) -> list[tuple[str, Meaning]] | None:
    """The known words and phrases of a folded text in order, numbers with no meaning; None at an unknown word."""
    found = tokens(text)
    if not 0 < len(found) <= _MOST_WORDS:
        return None
    said: list[tuple[str, Meaning]] = []
    at = 0
    while at < len(found):
        length, meaning = _longest(found, at)
        if meaning is None:
            return None
        said.append((" ".join(found[at : at + length]), meaning))
        at += length
    return said


def _longest(found: list[str], at: int) -> tuple[int, Meaning | None]:
    if found[at][0].isdigit():
        return 1, {}
    for length in range(min(_LONGEST_PHRASE, len(found) - at), 0, -1):
        meaning = lexicon().get(tuple(found[at : at + length]))
        if meaning is not None:
            return length, meaning
    return 1, None


def runs(text: str) -> list[str]:
    """The longest stretches of known words in a folded text that has unknown ones, those with a number or a day."""
    found = list(_TOKEN.finditer(text))[:_MOST_WORDS]
    said = [word[0] for word in found]
    stretches: list[str] = []
    start = at = 0
    while at <= len(found):
        length, meaning = _longest(said, at) if at < len(found) else (1, None)
        if meaning is None:
            if start < at:
                stretches.append(text[found[start].start() : found[at - 1].end()])
            start = at + 1
        at += length
    return stretches
