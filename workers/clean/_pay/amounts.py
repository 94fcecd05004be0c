"""Amounts of money in a folded text: the number, its scale, and the currency that a sign or code beside it names."""

from __future__ import annotations

import math
import re
from functools import cache

from workers.clean._pay import money_words as words
from workers.clean._pay.cents import with_cents
from workers.clean._pay.figures import DECIMALS, NUMBER, Amount, value_of
from workers.clean._pay.money_signs import code_of, sign_after, sign_before, wordy
from workers.clean._pay.periods import period_follows
from workers.clean.text import fold

_MOST = 24  # amounts looked at in one text
_IDEOGRAPHS = "\u2e80"  # from here on words are not parted from numbers by a blank
_LEAST_FORINT = 600  # below they are feet
_LEAST_OF_A_WORDY_CODE = 100  # "PEN 4,500" is money, "all 5" is not
_LETTER = re.compile(r"[^\W\d_]")
_SCALES = ("l", "m", "km")
_WORD = re.compile(r"[\s+-]*([^\W\d_%]+|%)")


def amounts_in(shown: str) -> list[Amount]:
    """What may be amounts, first to last; things that are counted and named are left out."""
    alone = _alone(shown)
    if alone is not None:
        return [alone]
    numbers = [found for found in NUMBER.finditer(shown) if _starts_well(shown, found.start())][:_MOST]
    bounds = [0, *(found.end() for found in numbers)], [*(found.start() for found in numbers[1:]), len(shown)]
    read: list[Amount | None] = []
    taken = 0
    only = bool(numbers) and _times(shown, numbers[0].end())[1] == len(shown) and not numbers[0].start()  # "1.5m"
    for index, found in enumerate(numbers):
        last = read[-1] if read else None
        joined = last is not None and last.currency is not None and _JOINED.fullmatch(shown, last.end, found.start())
        amount = _read(shown, found, max(bounds[0][index], taken), bounds[1][index], paid=only or bool(joined))
        taken = amount.end if amount else taken
        read.append(amount)
    return with_cents(shown, [amount for amount in read if amount is not None])


def _alone(shown: str) -> Amount | None:
    """A text of one number and a sign that is too short to be one in a sentence: "1 L"."""
    found = NUMBER.match(shown)
    sign = shown[found.end() :].strip() if found else ""
    if sign in _SCALES and found and shown[found.end()] != " ":
        return None  # "1.5m" is a million and a half, "30km" a way, "1 m" one of some unit
    code = _alone_signs().get(sign)
    value = value_of(found[0]) if found and code is not None else None
    return None if found is None or code is None or value is None else Amount(value, 1.0, code, 0, len(shown), sign)


_JOINED = re.compile(r"\s*(?:-|–|—|to|bis|a)\s*")
_TO_A_NUMBER = re.compile(_JOINED.pattern + r"\d+(?:[.,]\d+)?")


@cache
def _alone_signs() -> dict[str, str]:
    return {fold(sign): code for sign, code in words.ALONE.items()}


def _starts_well(shown: str, start: int) -> bool:
    if start == 0:
        return True
    before = shown[start - 1]
    if before in ",/_" or (before == "." and start > 1 and shown[start - 2].isdigit()):
        return False
    if not _LETTER.match(before) or before >= _IDEOGRAPHS:
        return True
    return sign_before(shown, start, max(0, start - 24)) is not None


def _read(shown: str, found: re.Match[str], least: int, most: int, *, paid: bool = False) -> Amount | None:
    """One number with its scale and signs between two bounds; `paid` where one with a sign is joined to its front."""
    start, end = found.span()
    before = sign_before(shown, start, least)
    times, end = _times(shown, end)
    after = sign_after(shown, end, most)
    if after and most < len(shown) and _is_of_the_next(shown, end, after, most, before):
        after = None
    if after and times is None:
        times, behind = _times(shown, after[2])
        after = (after[0], after[1], behind)
    return _judged(shown, found, (before, after), times, end, paid=paid)


_Sign = tuple[str, float, int] | None


def _is_of_the_next(shown: str, end: int, after: tuple[str, float, int], most: int, before: _Sign) -> bool:
    """Whether a sign that stands between two numbers belongs to the second one."""
    if shown[after[2] : most].strip(" (:"):
        return False
    dashed = "-" in shown[end : after[2] - len(after[0])]
    return before is not None or dashed or (after[2] == most and shown[end] in " -") or "(" in shown[end:most]


