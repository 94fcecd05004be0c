"""Days and years spelled out in dates, in digits: "twenty-seventh", "nineteen eighty six", "dos mil dieciocho".

English and Spanish, and the days alone in five more tongues.
Only text that holds a month or a weekday is worth asking: "second" is also a unit, "once" a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from workers.clean._dates.day_words import days_in_digits
from workers.clean._numerals import ENGLISH, ENGLISH_TENS, SPANISH

_SPANISH_TENS = "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_HUNDREDS = "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
_THOUSAND = frozenset(["thousand", "mil"])
_AND = frozenset(["and", "y"])
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth"
)
_ROUND_ORDINALS = {"primero": 1, "primer": 1, "premier": 1, "twentieth": 20, "thirtieth": 30}
_CENTURIES = range(15, 21)  # "nineteen eighty", "twenty twenty six": the first half of a year


@cache
def _small() -> dict[str, int]:
    listed = {word: at for words in (ENGLISH, SPANISH) for at, word in enumerate(words, 1)}
    return listed | {word: 10 * at for words in (ENGLISH_TENS, _SPANISH_TENS) for at, word in enumerate(words, 2)}


@cache
def _ordinals() -> dict[str, int]:
    return {word: at for at, word in enumerate(_ORDINALS.split(), 1)} | _ROUND_ORDINALS


@cache
def _hundreds() -> dict[str, int]:
    return {word: 100 * at for at, word in enumerate(_HUNDREDS.split(), 1)}


@cache
def _run() -> re.Pattern[str]:
    known = {*_small(), *_ordinals(), *_hundreds(), *_THOUSAND}
    word = "|".join(sorted(known, key=len, reverse=True))
    more = rf"(?:[ -](?:(?:and|y) )?(?:{word}|hundred))*"
    return re.compile(rf"(?<!\w)(?:{word}){more}(?!\w| (?:seen|post|publish|list|advert|appear))")  # "first seen"


def in_digits(folded: str) -> str:
    """A folded text with its spelled-out numbers and ordinals in digits, a year in four of them."""
    return _run().sub(_digits, days_in_digits(folded))


def _digits(found: re.Match[str]) -> str:
    words = _Words(re.findall(r"[a-z]+", found[0]))
    numbers: list[int] = []
    while words.left():
        number = words.number()
        if numbers and numbers[-1] in _CENTURIES and 10 <= number < 100:
            number += 100 * numbers.pop()
        numbers.append(number)
    return " ".join(map(str, numbers))


class _Words:
    """The words of a run, taken number by number; each taking takes at least one."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0

    def left(self) -> bool:
        return self.at < len(self.words)

    def _next(self) -> str:
        return self.words[self.at] if self.left() else ""

    def number(self) -> int:
        """The next number: "two thousand and thirty two", "nineteen hundred", "twenty first", "mil novecientos"."""
        if self._next() in _AND:
            self.at += 1
        number = self._below_thousand() if self._next() not in _THOUSAND else 1
        if self._next() in _THOUSAND:
            self.at += 1
            return 1000 * number + self._joined(self._below_thousand)
        return number

    def _below_thousand(self) -> int:
        if self._next() in _hundreds():
            self.at += 1
            return _hundreds()[self.words[self.at - 1]] + self._joined(self._below_hundred)
        number = self._below_hundred()
        if self._next() == "hundred":
            self.at += 1
            return 100 * number + self._joined(self._below_hundred)
        return number

    def _below_hundred(self) -> int:
        word = self._next()
        self.at += bool(word)
        if word in _ordinals():
            return _ordinals()[word]
        number = _small().get(word, 0)
        return number + self._joined(self._ones) if number >= 20 and number % 10 == 0 else number

    def _ones(self) -> int:
        number = {**_small(), **_ordinals()}.get(self._next(), 0)
        if not 0 < number < 10:
            return 0
        self.at += 1
        return number

    def _joined(self, take: Callable[[], int]) -> int:
        """What follows with or without an "and"; 0, and nothing is taken, where no such number follows."""
        before = self.at
        if self._next() in _AND:
            self.at += 1
        known = self._next() in _small() or self._next() in _ordinals() or self._next() in _hundreds()
        number = take() if known else 0
        if not number:
            self.at = before
        return number
