"""When a posting says it was posted: ISO, RFC 822, epochs, calendar dates and relative text of some forty languages.

Relative text counts back from the fetch. What is not wholly understood is no date: "Urgently hiring" is None.
"""

from __future__ import annotations

import math
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from unicodedata import normalize

from workers.clean._calendar import Moment, at_clock, calendar_moment, iso_moment, names_a_day
from workers.clean._clock import take_clock
from workers.clean._languages import in_english
from workers.clean._lexicon import runs
from workers.clean._relative import Offset, anchored_offset, ranged_offset, relative_offset, says_when, signed_offset
from workers.clean._weekdays import weekday_day
from workers.clean.blanks import blank_to_none
from workers.clean.text import fold, one_line

Precision = Literal["exact", "minute", "hour", "day", "week", "month", "at_least"]

_LONGEST = 200  # a date and what boards say around it; longer is a description
_EPOCH_SECONDS = (10**8, 5 * 10**9)  # 1973 to 2128
_DIGITS = re.compile(r"\d{9,19}(?:\.\d+)?")
_SEGMENTS = re.compile(r"\s*(?:[·•|\n]|\s[-–—]\s)\s*")
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z])")  # "PostedToday", "EmployerActive 3 days ago": two elements without a gap
_AGES = (signed_offset, ranged_offset, anchored_offset, relative_offset)
_POSTED = re.compile(r"\b(?:re)?(?:posted|publi|pubbl|veroffentl|erschienen|geplaatst|opublik|zverejn|опубл|размещ)")
_BARE = re.compile(r"\s*[\d.,]+\s*\+?\s*[a-zA-Z]+\.?\s*", re.ASCII)  # "35h", "5+ years": ours to read, or no date
_THAI_YEAR = re.compile(r"(?<!\d)2[45]\d\d(?!\d)")  # the Buddhist era is 543 years older
_UNSPACED = re.compile(
    r"(?<=[\u0e00-\u109f\u1780-\u17ff])\u200b"
)  # marks where a word ends in Thai, Lao, Khmer, Burmese
_YEAR_IN_CJK = re.compile(r"\d{4}\s*[\u5e74\u1102]")  # "2024年" and Hangul "년" as folding takes it apart
_NO_DATE = re.compile(r"[$€£¥₹%#=<>{}]|\w@\w")
_OF_UNIT: dict[str, Precision] = {
    "second": "minute",
    "minute": "minute",
    "hour": "hour",
    "day": "day",
    "week": "week",
    "fortnight": "week",
}


@dataclass(frozen=True, slots=True)
class PostedDate:
    """A time in UTC and how finely it is known; `at_least` means "then or earlier"."""

    at: datetime
    precision: Precision


def parse_posted(text: object, fetched_at: datetime, language: str | None = None) -> PostedDate | None:
    """The date in a text, number or datetime, or None.

    `fetched_at` is what relative text counts from (naive means UTC). `language` ("fr", "en-GB") decides between
    day-first and month-first where the numbers do not; without it the reading that is not in the future wins,
    and month-first with slashes, day-first with dots or dashes, where both are possible.
    """
    now = _utc(fetched_at)
    try:
        if isinstance(text, (int, float)):
            return _epoch(float(text)) if not isinstance(text, bool) else None
        if isinstance(text, datetime):
            return PostedDate(_utc(text), "exact")
        if isinstance(text, date):
            return PostedDate(datetime(text.year, text.month, text.day, tzinfo=UTC), "day")
        return _from_text(text, now, language) if isinstance(text, str) else None
    except (OverflowError, ValueError):  # beyond year 1 or 9999
        return None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _epoch(number: float) -> PostedDate | None:
    if not math.isfinite(number):
        return None
    for scale in (1, 10**3, 10**6, 10**9):
        if _EPOCH_SECONDS[0] <= number / scale < _EPOCH_SECONDS[1]:
            return PostedDate(datetime.fromtimestamp(number / scale, UTC), "exact")
    return None


def _from_text(text: str, now: datetime, language: str | None) -> PostedDate | None:
    text = _UNSPACED.sub(" ", text[: 10 * _LONGEST])
    if any("\u0e00" <= character <= "\u0e7f" for character in text):
        text = _THAI_YEAR.sub(lambda year: str(int(year[0]) - 543), text)
    line = one_line(_SEGMENTS.sub(" | ", text), 10 * _LONGEST)
    if not line or len(line) > _LONGEST or blank_to_none(line) is None:
        return None
    if _DIGITS.fullmatch(line):
        return _epoch(float(line))
    whole = line.replace(" | ", " - ")
    found = _segment(whole, now, language)
    if found is None and " | " in line:  # "Toronto · 3 weeks ago · 200 applicants"
        found = next(filter(None, (_part(part, now, language) for part in line.split(" | "))), None)
    return found or _translated(whole, now, language) or _embedded(whole, now, language)


