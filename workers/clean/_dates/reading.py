"""One date in folded text all of whose words are known: an age, a day, an end of one, or a count from another day."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from dataclasses import replace
from datetime import datetime, timedelta

from workers.clean._dates.calendar_days import PostedDate, Precision, Reading, at_clock, calendar_moment, names_a_day
from workers.clean._dates.clock import take_clock
from workers.clean._dates.holidays import holiday
from workers.clean._dates.languages import in_english
from workers.clean._dates.lexicon import Role, meanings
from workers.clean._dates.month_days import nth_weekday, numbered_day
from workers.clean._dates.relative import (
    Offset,
    anchored_offset,
    counted_from,
    ranged_offset,
    relative_offset,
    signed_offset,
)
from workers.clean._dates.spelled import in_digits
from workers.clean._dates.steps import midnight, months_before
from workers.clean._dates.weekdays import FOLLOWING, PRECEDING, WEEKDAYS, weekday_day

_AGES = (signed_offset, ranged_offset, anchored_offset, relative_offset)
_YEAR_IN_CJK = re.compile(r"\d{4}\s*[\u5e74\u1102]")  # "2024年" and Hangul "년" as folding takes it apart
OF_UNIT: dict[str, Precision] = {
    "second": "minute",
    "minute": "minute",
    "hour": "hour",
    "day": "day",
    "week": "week",
    "fortnight": "week",
}
_AT = r"(?:(?:at|al?) )?(?:(?:the|el) )?"
_END = (
    rf"{_AT}(?:end|final|fin|ende|fine|fim|einde?|alla fine)(?: of| del?| des| der| di| do| du| van)?(?: the| el| de)?"
)
_DAY_SAID = r"(?:(?:business|working) )?(?:day|dia|tag(?:es)?|jour|giorno|dag)"
_END_OF_DAY = re.compile(
    rf"(?P<around>.*?)(?<!\w)(?:{_AT}(?:eod|cob|close of business)|{_END} {_DAY_SAID})(?!\w)"
    r"(?: of(?= )| on(?= )|,)?(?P<what>.*)"
)
_END_OF = re.compile(rf"(?P<around>.*?)(?<!\w){_END} (?P<what>.+)")
_YEAR = re.compile(
    r"(?:(?:this|the|dieses|ce|cette|este|esta|questo|dit|deze|l) )?(?:year|jahre?s?|annee|ano|anno|jaar)"
)
_WEEKDAY_NAME = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_ON_WEEKDAY = re.compile(
    rf"(?:(?:on |am |el )?(?P<first>{_WEEKDAY_NAME}),? )?(?P<age>\S.{{4,60}}?)"
    rf"(?:,? (?:on|am|el|em|op) (?P<last>{_WEEKDAY_NAME}))?"
)
_MONTH = re.compile(r"(?:(?P<way>\w+) )?(?:month|mes|monats?|mois|mese|maand)(?: (?P<behind>\w+))?")


def read_folded(folded: str, reading: Reading) -> PostedDate | None:
    """The date that a folded text is; None when a word of it is not understood."""
    now = reading.now
    plain = _age(folded, reading) or _day(folded, reading) or _counted(folded, now) or _end(folded, now)
    return plain or _weekday_of_age(folded, now)


def read_translated(english: str, reading: Reading) -> PostedDate | None:
    """The age or day that words of another tongue are, put into English one by one.

    Nothing is worked out from them: what was a week becomes "Sunday", and what was a second "second".
    """
    found = _age(english, reading) or calendar_moment(english, reading)
    day = None if found else weekday_day(english, reading.now, bare=reading.ahead)
    return found if day is None else PostedDate(day, "day")


def _age(folded: str, reading: Reading) -> PostedDate | None:
    if _YEAR_IN_CJK.search(folded) is not None or names_a_day(folded):
        return None
    offset = next(filter(None, (read(folded) for read in _AGES)), None)
    if offset is not None and not offset.sure:
        offset = _as_others_say(folded) or offset
    if offset is not None and offset.idle and not offset.pointed:
        return None
    if offset is not None and reading.ahead and not offset.pointed:  # "14 days"
        offset = replace(offset, months=-offset.months, delta=-offset.delta)
    return None if offset is None else before(reading.now, offset)


def _as_others_say(folded: str) -> Offset | None:
    readings = filter(None, map(relative_offset, in_english(folded)))
    return next((offset for offset in readings if offset.pointed), None)


def _day(folded: str, reading: Reading) -> PostedDate | None:
    return calendar_moment(folded, reading) or _day_and_clock(folded, reading)


def _day_and_clock(folded: str, reading: Reading) -> PostedDate | None:
    """A day counted back and a time of that day ("yesterday at 14:05"), in UTC when no zone is said."""
    rest, clock = take_clock(folded)
    now = reading.now
    day = (
        weekday_day(rest, now, bare=reading.ahead)
        or numbered_day(in_digits(rest), now)
        or nth_weekday(rest, now)
        or holiday(rest, now)
    )
    if day is not None:
        return at_clock(day, clock)
    offset = relative_offset(rest) if clock is not None else None
    if offset is None or offset.unit != "day" or offset.months:
        return None
    return at_clock(now - offset.delta, clock)


def _counted(folded: str, now: datetime) -> PostedDate | None:
    """A day counted from another one: "two weeks before Christmas", "3 days after January 12th" (the next one)."""
    counted = counted_from(folded)
    if counted is None or OF_UNIT.get(counted[0].unit, "day") not in ("day", "week"):
        return None
    day = _day_ahead(counted[1], now)
    return None if day is None else PostedDate(before(day, counted[0]).at, "day")


def _weekday_of_age(folded: str, now: datetime) -> PostedDate | None:
    """The weekday beside a count ("Monday two weeks from now"): in the week, from Sunday on, of the day so far away.

    Months and years away it is the next one from that day on.
    """
    said = _ON_WEEKDAY.fullmatch(folded)
    if said is None or bool(said["first"]) == bool(said["last"]):
        return None
    counted = _far_away(said["age"], now)
    if counted is None:
        return None
    day = midnight(counted.at)
    weekday = WEEKDAYS[said["first"] or said["last"]]
    shift = (weekday + 1) % 7 - (day.weekday() + 1) % 7
    return PostedDate(day + timedelta(days=shift % 7 if counted.precision == "month" else shift), "day")


def _far_away(said: str, now: datetime) -> PostedDate | None:
    offset = anchored_offset(said) or relative_offset(said)
    if offset is None or not offset.pointed or offset.day_word or OF_UNIT.get(offset.unit) in ("minute", "hour"):
        return _counted(said, now)
    return before(now, offset)


def _day_ahead(said: str, now: datetime) -> datetime | None:
    """The next day of that name."""
    moment = calendar_moment(said, Reading(now, ahead=True))
    if moment is not None:
        return moment.at if moment.precision == "day" else None
    return weekday_day(said, now, bare=True) or holiday(said, now, bare=True)


def _end(folded: str, now: datetime) -> PostedDate | None:
    """The last second of a day or month: "by end of day Friday", "closes end of May"."""
    said = _END_OF_DAY.fullmatch(folded) or _END_OF.fullmatch(folded)
    if said is None or not _is_quiet(said["around"]):
        return None
    what = said["what"].strip(" ,.")
    if _YEAR.fullmatch(what):
        return PostedDate(now.replace(month=12, day=31, hour=23, minute=59, second=59, microsecond=0), "day")
    day = _last_of_month(what, now) or _day_ahead(what, now) if what else now
    if day is None:
        offset = relative_offset(what)
        if offset is None or not offset.day_word:
            return None
        day = now - offset.delta
    return PostedDate(day.replace(hour=23, minute=59, second=59, microsecond=0), "day")


def _is_quiet(around: str) -> bool:
    if not any(map(str.isalnum, around)):
        return True
    said = meanings(around)
    return said is not None and all(Role.FILLER in meaning for _, meaning in said)


def _last_of_month(said: str, now: datetime) -> datetime | None:
    first = _month(said, now)
    return None if first is None else first.replace(day=monthrange(first.year, first.month)[1])


def _month(said: str, now: datetime) -> datetime | None:
    moment = calendar_moment(said, Reading(now))
    if moment is not None:
        return moment.at if moment.precision == "month" else None
    found = _MONTH.fullmatch(said)
    if found is not None:
        ways = {found["way"], found["behind"]}
        return months_before(now.replace(day=1), -1 if ways & FOLLOWING else 1 if ways & PRECEDING else 0)
    words = meanings(said) or []
    if len(words) != 1 or Role.MONTH not in words[0][1]:
        return None
    month = int(words[0][1][Role.MONTH] or 0)
    return now.replace(year=now.year + (month < now.month), month=month, day=1)


def before(now: datetime, offset: Offset) -> PostedDate:
    """The time that lies that far before `now`, months by the calendar; OverflowError beyond the years 1 to 9999."""
    whole = math.floor(offset.months) if offset.months > 0 else math.ceil(offset.months)
    at = months_before(now, whole) - offset.delta - timedelta(days=(offset.months - whole) * 30.4)
    return PostedDate(at, "at_least" if offset.at_least else OF_UNIT.get(offset.unit, "month"))
