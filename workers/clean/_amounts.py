"""Amounts of money in a folded text: the number, its scale, and the currency that a sign or code beside it names."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

from workers.clean import _moneywords as words
from workers.clean.text import fold

_LARGEST = 1e12
_NUMBER = r"(?:\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:[ .,'\u2019]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)(?!\d)"
NOISE = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b401\s?\(?k\)?|\b\d+(?:[.,]\d+)?\s?%|\b\d+/\d+\b(?!\s*(?:hr|h)\b)|,-|(?<=\d)\s?[+*](?!\w)"
)
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount in a text and where it stands there."""

    value: float
    scale: float
    currency: str | None  # "" is money of no certain country, None no sign of money
    start: int
    end: int

    @property
    def whole(self) -> float:
        """The amount in units of the currency."""
        return round(self.value * self.scale, 6)


@cache
def amount_pattern() -> re.Pattern[str]:
    """A number with the sign, scale and word around it."""
    signs = [*_signs(), *(code.lower() for code in words.CODES.split())]
    sign = "|".join(
        re.escape(word) + (r"(?![^\W\d_])" if word[-1].isalpha() else "")
        for word in sorted(signs, key=len, reverse=True)
    )
    times = "|".join(re.escape(word) for word in sorted(map(fold, words.MULTIPLIERS), key=len, reverse=True))
    edge = r"(?<![^\W\d_])"
    return re.compile(
        rf"(?:(?:{edge}|(?<=[-–]))(?P<before>{sign})\s*)?(?:(?<![\w.,/])|(?<=[a-z$€£¥₹.])(?<!\d\.))(?P<number>{_NUMBER})"
        rf"(?:\s?(?P<times>{times})(?![a-z\u0430-\u044f]))?(?:\s*(?P<after>{sign})(?![^\W\d_]|\s?\d))?(?P<unit>\s*[^\W\d_%]+)?"
    )


@cache
def _signs() -> dict[str, str]:
    return {fold(sign): code for sign, code in words.SIGNS.items()}


def read_amount(found: re.Match[str]) -> Amount | None:
    """The amount of a match of `amount_pattern`; None for hours, years, people and other things that are counted."""
    before, after = found["before"], found["after"]
    signs = [currency_of(sign) for sign in (before, after) if sign]
    currency = next((code for code in signs if code), "" if signs else None)
    times = found["times"]
    unit = (found["unit"] or "").strip()
    if currency is None and not times and unit in _not_money():
        return None
    value = _value(found["number"], scaled=bool(times))
    if times and fold(times) == "lpa":
        currency = currency or "INR"
    return (
        None
        if value is None
        else Amount(value, _scale(times), currency, found.start(), found.end() - len(found["unit"] or ""))
    )


def _scale(times: str | None) -> float:
    return next((scale for word, scale in words.MULTIPLIERS.items() if fold(word) == times), 1.0)


def currency_of(sign: str) -> str:
    """ISO 4217 of a folded sign, code or word; empty when it names no certain country."""
    return sign.upper() if sign.upper() in words.CODES.split() else _signs().get(sign, "")


@cache
def _not_money() -> frozenset[str]:
    return frozenset(fold(word) for word in words.NOT_MONEY.split())


def _value(text: str, *, scaled: bool = False) -> float | None:
    """1,234.50, 1.234,50, 1 234 and 1'234; one mark before exactly three digits parts thousands, unless "k" follows."""
    marks = [c for c in text if not c.isdigit()]
    if len(marks) == 1 and marks[0] in ".," and (scaled or len(text.rpartition(marks[0])[2]) != 3):
        plain = text.replace(",", ".")
    elif marks and marks[-1] in ".," and len(text.rpartition(marks[-1])[2]) <= _DECIMALS:
        head, _, cents = text.rpartition(marks[-1])
        plain = "".join(c for c in head if c.isdigit()) + "." + cents
    else:
        plain = "".join(c for c in text if c.isdigit())
    return positive(plain)


def positive(value: str | float) -> float | None:
    """A finite amount above zero, else None."""
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 < number <= _LARGEST else None


def is_only_a_number(shown: str) -> bool:
    """Whether a text is one number and nothing else."""
    return re.fullmatch(rf"\s*{_NUMBER}\s*", shown) is not None
