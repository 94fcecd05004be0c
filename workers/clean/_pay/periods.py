"""What stretch of time a pay is for: per hour, day, week, month or year."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from workers.clean._pay import money_words as words
from workers.clean.text import fold, one_line

_PER = (
    r"(?:/|每|\bp\.|\bp/|\b(?:per|im|pro|par|por|al|all'|a|an|each|je|za|за|на|na|i|в|ом|l'|la)(?<!')\b"
    r"|\bpr\b\.?|\b(?:all|l)')"
)
_SPACE = re.compile(r"\s*\+?\s*(?:(?:brutto|netto|gross|net|bruto|brut)\b)?\s*")
# close behind a number only: "PA" is a state too
_SHORT = re.compile(
    r"(?:(?<=[\dk])|(?<=lac)|(?<=lacs)|(?<=lakh)|(?<=lakhs))\s?(?:(?P<year>pa|p/a)|(?P<month>pcm|p/m|p\.\s?m\.)|(?P<week>pw|p/w)|(?P<day>pd|p/d)|(?P<hour>ph|p/h|p\.\s?u\.))(?![a-z])"
    r"|(?<= )(?P<monthly>p/m)(?![a-z])"
)
_BEFORE = re.compile(rf"(?<!\w)(?:(?P<month>{fold('월')})|(?P<year>{fold('연')}))\s?(?=\d)")
_AFTER_CODE = re.compile(  # "45000 USD YEAR"
    rf"(?<![a-z])(?:{'|'.join(words.CODES.lower().split())})\s(?P<unit>hour|day|week|month|year)\s*$"
)
# adverbs of other things: "annual bonus", "paid weekly"
_OF_OTHERS = re.compile(
    r"[\s-]*(?:(?!salary|base|pay|wage|plus|and|with|gross|rate)\w+[\s-]){0,2}"
    r"(?:bonus|leave|review|raise|increment|increase|incentive|holiday|vacation|pto|event|retreat|off-?site|meeting|stand-?up|"
    r"lunch|meal|snack|pay ?check|payroll|stipend|allowance|budget|travel|operations|duties|users|contract|revenue)"
)
_PAID = re.compile(r"\b(?:paid|payable|payment|pays out|ausgezahlt|bezahlt)\s*$")
_UNITS = {"ann": "year", "annee": "year", "annum": "year", "p.a.": "year"}


@cache
def _period_pattern() -> re.Pattern[str]:
    alternatives = []
    for period, listed in words.PERIODS.items():
        listed_words = "|".join(re.escape(fold(word)) for word in sorted(listed.split(), key=len, reverse=True))
        alternatives.append(f"(?P<{period}>{listed_words})")
    either = "|".join(alternatives)
    return re.compile(rf"(?:{_PER}\s*)(?:{either})(?![^\W\d_\u2e80-\uffff])")


@cache
def _adverb_pattern() -> re.Pattern[str]:
    parts = [
        f"(?P<{period}>{'|'.join(_word(fold(word.replace('_', ' '))) for word in listed.split())})"
        for period, listed in words.ADVERBS.items()
    ]
    return re.compile("|".join(parts))


def _word(word: str) -> str:
    return rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])" if word.isascii() else re.escape(word)


@lru_cache(maxsize=4)  # asked for each amount of one text
def period_in(shown: str) -> str | None:
    """The period that a folded text states with a preposition ("per", "/", "pro") or an adverb ("monthly")."""
    stated = _of_pay(_period_pattern(), shown) or _of_pay(_adverb_pattern(), shown)
    found = stated or _SHORT.search(shown) or _BEFORE.search(shown)
    unit = None if found else _AFTER_CODE.search(shown[-16:])
    return _named(found) if unit is None else unit["unit"]


def _of_pay(pattern: re.Pattern[str], shown: str) -> re.Match[str] | None:
    return next((found for found in pattern.finditer(shown) if not _is_of_others(shown, *found.span())), None)


def _is_of_others(shown: str, start: int, end: int) -> bool:
    return _OF_OTHERS.match(shown, end) is not None or _PAID.search(shown[max(0, start - 16) : start]) is not None


def _named(found: re.Match[str] | None) -> str | None:
    if found is None or found.lastgroup is None:
        return None
    return "month" if found.lastgroup == "monthly" else found.lastgroup


def period_follows(shown: str, end: int) -> str | None:
    """The period that stands directly behind a place in a folded text: "/hr", " per month", " monthly"."""
    behind = _SPACE.match(shown, end)
    at = behind.end() if behind else end
    adverb = _adverb_pattern().match(shown, at)
    if adverb is not None and _is_of_others(shown, *adverb.span()):
        adverb = None
    return _named(_period_pattern().match(shown, at) or adverb or _SHORT.match(shown, at))


def period_named(value: object) -> str | None:
    """The period in a field of its own: "YEAR", "1 YEAR", "hourly"."""
    if not isinstance(value, str):
        return None
    said = re.findall(r"[^\W\d_.]+(?:\.[a-z]\.)?", fold(one_line(value, 60)))
    for period, listed in words.PERIODS.items():
        if any(word in {fold(known) for known in listed.split()} for word in said):
            return period
    return next((_UNITS[word] for word in said if word in _UNITS), None)