def _judged(
    shown: str, found: re.Match[str], signs: tuple[_Sign, _Sign], times: str | None, end: int, *, paid: bool
) -> Amount | None:
    before, after = signs
    told = [sign for sign in signs if sign]
    code = next((code_of(sign[0]) for sign in told if code_of(sign[0])), "" if told else None)
    scaled = times is not None and times not in _OF_MANY
    value = value_of(_number(shown, found, before), scaled=scaled, thin=code in words.THREE_DECIMALS.split())
    scale = _scale(times) * math.prod(sign[1] for sign in told)
    if value is None or (before and before[0] in _only_large() and value * scale < _LEAST_OF_A_WORDY_CODE):
        return None
    stop = after[2] if after else end
    if code is None and not _may_be_money(shown, stop, times, paid=paid):
        return None
    if times is None and (_TRILLIONS.match(shown, stop) or (after and after[0] == "ft" and value < _LEAST_FORINT)):
        return None  # "$10T", "10 ft"
    if code is None:
        code = _OF_ONE_COUNTRY.get(times or "")
    start = before[2] if before else found.start()
    return Amount(value, scale, code, start, stop, (after or before or ("",))[0])


def _may_be_money(shown: str, stop: int, times: str | None, *, paid: bool) -> bool:
    """Whether a number without a sign is neither of a unit ("11a", "5g") nor of things that are counted."""
    unit = _WORD.match(shown, stop)
    glued = unit is not None and unit[0] == unit[1] and unit[1].isascii()
    if times is None and glued and not period_follows(shown, stop):
        return False
    if unit and unit[1] in (_counted() if times else _not_money()):
        return False
    if times is not None and _counted_kinds().match(shown, stop):
        return False
    return times is None or paid or times not in _MONEY_ONLY or _is_joined_to_money(shown, stop)


def _is_joined_to_money(shown: str, stop: int) -> bool:
    """Whether behind a place "to" and a number with a scale and a sign stand: "4.5M - 6M JPY"."""
    ahead = _TO_A_NUMBER.match(shown, stop)
    times, end = _times(shown, ahead.end()) if ahead else (None, stop)
    return times is not None and sign_after(shown, end, len(shown)) is not None


_TRILLIONS = re.compile(r"t(?![^\W\d_]|\s?[€$£])")


@cache
def _only_large() -> frozenset[str]:
    return wordy() | {"bs", "bs."}


_OF_ONE_COUNTRY = {"lpa": "INR", "trieu": "VND"}
# words for millions behind which "de" may stand, and whose points part thousands: "48.000 millones de dólares"
_OF_MANY = frozenset(map(fold, words.OF_MANY.split("|")))
# without a sign of money these count views, users and records
_MONEY_ONLY = _OF_MANY | frozenset(
    "m mm b l mil million millions billion billions bn mn thousand tisic tysiecy тысяч".split()
)


@cache
def _multipliers() -> dict[str, float]:
    return {fold(word): scale for word, scale in words.MULTIPLIERS.items()}


@cache
def _times_pattern() -> re.Pattern[str]:
    either = "|".join(re.escape(word) for word in sorted(_multipliers(), key=len, reverse=True))
    return re.compile(rf"[ -]?({either})(?![a-z\u0400-\u04ff]|'[a-z])")


def _times(shown: str, end: int) -> tuple[str | None, int]:
    found = _times_pattern().match(shown, end)
    if found is None:
        return None, end
    of = _OF.match(shown, found.end()) if found[1] in _OF_MANY else None
    return found[1], of.end() if of else found.end()


_OF = re.compile(r" (?:(?:de|di)(?= )|d'(?=\w))")


def _scale(times: str | None) -> float:
    return _multipliers().get(times or "", 1.0)


@cache
def _not_money() -> frozenset[str]:
    return frozenset(fold(word) for word in (words.NOT_MONEY + " " + words.COUNTED).split())


@cache
def _counted() -> frozenset[str]:
    return frozenset(map(fold, words.COUNTED.split()))


@cache
def _counted_kinds() -> re.Pattern[str]:
    """Things that are counted, behind what kind they are of: " monthly active users"."""
    kinds = (
        "monthly|daily|weekly|active|registered|paying|happy|global|annual|unique|satisfied|enterprise|business|github"
    )
    return re.compile(rf"\+?(?:\s(?:{kinds}))+\s(?:{'|'.join(_counted())})\b")


def _number(shown: str, found: re.Match[str], before: _Sign) -> str:
    """The digits; "$.75" are 75 hundredths."""
    digits = found[0]
    dot = found.start() - 1
    alone = dot >= 0 and shown[dot] == "." and (before is not None or dot == 0 or shown[dot - 1] == " ")
    return f"0.{digits}" if alone and len(digits) == DECIMALS else digits
