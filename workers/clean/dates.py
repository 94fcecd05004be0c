"""When a posting says it was posted: ISO, RFC 822, epochs, calendar dates and relative text of some forty languages.

Relative text counts back from the fetch. What is not wholly understood is no date: "Urgently hiring" is None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from unicodedata import normalize

from workers.clean._dates.calendar_days import (
    ABROAD,
    ORDINAL,
    YEAR_FIRST_TONGUES,
    PostedDate,
    Precision,
    Reading,
    at_clock,
    calendar_moment,
    iso_moment,
)
from workers.clean._dates.clock import in_half, take_clock
from workers.clean._dates.languages import in_english
from workers.clean._dates.lexicon import runs
from workers.clean._dates.reading import OF_UNIT, before, read_folded, read_translated
from workers.clean._dates.relative import Offset, relative_offset, says_when
from workers.clean.blanks import blank_to_none
from workers.clean.text import fold, one_line

__all__ = ["PostedDate", "Precision", "custom_of", "parse_deadline", "parse_posted"]

# Where the month is written first, or by many: of jobs elsewhere "11/12/2025" is in December.
_MONTH_FIRST = frozenset("US CA PH PR GU VI AS MP FM MH PW BZ PA KE".split())

_LONGEST = 200  # a date and what boards say around it; longer is a description
_MOST_STRETCHES = 5  # of known words among unknown ones
_EPOCH_SECONDS = (10**8, 5 * 10**9)  # 1973 to 2128
_EPOCH_AHEAD = 10 * 366 * 86400  # an id of ten digits is often a time some decades ahead
_DIGITS = re.compile(r"(?:[1-9]\d{9}|[1-9]\d{12}|[1-9]\d{15}|[1-9]\d{18})(?:\.\d+)?")  # seconds to nanoseconds
_CODE = re.compile(r"[a-z]{1,3}\d\w*", re.IGNORECASE)  # "a2v8d", "R0102774"
_SEGMENTS = re.compile(r"\s*(?:[·•|\n]|\s[-–—]\s)\s*")
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z])")  # "PostedToday", "EmployerActive 3 days ago": two elements without a gap
_POSTED = re.compile(r"\b(?:re)?(?:posted|publi|pubbl|veroffentl|erschienen|geplaatst|opublik|zverejn|опубл|размещ)")
_DAY_BY = re.compile(r"(?:today|yesterday) by ")  # "Yesterday by Acme"
_STRONG = re.compile(r"\b(?:ago|sedan|siden|sidan)\b")
_WEAK = re.compile(r"\b(?:for|back|previous|last|past|before)\b")  # "5 days of leave for", "6 months of previous ..."
_GLUED_NUMBER = re.compile(r"[a-z]\d", re.ASCII)  # "Gen2", "NIS2"
_YEAR_SAID = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d[./-]\d{1,2}[./-]\d\d")
_YEAR_SPELLED = re.compile(r"\b(?:nineteen|twenty|thousand|mil)\b")
_MONTH_NAMED = re.compile(
    r"[^\W\d_]{4}|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|okt|nov|dec|dez|mai|may|mei|maj)\b|月|\u110b"
)
_COUNTS_FROM = re.compile(r"\b(?:before|after|from|antes|vor|avant|prima)$")
_LED = re.compile(
    r"\b(?:from|after|starting|starts|begins|beginning)(?: on)?(?: the)? ?$"
)  # "a contract from January 15"
_BARE = re.compile(r"\s*[\d.,]+\s*\+?\s*[a-zA-Z]+\.?\s*", re.ASCII)  # "35h", "5+ years": ours to read, or no date
_THAI_YEAR = re.compile(r"(?<!\d)2[45]\d\d(?!\d)")  # the Buddhist era is 543 years older
_THAI_SHORT_YEAR = re.compile(r"(?<=[\u0e00-\u0e7f. ])[4-9]\d(?=\s*(?:$|,|\d{1,2}[:.]))")  # "12 ส.ค. 69"
_UNSPACED = re.compile(
    r"(?<=[\u0e00-\u109f\u1780-\u17ff])\u200b"
)  # marks where a word ends in Thai, Lao, Khmer, Burmese
_HALF = re.compile(r" ?\b(am|pm)\b")  # of a day, put into English
_NO_DATE = re.compile(r"[$€£¥₹%#=<>{}]|\w@\w|://")


def parse_posted(text: object, fetched_at: datetime, language: str | None = None) -> PostedDate | None:
    """The date in a text, number or datetime, or None.

    `fetched_at` is what relative text counts from (naive means UTC). `language` ("fr", "en-GB") decides between
    day-first and month-first where the numbers do not; without it the reading that is not in the future wins,
    and month-first with slashes, day-first with dots or dashes, where both are possible.
    """
    return _read(text, Reading(_utc(fetched_at), language))


def parse_deadline(text: object, fetched_at: datetime, language: str | None = None) -> PostedDate | None:
    """The date until which something is valid, or None; like `parse_posted`, but what leaves it open lies ahead.

    "12 March" is the next one unless the last passed within two months, "Friday" the next one, "14 days" in 14 days.
    """
    return _read(text, Reading(_utc(fetched_at), language, ahead=True))


def custom_of(countries: Collection[str]) -> str | None:
    """How days in numbers are written in all these countries (ISO codes), for `language`; None where ways differ."""
    return ABROAD if countries and _MONTH_FIRST.isdisjoint(countries) else None


def _read(text: object, reading: Reading) -> PostedDate | None:
    try:
        if isinstance(text, (int, float)):
            return _epoch(float(text), reading.now) if not isinstance(text, bool) else None
        if isinstance(text, datetime):
            return PostedDate(_utc(text), "exact")
        if isinstance(text, date):
            return PostedDate(datetime(text.year, text.month, text.day, tzinfo=UTC), "day")
        return _from_text(text, reading) if isinstance(text, str) else None
    except (OverflowError, ValueError):  # beyond year 1 or 9999
        return None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _epoch(number: float, now: datetime) -> PostedDate | None:
    if not math.isfinite(number):
        return None
    latest = min(_EPOCH_SECONDS[1], now.timestamp() + _EPOCH_AHEAD)
    for scale in (1, 10**3, 10**6, 10**9):
        if _EPOCH_SECONDS[0] <= number / scale < latest:
            return PostedDate(datetime.fromtimestamp(number / scale, UTC), "exact")
    return None


def _from_text(text: str, reading: Reading) -> PostedDate | None:
    text = _UNSPACED.sub(" ", text[: 10 * _LONGEST])
    if any("\u0e00" <= character <= "\u0e7f" for character in text):
        text = _THAI_YEAR.sub(lambda year: str(int(year[0]) - 543), text)
        text = _THAI_SHORT_YEAR.sub(lambda year: str(int(year[0]) + 2500 - 543), text)
    line = one_line(_SEGMENTS.sub(" | ", text), 10 * _LONGEST)
    if not line or len(line) > _LONGEST or blank_to_none(line) is None:
        return None
    if _DIGITS.fullmatch(line):
        return _epoch(float(line), reading.now)
    if _CODE.fullmatch(line):
        return None
    whole = line.replace(" | ", " - ")
    found = _segment(whole, reading)
    if found is None and " | " in line:  # "Toronto · 3 weeks ago · 200 applicants"
        found = next(filter(None, (_part(part, reading) for part in line.split(" | "))), None)
    return found or _translated(whole, reading) or _embedded(whole, reading)


def _embedded(text: str, reading: Reading) -> PostedDate | None:
    """The first date among words that we do not know: "Posted by Acme 3 days ago", "Sist endret 12. mai 2025"."""
    if _NO_DATE.search(text):
        return None
    rest, clock = take_clock(fold(_GLUED.sub(" ", text)))
    rest = ORDINAL.sub(" ", rest)
    for stretch in runs(rest)[:_MOST_STRETCHES]:
        offset = relative_offset(stretch)
        if offset is not None and _COUNTS_FROM.search(stretch) and not rest.rstrip(" .,)").endswith(stretch):
            found = None  # "2 weeks before launch"
        elif offset is not None:
            sure = _is_plain(offset, stretch) or (offset.day_word and _is_of_a_posting(rest))
            found = before(reading.now, offset) if sure else None
        else:
            found = _day_among(stretch, rest, reading)
        if found is not None:
            timed = clock is not None and found.precision == "day"
            return at_clock(found.at, clock) if timed else found
    return None


def _is_of_a_posting(rest: str) -> bool:
    return _POSTED.search(rest) is not None or _DAY_BY.match(rest) is not None


def _day_among(stretch: str, rest: str, reading: Reading) -> PostedDate | None:
    """The day that a stretch names in full: with its year, or beside a word of postings, or at the end of the text."""
    start, _, behind = rest.partition(stretch)
    numbered = any(map(str.isdigit, stretch)) or _YEAR_SPELLED.search(stretch)
    if not numbered or _LED.search(start) or _GLUED_NUMBER.search(stretch):
        return None
    if reading.language is None and YEAR_FIRST_TONGUES.search(rest):
        reading = replace(reading, language="zh")
    moment = calendar_moment(stretch, reading, rest)
    if moment is None or moment.precision != "day":
        return None
    if _YEAR_SAID.search(stretch) or _YEAR_SPELLED.search(stretch) or _is_of_a_posting(rest):
        return moment
    named = _MONTH_NAMED.search(stretch) is not None
    return moment if named and not any(map(str.isalnum, behind)) else None  # "12 March Street"


def _is_plain(offset: Offset, stretch: str) -> bool:
    """Whether an age is one beyond doubt: "founded 5 years ago" and "apply today" are none of a posting."""
    return (
        offset.pointed
        and offset.past
        and (_STRONG.search(stretch) is not None or _WEAK.search(stretch) is None)
        and offset.unit in OF_UNIT | {"month": "month"}
        and any(map(str.isdigit, stretch))
    )


def _translated(text: str, reading: Reading) -> PostedDate | None:
    if _NO_DATE.search(text) or _BARE.fullmatch(text):
        return None
    rest, clock = take_clock(normalize("NFKC", text).casefold())
    bound = " +" if "+" in rest else ""
    for said in in_english(rest):
        english, half = _HALF.sub("", said), _HALF.search(said)
        found = read_translated(english + bound, reading)
        if found is not None and (clock is None or found.precision == "day"):
            return found if clock is None else at_clock(found.at, in_half(clock, half[1] if half else ""))
    return None


def _part(text: str, reading: Reading) -> PostedDate | None:
    """The date of one part of several, which has to say more: "MA - Boston" and "Nurse - 4 Days" hold none."""
    folded = fold(_GLUED.sub(" ", text))
    return _segment(text, reading) if says_when(folded) else None


def _segment(text: str, reading: Reading) -> PostedDate | None:
    moment = iso_moment(text)
    if moment is not None:
        return moment
    if _NO_DATE.search(text):
        return None
    return read_folded(fold(_GLUED.sub(" ", text)), reading)
