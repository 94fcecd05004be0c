"""What a posting pays: amounts, currency, period; whatever the text does not say is None, never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from workers.clean import _moneywords as words
from workers.clean._amounts import NOISE, Amount, amount_pattern, currency_of, is_only_a_number, positive, read_amount
from workers.clean._periods import period_in, period_named
from workers.clean.blanks import blank_to_none
from workers.clean.text import fold, one_line

_LONGEST = 600
_PERIOD_KEYS = ("period", "unit", "unitText", "unitCode", "interval", "salary_period", "per")
_BARE_LEAST = 1000  # two plain numbers below this are no pay when nothing else says so
_DASH = r"(?:-|\u2013|\u2014|\u2212|~|\u301c|\uff5e)"
_AND_MORE = re.compile(r"\s*(?:\+(?!\s*\w)|and up\b|and above\b|or more\b)")


@dataclass(frozen=True, slots=True)
class Salary:
    """Pay as stated: amounts in units of the currency, ISO 4217, and per hour, day, week, month or year."""

    min: float | None = None
    max: float | None = None
    currency: str | None = None
    period: str | None = None


def parse_salary(text: object) -> Salary | None:
    """Pay from a text, a number, or a mapping such as JSON-LD's MonetaryAmount; None when none is stated.

    One exact amount is both minimum and maximum; "from X" has no maximum, "up to X" no minimum.
    """
    if isinstance(text, Mapping):
        return _from_mapping(text)
    if isinstance(text, (list, tuple)) and text:
        return parse_salary(text[0]) if not isinstance(text[0], (list, tuple)) else None
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        amount = positive(text)
        return Salary(amount, amount) if amount else None
    if not isinstance(text, str) or blank_to_none(text) is None:
        return None
    return _from_text(one_line(text, _LONGEST))


def _from_text(line: str) -> Salary | None:
    shown = NOISE.sub(" ", _folded(line))
    amounts = [amount for amount in map(read_amount, amount_pattern().finditer(shown)) if amount is not None]
    period = period_in(shown)
    pair = next(((a, b) for a, b in pairwise(amounts) if _is_range(shown, a, b)), None)
    if pair is not None:
        return _range(*pair, period, stated=_evidence(shown))
    plain = [amount for amount in amounts if amount.currency is not None or amount.scale > 1]
    bare = amounts if not plain and (period or _evidence(shown) or is_only_a_number(shown)) else []
    return _single(shown, (plain or bare)[0], period) if plain or bare else None


def _folded(line: str) -> str:
    return fold(line.replace("\u2009", " ").replace("\u202f", " ")).replace("\u2044", "/")


@cache
def _between() -> re.Pattern[str]:
    joins = "|".join(
        re.escape(fold(word)) for word in sorted(words.TO.split(), key=len, reverse=True) if word[-1].isalpha()
    )
    periods = "|".join(re.escape(fold(word)) for listed in words.PERIODS.values() for word in listed.split())
    return re.compile(rf"\s*(?:(?:/|per|an?)\s*(?:{periods})\b\.?)?\s*(?:{_DASH}|\b(?:{joins})\b|\b(?:up )?to\b)\s*")


def _is_range(shown: str, first: Amount, second: Amount) -> bool:
    return _between().fullmatch(shown[first.end : second.start]) is not None


def _range(first: Amount, second: Amount, period: str | None, *, stated: bool) -> Salary | None:
    low, high = first.whole, second.whole
    if first.scale == 1 and second.scale > 1 and low < second.scale:  # "$60-90k"
        low = round(first.value * second.scale, 6)
    money = first.currency is not None or second.currency is not None or first.scale > 1 or second.scale > 1
    if not (money or stated or (period and high >= 1) or low >= _BARE_LEAST):
        return None
    if not money and not stated and low < _BARE_LEAST and period in (None, "week"):
        return None
    if low > high:
        low, high = high, low
    return Salary(low, high, first.currency or second.currency or None, period)


def _single(shown: str, amount: Amount, period: str | None) -> Salary:
    before, after = shown[: amount.start].rstrip(" :"), shown[amount.end :]
    currency = amount.currency or None
    if any(before.endswith(bound) for bound in _UP_TO):
        return Salary(None, amount.whole, currency, period)
    if any(before.endswith(bound) for bound in _FROM) or _AND_MORE.match(after):
        return Salary(amount.whole, None, currency, period)
    return Salary(amount.whole, amount.whole, currency, period)


_FROM = (
    *(
        "from",
        "starting at",
        "start at",
        "starts at",
        "minimum",
        "min",
        "min.",
        "at least",
        "ab",
        "mindestens",
        "a partir de",
        "desde",
        "des",
    ),
    *(
        "da",
        "od",
        "vanaf",
        "fran",
        "fra",
        "alkaen",
        "от",
        "mas de",
        "more than",
        "over",
        "uber",
        "plus de",
        "starting from",
        ">",
        "≥",
    ),
)
_UP_TO = (
    *(
        "up to",
        "upto",
        "maximum",
        "max",
        "max.",
        "bis zu",
        "bis",
        "jusqu'a",
        "hasta",
        "fino a",
        "ate",
        "tot",
        "do",
        "upp till",
        "op til",
    ),
    *("до", "under", "less than", "not exceeding", "<", "≤"),
)


def _evidence(shown: str) -> bool:
    return _evidence_pattern().search(shown) is not None


@cache
def _evidence_pattern() -> re.Pattern[str]:
    known = [fold(word) for word in words.EVIDENCE.split()]
    return re.compile("|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in known))


def _from_mapping(stated: Mapping[Any, Any]) -> Salary | None:
    inner = stated.get("value")
    amounts: Mapping[Any, Any] = {**stated, **inner} if isinstance(inner, Mapping) else stated
    low = _first(amounts, "min", "minValue", "min_value", "minimum", "minimum_value", "salary_min", "from", "lower")
    high = _first(amounts, "max", "maxValue", "max_value", "maximum", "maximum_value", "salary_max", "to", "upper")
    if low is None and high is None:
        low = high = _first(amounts, "value", "amount")
    if isinstance(low, str) and low is high and _number_of(low) is None:
        return parse_salary(low)
    lowest, highest = _number_of(low), _number_of(high)
    if lowest is None and highest is None:
        return None
    if lowest is not None and highest is not None and lowest > highest:
        lowest, highest = highest, lowest
    currency = _first(amounts, "currency", "currencyCode", "currency_code", "salary_currency")
    return Salary(lowest, highest, _code(currency), period_named(_first(amounts, *_PERIOD_KEYS)))


def _first(stated: Mapping[Any, Any], *names: str) -> Any:
    return next((stated[name] for name in names if blank_to_none(stated.get(name)) is not None), None)


def _number_of(value: object) -> float | None:
    if isinstance(value, str):
        text = _folded(one_line(value, 100))
        found = amount_pattern().search(text)
        amount = read_amount(found) if found else None
        return amount.whole if amount else None
    return positive(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _code(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    text = fold(one_line(value, 20))
    return currency_of(text) or None
