"""Cents beside the amount they are part of: "3 dollars 50 cents", "35€ 99", "5 euro en 50 cent"."""

from __future__ import annotations

import re
from dataclasses import replace

from workers.clean._pay import money_words as words
from workers.clean._pay.figures import Amount

_WORD = re.compile(r"[\s+-]*([^\W\d_%]+|%)")


def with_cents(shown: str, amounts: list[Amount]) -> list[Amount]:
    """A small amount of a part of the unit, or of nothing, directly behind one: "3 dollars 50 cents", "35€ 99"."""
    joined: list[Amount] = []
    for amount in amounts:
        major = joined[-1] if joined else None
        if major and major.currency is not None and major.scale == 1 and _is_cents(shown, major, amount):
            tail = shown[amount.start : amount.end]
            digits = "".join(c for c in tail if c.isdigit())
            cents = amount.value / 10 ** max(2, len(digits))
            joined[-1] = replace(major, value=round(major.value + cents, 6), end=amount.end)
        else:
            joined.append(amount)
    return joined


_BETWEEN_CENTS = re.compile(r"\s*(?:(?:and|und|en|et|y|e)\s+)?")


def _is_cents(shown: str, major: Amount, minor: Amount) -> bool:
    if major.value != int(major.value) or minor.value != int(minor.value) or minor.value >= 1000:
        return False
    gap = shown[major.end : minor.start]
    if not _BETWEEN_CENTS.fullmatch(gap):
        return False
    if minor.sign in words.MINOR.split():
        return minor.value < 100
    glued = gap == "" or "and" in gap or not major.sign.isalpha()
    unsaid = minor.currency is None and minor.scale == 1 and "between" not in shown[: major.start]
    unsaid = unsaid and (shown[major.start].isdigit() or "and" in gap)
    word = _WORD.match(shown, minor.end)
    return unsaid and (minor.value < 100 or gap == "") and (glued or word is None or word[1] in {"more", "and"})
