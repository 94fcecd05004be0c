"""Digits with marks between them, as a number: 1,234.50, 1.234,50, 1 234, 1'234, 12,34,567."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

NUMBER = re.compile(
    r"\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d{1,2})?(?!\d)"  # 12,34,567.89
    r"|\d{1,3}(?:,\d{3})+\.\d{3}(?!\d)"  # of currencies with three decimals
    r"|\d{1,3}(?:([ .,'])\d{3})(?:\1\d{3})*(?:[.,]\d{1,2})?(?!\d)"
    r"|\d+(?:[.,]\d+)?"
)
DECIMALS = 2
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount in a text and where it stands there."""

    value: float
    scale: float
    currency: str | None  # "" is money of no certain country, None no sign of money
    start: int
    end: int
    sign: str = ""

    @property
    def whole(self) -> float:
        """The amount in units of the currency."""
        return round(self.value * self.scale, 6)


def value_of(text: str, *, scaled: bool = False, thin: bool = False) -> float | None:
    """The amount above zero; one mark before exactly three digits parts thousands, unless "k" follows (`scaled`)."""
    marks = [c for c in text if not c.isdigit()]
    head, _, tail = text.rpartition(marks[-1]) if marks else ("", "", text)
    pointed = bool(marks) and marks[-1] == "."
    decimal = len(tail) != 3 or head == "0" or (pointed and (scaled or thin))
    if len(marks) == 1 and marks[0] in ".," and decimal:
        plain = text.replace(",", ".")
    elif marks and marks[-1] in ".," and (len(tail) <= DECIMALS or (thin and len(marks) > 1 and pointed)):
        plain = "".join(c for c in head if c.isdigit()) + "." + tail
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
    return NUMBER.fullmatch(shown.strip(" *.:\"'").rstrip(" -–:")) is not None
