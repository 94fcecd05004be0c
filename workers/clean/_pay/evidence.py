"""Whether a number in a folded text is money at all: what its signs, its period and the words around it say."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from workers.clean._pay import money_words as words
from workers.clean._pay.figures import Amount, is_only_a_number
from workers.clean._pay.periods import period_follows
from workers.clean.text import fold

_BARE_LEAST = 1000  # two plain numbers below this are no pay when nothing else says so
_LEAST = {"hour": 1, "day": 20, "week": 100, "month": 100, "year": _BARE_LEAST}  # of a plain number beside its period
_LEAST_ALONE_BY_THE_HOUR = 4
_YEARS = (1900, 2100)
_MOST_APART = 20  # times that the one end of a range in plain numbers may be the other
_BEFORE = 40  # characters in which the word for pay stands
_LINKS = (
    "is of from to up range starting starts at the per hour month year annual brutto net netto gross min max ab von "
    "bis de da od between range ranges"
)

_TERMS = re.compile(  # of pay, behind a plain number: "45000 DOE"
    r"\W{0,3}(?:d\.?o\.?e|dep(?:ending|endent)? (?:up)?on|neg|negotiable|gross|net|brutto|netto|bruto|brut|basic|base|"
    r"pro rata|vb|verhandelbar|negociable|a negocier)\b"
)
_OFFERED = re.compile(r"(?:now|only|just|from|was|sale|nur|jetzt|ab|statt|vanaf|od|desde)[\s:]*")  # "Now 19.95"
_REFERENCE = re.compile(
    r"(?:\b(?:ref|id|no|nr|size|employees|headcount|staff|mitarbeiter|code|zip|plz|tel|phone|fax|req|number|vacancy)\b|#)[\W_]*$"
)


def is_money_range(shown: str, first: Amount, second: Amount, ends: tuple[float, float], period: str | None) -> bool:
    """Whether two amounts with "to" between them are pay: by their signs, else by period, words and size."""
    if _says_money(first) or _says_money(second):
        return True
    if period or _names_pay(shown):
        close = period and period_follows(shown, second.end)
        return ends[1] >= (_LEAST[period] if period and close else _BARE_LEAST)
    if _REFERENCE.search(shown[max(0, first.start - _BEFORE) : first.start]):
        return False
    years = is_year(first) and is_year(second)
    return ends[0] >= _BARE_LEAST and not years and ends[1] <= _MOST_APART * ends[0]


def is_money(shown: str, amount: Amount) -> bool:
    """Whether one amount is pay; a plain number only beside its period or a word for pay or price."""
    if _says_money(amount) or is_only_a_number(shown):
        return True
    period = period_follows(shown, amount.end)
    if period:
        return amount.value >= _LEAST[period] and (period != "hour" or amount.value >= _LEAST_ALONE_BY_THE_HOUR)
    if (amount.start == 0 or amount.value % 1) and _price_after().match(shown, amount.end):
        return True
    if amount.value % 1 and amount.end == len(shown) and _OFFERED.fullmatch(shown, 0, amount.start):
        return True
    year = is_year(amount)
    if amount.start == 0 and amount.value >= _BARE_LEAST and not year and _TERMS.match(shown, amount.end):
        return True
    return not year and _named_pay().search(shown[max(0, amount.start - _BEFORE) : amount.start]) is not None


def is_year(amount: Amount) -> bool:
    """Whether a plain number may be a year."""
    return amount.currency is None and amount.scale == 1 and _YEARS[0] <= amount.value <= _YEARS[1]


def _says_money(amount: Amount) -> bool:
    return amount.currency is not None or amount.scale > 1


@cache
def _price_after() -> re.Pattern[str]:
    taxes = "|".join(map(fold, words.PRICE.split()))
    return re.compile(rf"\W{{0,3}}(?:\d[\d.,]* )?(?:inc|incl|excl|ex|inkl|exkl|zzgl)?\.?\s?(?:{taxes})\b")


@cache
def _named_pay() -> re.Pattern[str]:
    known = [fold(word) for word in (words.EVIDENCE + " " + words.PRICE).split()]
    listed = "|".join(rf"(?<![^\W\d_]){re.escape(word)}" if word.isascii() else re.escape(word) for word in known)
    return re.compile(rf"(?:{listed})(?:[\W_]|(?:{'|'.join(_LINKS.split())})\b)*$")


def is_named_salary(shown: str, amount: Amount) -> bool:
    """Whether the word for pay itself stands right before the amount."""
    return _named_salary().search(shown[max(0, amount.start - _BEFORE) : amount.start]) is not None


@cache
def _named_salary() -> re.Pattern[str]:
    listed = "|".join(re.escape(fold(word)) for word in words.SALARY.split())
    return re.compile(rf"(?:{listed})(?:[^\w.]|(?:{'|'.join(_LINKS.split())})\b)*$")


@lru_cache(maxsize=4)  # asked for each two amounts of one text
def _names_pay(shown: str) -> bool:
    return _evidence().search(shown) is not None


@cache
def _evidence() -> re.Pattern[str]:
    known = [fold(word) for word in words.EVIDENCE.split()]
    return re.compile("|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in known))
