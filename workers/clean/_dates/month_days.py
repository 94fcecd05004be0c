"""Days known by their number in a month: "Monday 21", "martes el 25", "the 15th of next month"."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta

from workers.clean._dates.calendar_days import ORDINAL
from workers.clean._dates.lexicon import is_filler
from workers.clean._dates.steps import midnight, months_before
from workers.clean._dates.weekdays import FOLLOWING, PRECEDING, THIS, WEEKDAYS

_WORD = re.compile(r"\d+|[^\W\d_]+(?:-feira)?")
_MONTH = frozenset("month mes monats monat mois mese maand".split())
_QUIET = frozenset("the of on in el la le les il der den des de del du do am dia na no di della van da im".split())
_DAY = frozenset("day tag jour giorno dag".split())  # not beside a weekday: "in 3 days on Friday", put into English
_NTH = {
    word: at
    for at, listed in enumerate(
        (
            "last letzter letzte letzten dernier derniere ultimo ultima laatste",
            "first erste erster ersten premier premiere primer primera primero primeiro primeira primo prima eerste",
            "second zweite zweiter zweiten deuxieme segundo segunda secondo seconda tweede",
            "third dritte dritter dritten troisieme tercer tercera terceiro terceira terzo terza derde",
            "fourth vierte vierter vierten quatrieme cuarto cuarta quarto quarta vierde",
            "fifth",
        )
    )
    for word in listed.split()
}
_NTH_WORDS = 3
THIS_MONTH = 0
_MOST_WORDS = 8
_SEARCHED = 183  # days either way; a number and a weekday meet about seven times a year


def numbered_day(folded: str, now: datetime) -> datetime | None:
    """The day that a text without a name of a month gives by its number; None where a word of it is not understood.

    Beside a weekday it is the nearest such day within half a year, before or after `now`; else this, the last or the
    next month has to be said.
    """
    said = _WORD.findall(ORDINAL.sub(" ", folded))
    numbers = [int(word) for word in said if word.isdecimal() and len(word) <= len("31")]
    words = [word for word in said if not word.isdecimal()]
    if len(numbers) != 1 or len(said) != len(words) + 1 or not 0 < len(words) <= _MOST_WORDS:
        return None
    weekdays = [WEEKDAYS[word] for word in words if word in WEEKDAYS]
    others = [word for word in words if _says_which(word)]
    if len(weekdays) == 1 and not others:
        return _nearest(numbers[0], weekdays[0], now)
    others = [word for word in others if word not in _DAY]
    months = [word for word in others if word in _MONTH]
    ways = [way for way in map(_way, others) if way is not None]
    if weekdays or len(months) != 1 or len(ways) != 1 or len(others) != len(months) + len(ways):
        return None
    return _of_month(numbers[0], ways[0], now)


def nth_weekday(folded: str, now: datetime) -> datetime | None:
    """The day that "the first Friday of this month" and "third Wednesday of next month" name; None for other words."""
    said = [word for word in _WORD.findall(folded) if word not in _QUIET]
    if len(said) not in (_NTH_WORDS, _NTH_WORDS + 1) or said[0] not in _NTH or said[1] not in WEEKDAYS:
        return None
    ways = [_way(word) for word in said[2:] if word not in _MONTH]
    if len(ways) != len(said) - _NTH_WORDS or None in ways:
        return None
    first = _of_month(1, (ways or [THIS_MONTH])[0] or 0, now)
    nth = _NTH[said[0]]
    if first is None:
        return None
    days = monthrange(first.year, first.month)[1]
    named = [day for day in range(1, days + 1) if (first.weekday() + day - 1) % 7 == WEEKDAYS[said[1]]]
    return first.replace(day=named[nth - 1 if nth else -1]) if nth <= len(named) else None


def _says_which(word: str) -> bool:
    return _way(word) is not None or (word not in WEEKDAYS and word not in _QUIET and not is_filler(word))


def _way(word: str) -> int | None:
    return next((way for way, words in ((0, THIS), (1, FOLLOWING), (-1, PRECEDING)) if word in words), None)


def _nearest(number: int, weekday: int, now: datetime) -> datetime | None:
    today = midnight(now)
    first = (weekday - today.weekday()) % 7
    days = (today + timedelta(days=first + 7 * week) for week in range(-_SEARCHED // 7, _SEARCHED // 7))
    return min((day for day in days if day.day == number), key=lambda day: abs(day - today), default=None)


def _of_month(number: int, way: int, now: datetime) -> datetime | None:
    first = months_before(midnight(now).replace(day=1), -way)
    return first.replace(day=number) if 0 < number <= monthrange(first.year, first.month)[1] else None