def _embedded(text: str, now: datetime, language: str | None) -> PostedDate | None:
    """The first date among words that we do not know: "Posted by Acme 3 days ago", "Sist endret 12. mai 2025"."""
    if _NO_DATE.search(text):
        return None
    rest, clock = take_clock(fold(_GLUED.sub(" ", text)))
    for stretch in runs(rest):
        offset = relative_offset(stretch)
        if offset is not None:
            sure = _is_plain(offset, stretch) or (offset.day_word and _POSTED.search(rest) is not None)
            found = _before(now, offset) if sure else None
        else:
            moment = calendar_moment(stretch, now, language)
            found = _of_moment(moment) if moment and moment.precision == "day" else None
        if found is not None:
            timed = clock is not None and found.precision == "day"
            return _of_moment(at_clock(found.at, clock)) if timed else found
    return None


def _is_plain(offset: Offset, stretch: str) -> bool:
    """Whether an age is one beyond doubt: "founded 5 years ago" and "apply today" are none of a posting."""
    return (
        offset.pointed
        and offset.past
        and offset.unit in _OF_UNIT | {"month": "month"}
        and any(map(str.isdigit, stretch))
    )


def _translated(text: str, now: datetime, language: str | None) -> PostedDate | None:
    if _NO_DATE.search(text) or _BARE.fullmatch(text):
        return None
    rest, clock = take_clock(normalize("NFKC", text).casefold())
    for english in in_english(rest):
        found = _folded(english, now, language)
        if found is not None and (clock is None or found.precision == "day"):
            return found if clock is None else _of_moment(at_clock(found.at, clock))
    return None


def _part(text: str, now: datetime, language: str | None) -> PostedDate | None:
    """The date of one part of several, which has to say more: "MA - Boston" and "Nurse - 4 Days" hold none."""
    folded = fold(_GLUED.sub(" ", text))
    return _segment(text, now, language) if says_when(folded) else None


def _segment(text: str, now: datetime, language: str | None) -> PostedDate | None:
    moment = iso_moment(text)
    if moment is not None:
        return _of_moment(moment)
    if _NO_DATE.search(text):
        return None
    return _folded(fold(_GLUED.sub(" ", text)), now, language)


def _folded(folded: str, now: datetime, language: str | None) -> PostedDate | None:
    if _YEAR_IN_CJK.search(folded) is None and not names_a_day(folded):
        offset = next(filter(None, (read(folded) for read in _AGES)), None)
        if offset is not None and not offset.sure:
            offset = _as_others_say(folded) or offset
        if offset is not None:
            return _before(now, offset)
    moment = calendar_moment(folded, now, language) or _day_and_clock(folded, now)
    return None if moment is None else _of_moment(moment)


def _as_others_say(folded: str) -> Offset | None:
    readings = filter(None, map(relative_offset, in_english(folded)))
    return next((offset for offset in readings if offset.pointed), None)


def _day_and_clock(folded: str, now: datetime) -> Moment | None:
    """A day counted back and a time of that day ("yesterday at 14:05"), in UTC when no zone is said."""
    rest, clock = take_clock(folded)
    day = weekday_day(rest, now)
    if day is not None:
        return at_clock(day, clock)
    offset = relative_offset(rest) if clock is not None else None
    if offset is None or offset.unit != "day" or offset.months:
        return None
    return at_clock(now - offset.delta, clock)


def _of_moment(moment: Moment) -> PostedDate:
    return PostedDate(moment.at, moment.precision)


def _before(now: datetime, offset: Offset) -> PostedDate:
    whole = math.floor(offset.months) if offset.months > 0 else math.ceil(offset.months)
    at = _months_before(now, whole) - offset.delta - timedelta(days=(offset.months - whole) * 30.4)
    return PostedDate(at, "at_least" if offset.at_least else _OF_UNIT.get(offset.unit, "month"))


def _months_before(at: datetime, months: int) -> datetime:
    index = at.year * 12 + at.month - 1 - months
    year, month = index // 12, index % 12 + 1
    if not 1 <= year <= 9999:
        raise OverflowError
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
