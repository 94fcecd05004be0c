"""Numbers written as English words, turned into digits: "three thousand", "half million", "forty-five"."""

from __future__ import annotations

import re
from functools import cache

from workers.clean._numerals import ENGLISH, ENGLISH_TENS

_SMALL = ["zero", *ENGLISH]
_LARGE = {"hundred": 100.0, "thousand": 1e3, "lakh": 1e5, "million": 1e6, "crore": 1e7, "billion": 1e9}
_PARTS = {"half": 0.5, "quarter": 0.25, "quarters": 0.25}


@cache
def _values() -> dict[str, float]:
    return {word: float(i) for i, word in enumerate(_SMALL)} | {
        word: 20.0 + 10 * i for i, word in enumerate(ENGLISH_TENS)
    }


@cache
def _run() -> re.Pattern[str]:
    small, large = ("|".join(sorted(listed, key=len, reverse=True)) for listed in (_values(), _LARGE))
    # A quarter is three months, unless it is one of a million.
    parts = rf"(?:half|quarters?) (?:an? )?(?={large})"
    first = rf"(?:an? )?(?:{parts}|{small})|an? (?:{large})"
    return re.compile(rf"(?<![\w.-])(?:{first})(?:(?: and |[ -])?(?:{parts}|{small}|{large}))*(?![\w'])")


def digits_for_words(shown: str) -> str:
    """A folded text with its spelled-out numbers in digits."""
    return _run().sub(_digits, shown)


def _digits(found: re.Match[str]) -> str:
    said = [word for word in re.findall(r"[a-z]+", found[0]) if word not in {"a", "an"}]
    numbers: list[str] = []
    while said:
        size = _one_number(said)
        number = _number([word for word in said[:size] if word != "and"])
        numbers.append(f"{number:.10g}" if number < 1e10 else f"{number:.0f}")
        said = said[size:]
        if said and said[0] == "and":
            numbers.append("and")
            said = said[1:]
    return " ".join(numbers)


def _one_number(said: list[str]) -> int:
    """How many of the words are one number: "one and two" are two numbers, "one hundred and two" is one."""
    for at in range(1, len(said)):
        before, word = said[at - 1], said[at]
        fits = (
            word in _LARGE
            or word in _PARTS
            or (before in _LARGE and word in _values())
            or (before in _LARGE and word == "and" and at + 1 < len(said) and said[at + 1] in _values())
            or (before == "and" and at > 1)
            or (before in ENGLISH_TENS and word in _SMALL[1:10])
        )
        if not fits:
            return at
    return len(said)


def _number(said: list[str]) -> float:
    whole = part = 0.0
    for word in said:
        if word in _PARTS:
            part = (part or 1.0) * _PARTS[word]
        elif word == "hundred":
            part = (part or 1.0) * 100
        elif word in _LARGE:
            whole, part = whole + (part or 1.0) * _LARGE[word], 0.0
        else:
            part += _values()[word]
    return whole + part
