"""What a posting pays: amounts, currency, period; whatever the text does not say is None, never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from workers.clean._pay import money_words as words
from workers.clean._pay.amounts import amounts_in
from workers.clean._pay.asides import COMPANY_SIZED, is_aside, is_grade, is_of_a_company
from workers.clean._pay.evidence import is_money, is_money_range, is_named_salary, is_year
from workers.clean._pay.figures import Amount, positive
from workers.clean._pay.money_signs import code_of
from workers.clean._pay.periods import period_follows, period_in, period_named
from workers.clean._pay.readable import folded, readable
from workers.clean.blanks import blank_to_none
from workers.clean.text import fold, one_line

_LONGEST = 600
_PERIOD_KEYS = ("period", "unit", "unitText", "unitCode", "interval", "salary_period", "per")
_THOUSAND = 1000.0
_BILLION = 1e9  # written "$2B" it is no pay
_LABEL, _MOST_APART = 100, 20  # a plain number below that, this many times smaller than the other, is a grade or level
_DASH = r"(?:-|\u2013|\u2014|\u2212|~|\u301c|\uff5e)"
_AND_MORE = re.compile(r"\+(?!\w)|\s*\+\s*$")


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
    shown = readable(line)
    if not any(c.isdigit() for c in shown):
        return None
    shown, amounts = _without_asides(shown, amounts_in(shown))
    found = _first_pay(shown, amounts)
    if found is None or period_follows(shown, found[0].end):
        return found[1] if found else None
    named = next((at for at, amount in enumerate(amounts) if is_named_salary(shown, amount)), 0)
    nearer = _first_pay(shown, amounts[named:]) if named else None
    return (nearer or found)[1]


def _first_pay(shown: str, amounts: list[Amount]) -> tuple[Amount, Salary] | None:
    for first, second in pairwise(amounts):
        if _is_range(shown, first, second):
            found = _range(shown, first, second)
            if found is not None:
                return second, found
        elif is_money(shown, first):
            return first, _single(shown, first)
    single = next((amount for amount in amounts if is_money(shown, amount)), None)
    return (single, _single(shown, single)) if single else None


_PERIOD_LENGTH = 12  # " per quarter"
_EITHER = ("/", "or")  # "bonus $3,000 / $5,500"


def _without_asides(shown: str, amounts: list[Amount]) -> tuple[str, list[Amount]]:
    """The text without other money and its periods, and the amounts that may be pay; both ends of a range are alike."""
    aside = [_is_aside(shown, amount) for amount in amounts]
    for at, (first, second) in enumerate(pairwise(amounts)):
        either = shown[first.end : second.start].strip() in _EITHER
        if aside[at] != aside[at + 1] and (either or _is_range(shown, first, second)):
            aside[at] = aside[at + 1] = True
    for amount, other in zip(amounts, aside, strict=True):
        if other:
            end = amount.end + (_PERIOD_LENGTH if period_follows(shown, amount.end) else 0)
            stop = min([end, len(shown), *(next_one.start for next_one in amounts if next_one.start > amount.start)])
            shown = shown[: amount.start] + " " * (stop - amount.start) + shown[stop:]
    return shown, [amount for amount, other in zip(amounts, aside, strict=True) if not other]


def _is_aside(shown: str, amount: Amount) -> bool:
    of_a_company = amount.whole >= COMPANY_SIZED and is_of_a_company(shown, amount.start, amount.end)
    compact = amount.scale >= _BILLION and shown[amount.end - 1] == "b" and amount.end - amount.start < len(shown)
    return of_a_company or compact or is_aside(shown, amount.start, amount.end)


@cache
def _between() -> re.Pattern[str]:
    joins = "|".join(
        re.escape(fold(word)) for word in sorted(words.TO.split(), key=len, reverse=True) if word[-1].isalpha()
    )
    periods = "|".join(re.escape(fold(word)) for listed in words.PERIODS.values() for word in listed.split())
    timed = rf"(?:(?:/|per|pro|an?)\s*(?:{periods})\b\.?)?"
    either = rf"{_DASH}{{1,2}}|[,;]?\s*\bmax(?:imum)?\b[.:]?|\b(?:{joins})(?![^\W\d_])|\b(?:up )?to\b"
    joined = rf"(?:{either}|から|到|至|에서|\.\.+)"
    return re.compile(rf"\s*\(?{timed}[\s)]*{joined}\s*(?:up to |max\.? )?")


def _is_range(shown: str, first: Amount, second: Amount) -> bool:
    gap = shown[first.end : second.start]
    if _between().fullmatch(gap) is None or (first.currency is None and is_grade(shown, first.start)):
        return False
    plain_then_signed = first.currency is None and second.currency is not None and not shown[second.start].isdigit()
    if plain_then_signed and "-" not in gap and ("," in gap or is_year(first)):
        return False  # "fell from 1987, to $ 10"
    if _JUST_AND.fullmatch(gap.strip()) is None or first.currency == second.currency:
        return True
    return _BETWEEN.search(shown, 0, first.start) is not None


_BETWEEN = re.compile(r"\b(?:between|zwischen|entre|tra|fra|mellan|mellem|od|de|da|van|von|from)\b")
_JUST_AND = re.compile(r"and|und|y|et|e|i|og|och|en|or|oder|и|или")


def _range(shown: str, first: Amount, second: Amount) -> Salary | None:
    low, high = _ends(first, second)
    if first.currency is None and first.scale == 1 and low < _LABEL and high > _MOST_APART * low:
        return None  # "Band 6 - £35,392"
    close = period_follows(shown, second.end) or period_follows(shown, first.end)
    period = close or period_in(shown)
    if not is_money_range(shown, first, second, (low, high), period):
        return None
    return Salary(low, high, _currency(shown, first.currency or second.currency), period)


def _ends(first: Amount, second: Amount) -> tuple[float, float]:
    """Both ends in units, the smaller first; an end without a scale takes that of the other where it is meant."""
    low, high = first.whole, second.whole
    if first.scale == 1 and second.scale > 1 and low < second.scale and first.value <= max(second.value, _THOUSAND - 1):
        low = round(first.value * second.scale, 6)  # "$60-90k", "3,200~4,100만원"
    elif second.scale == _THOUSAND <= second.value and first.scale == 1 and low >= _THOUSAND:  # "$128,000-149,000k"
        high = second.value
    elif second.scale == 1 and first.scale == _THOUSAND and high < _THOUSAND:  # "$60k-90"
        high = round(second.value * first.scale, 6)
    return min(low, high), max(low, high)


def _single(shown: str, amount: Amount) -> Salary:
    before, after = shown[max(0, amount.start - 40) : amount.start].rstrip(" :"), shown[amount.end :]
    currency = _currency(shown, amount.currency)
    period = period_follows(shown, amount.end) or period_in(shown)
    if _up_to().search(before) or _behind(words.OR_LESS).match(after):
        return Salary(None, amount.whole, currency, period)
    if _from().search(before) or _AND_MORE.match(after) or _behind(words.OR_MORE).match(after):
        return Salary(amount.whole, None, currency, period)
    return Salary(amount.whole, amount.whole, currency, period)


@cache
def _behind(listed: str) -> re.Pattern[str]:
    either = "|".join(re.escape(fold(word)) for word in sorted(listed.split("|"), key=len, reverse=True))
    return re.compile(rf"\s*\(?(?:{either})(?![^\W\d_])")


def _currency(shown: str, stated: str | None) -> str | None:
    """The currency beside the amount; for a bare "$" or nothing, the one code that the text names elsewhere."""
    if stated:
        return stated
    named = {code.upper() for code in _CODES.findall(shown)}
    fitting = named if stated is None else named - _NO_DOLLARS
    return fitting.pop() if len(fitting) == 1 else None


_CODES = re.compile(r"(?<![a-z])(?:usd|cad|aud|nzd|sgd|hkd|mxn|eur|gbp|chf)(?![a-z])")
_NO_DOLLARS = {"EUR", "GBP", "CHF"}


@cache
def _from() -> re.Pattern[str]:
    return _ending(words.FROM)


@cache
def _up_to() -> re.Pattern[str]:
    return _ending(words.UP_TO)


def _ending(listed: tuple[str, ...]) -> re.Pattern[str]:
    either = "|".join(re.escape(fold(word)) for word in sorted(listed, key=len, reverse=True))
    return re.compile(rf"(?<![^\W\d_])(?:{either})$")


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
        amounts = amounts_in(folded(one_line(value, 100)))
        return amounts[0].whole if amounts else None
    return positive(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _code(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    text = fold(one_line(value, 20))
    return code_of(text) or None
