"""Dates that name a day: ISO 8601, RFC 822, "12. srpna 2025", "11/12/2025", "2024年3月5日"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Literal

from workers.clean._dates.clock import Clock, offset_zone, take_clock
from workers.clean._dates.lexicon import Meaning, Role, meanings
from workers.clean._dates.spelled import in_digits
from workers.clean.text import fold

FIRST_YEAR, LAST_YEAR = 1900, 2199
_DAY_FIRST_CODES = frozenset("GB AU NZ IE IN ZA".split())
_ISO = re.compile(
    r"(?:date[: ]+)?(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[T ,]+(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?:\[[\w/]+\])?)?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})\s*(?:[-/.]|年|\u1102\u1167\u11ab)\s*(\d{1,2})\s*(?:[-/.]|月|\u110b\u116f\u11af)\s*(\d{1,2})\s*(?:日|號|号|\u110b\u1175\u11af)?(?!\d)"
)
_THIS_YEAR = re.compile(r"(?<!\d)(\d{1,2})\s*(?:月|\u110b\u116f\u11af)\s*(\d{1,2})\s*(?:日|號|号|\u110b\u1175\u11af)")
_POSTED_SHORT = re.compile(  # "08-12发布": month first, as those who say so write it
    rf"(?<![\d.-])(\d{{1,2}})[-/.](\d{{1,2}})(?![\d.-])(?=.*(?:{fold('发布|發布|刊登|更新|掲載|公開|등록|게시')}))"
)
_RANGE = re.compile(r"(?<![\d./-])(\d{1,2})\.?\s?[-–]\s?\d{1,2}(?=\.?\s?[^\W\d_]{3}|\.\d{1,2}\.|,? (?:19|20)\d\d\b)")
YEAR_FIRST_TONGUES = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]")  # "등록일 26/08/12"
_YEAR_FIRST_CODES = frozenset("ja ko zh eu ne".split())
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})\.?(?!\d)")
ORDINAL = re.compile(r"(?<=\d)\s*(?:st|nd|rd|th|er|ro|do|º|ª|\.º|o|a)(?!\w)")
_GLUE = re.compile(r"(?<=[^\W\d_])[-./](?=\d)|(?<=\d)[-./](?=[^\W\d_])|'(?=\d{2}\b)|(?<=\d)[.,](?=\s|\d{4})")
_NUMBERED_MONTH = re.compile(r"\bth(?:ang|g)?[. ]{0,2}(1[0-2]|0?[1-9])\b")  # Vietnamese: "12 tháng 3, 2025"
_NAMES = "january february march april may june july august september october november december".split()
_WEEKDAY_SIGN = re.compile(r"[(（]\s?(?:[月火水木金土日一二三四五六]|[\u1100-\u11ff]{2,3})\s?[)）]")
_DEADLINE = re.compile(
    r"\b(?:closes|closing|expires|deadline|until|till|apply (?:by|before)|ends|bis|jusqu|avant le|hasta|fino al?|ate|"
    r"scade|entro|bewerbungsfrist|bewerben bis|reageer voor|tot|termin|lejart|ansokan|sok senast|senast|frist|"
    r"sista ansokningsdag|soknadsfrist|ansogningsfrist|fecha limite|date limite|data limite|hakuaika)\b"
    r"|締切|応募期限|截止"
)
_WORD = re.compile(r"[^\W\d_]+")
ABROAD = "-"  # in place of a language: some other than English, which decides where nothing else does
_ENGLISH = frozenset(
    "posted reposted on date job added updated at published created listed valid until through closes closing deadline "
    "by the of apply application am pm utc gmt and start end expires from since open opened last active before due "
    "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday est edt pst pdt".split()
)
_WHITE = re.compile(r"\s+")
_AHEAD = timedelta(days=305)  # a deadline that passed last week is likelier than one in a year
_YEARS_AHEAD = 20  # a year of two digits beyond it is one of the last century


Precision = Literal["exact", "minute", "hour", "day", "week", "month", "at_least"]


@dataclass(frozen=True, slots=True)
class PostedDate:
    """A time in UTC and how finely it is known; `at_least` means "then or earlier"."""

    at: datetime
    precision: Precision


@dataclass(frozen=True, slots=True)
class Reading:
    """When and in what language a text is read, and whether what it tells of lies ahead, as a deadline does."""

    now: datetime
    language: str | None = None
    ahead: bool = False


def iso_moment(text: str) -> PostedDate | None:
    """ISO 8601 with or without time and offset (none means UTC); ValueError for a day that does not exist."""
    found = _ISO.fullmatch(text.strip())
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if found[4] is None:
        return PostedDate(datetime(year, month, day, tzinfo=UTC), "day")
    clock = (int(found[4]) % 24, int(found[5]), min(int(found[6] or 0), 59))
    micro = int((found[7] or "0").ljust(6, "0")[:6])
    late = timedelta(days=int(found[4]) // 24)
    at = datetime(year, month, day, *clock, micro, tzinfo=_iso_zone(found[8])) + late
    return PostedDate(at.astimezone(UTC), "exact" if found[6] else "minute")


def _iso_zone(text: str | None) -> timezone:
    return offset_zone(text) if text and text[0] in "+-" else UTC


def calendar_moment(folded: str, reading: Reading, beside: str = "") -> PostedDate | None:
    """The one day a folded text names, with its time of day; None when any word of it is not understood.

    Without a year it is the last of its name; where a deadline is read, or its words are there or `beside`, the next
    one, unless the last is less than two months old.
    """
    rest, clock = take_clock(_WEEKDAY_SIGN.sub(" ", folded))
    rest = _RANGE.sub(r"\1", rest)
    language = reading.language
    if language is None and not _ENGLISH.issuperset(_WORD.findall(folded)):
        language = ABROAD  # "Publicada em 11/12/2025"
    base = reading.now + _AHEAD if reading.ahead or _DEADLINE.search(beside or folded) else reading.now
    day = _numeric_day(rest, base, language) or _named_day(rest, base)
    if day is None:
        return None
    at, precision = day
    return PostedDate(at, precision) if clock is None or precision == "month" else at_clock(at, clock)


def at_clock(day: datetime, clock: Clock | None) -> PostedDate:
    """A time of that day in UTC; without a clock the day as it is."""
    if clock is None:
        return PostedDate(day, "day")
    hour, minute, second, micro, zone = clock
    placed = day.replace(hour=hour, minute=minute, second=second or 0, microsecond=micro, tzinfo=zone).astimezone(UTC)
    return PostedDate(placed, "minute" if second is None else "exact")


def _numeric_day(text: str, now: datetime, language: str | None) -> tuple[datetime, Literal["day"]] | None:
    found = _YEAR_FIRST.search(text)
    if found is not None:
        at = _day(int(found[1]), int(found[2]), int(found[3]))
    elif (found := _THIS_YEAR.search(text) or _POSTED_SHORT.search(text)) is not None:
        at = _latest(int(found[1]), int(found[2]), now)
    else:
        found = _NUMERIC.search(text)
        at = None if found is None else _year_first(found, text, now, language) or _two_readings(found, now, language)
    if found is None or at is None:
        return None
    around = f"{text[: found.start()]} {text[found.end() :]}"
    return (at, "day") if _says_nothing_else(around) else None


def _year_first(found: re.Match[str], text: str, now: datetime, language: str | None) -> datetime | None:
    """The day of "26.08.12" where years are written first, if it is none of the future and the year has two digits."""
    tongue = (language or "").partition("-")[0].casefold()
    if len(found[4]) == len("2026") or not (tongue in _YEAR_FIRST_CODES or YEAR_FIRST_TONGUES.search(text)):
        return None
    at = _day(_year(found[1], now), int(found[3]), int(found[4]))
    return at if at is not None and at.year > now.year - _YEARS_AHEAD else None


def names_a_day(folded: str) -> bool:
    """Whether a folded text has the form of a day and month in Chinese, Japanese or Korean, which looks like an age."""
    return _THIS_YEAR.search(folded) is not None


def _two_readings(found: re.Match[str], now: datetime, language: str | None) -> datetime | None:
    first, sign, second, year = int(found[1]), found[2], int(found[3]), _year(found[4], now)
    day_first, month_first = _day(year, second, first), _day(year, first, second)
    if day_first is None or month_first is None:
        return day_first or month_first
    if language and language != ABROAD:
        return day_first if _is_day_first(language) else month_first
    soon = now + timedelta(days=1)
    if (day_first > soon) != (month_first > soon):
        return min(day_first, month_first)
    return month_first if sign == "/" and language is None else day_first


def _is_day_first(language: str) -> bool:
    tag, _, place = language.replace("_", "-").partition("-")
    return tag.casefold() not in ("en", "fil", "english") or place.upper() in _DAY_FIRST_CODES


def _says_nothing_else(text: str) -> bool:
    if not any(c.isalnum() for c in text):
        return True
    said = meanings(text)
    return said is not None and all(meaning.keys() & {Role.FILLER, Role.WEEKDAY, Role.PAST} for _, meaning in said)


def _named_day(text: str, now: datetime) -> tuple[datetime, Literal["day", "month"]] | None:
    text = _NUMBERED_MONTH.sub(lambda found: f" {_NAMES[int(found[1]) - 1]} ", text)
    said = meanings(_WHITE.sub(" ", _GLUE.sub(" ", ORDINAL.sub(" ", in_digits(text)))).strip())
    if said is None:
        return None
    numbers = [word for word, meaning in said if not meaning]
    months = [int(meaning[Role.MONTH] or 0) for word, meaning in said if _is_month(word, meaning)]
    quiet = {Role.FILLER, Role.WEEKDAY, Role.PAST, Role.AHEAD, Role.NUMBER, Role.MONTH}
    if any(len(number) == len("2025") for number in numbers):
        quiet.add(Role.UNIT)  # "2025 г. 12 марта", "2025 m. kovo 12 d."
    if (
        not months
        or not numbers
        or _counts_years(said)
        or not all(not meaning or meaning.keys() & quiet for _, meaning in said)
    ):
        return None
    return _assemble(months[0], numbers, now)


def _counts_years(said: list[tuple[str, Meaning]]) -> bool:
    """Whether a short number stands before a year as a unit: "3 years from January 2020"."""
    return any(
        word.isdecimal()
        and len(word) < len("2025")
        and following.get(Role.UNIT) == "year"
        and Role.FILLER not in following
        for (word, _), (_, following) in pairwise(said)
    )


def _is_month(word: str, meaning: Meaning) -> bool:
    return Role.MONTH in meaning and (word not in ("do", "so") or len(meaning) == 1)


def _assemble(month: int, numbers: list[str], now: datetime) -> tuple[datetime, Literal["day", "month"]] | None:
    if not all(number.isdecimal() and len(number) in (1, 2, 4) for number in numbers):
        return None
    years = [number for number in numbers if len(number) == 4]
    short = [number for number in numbers if len(number) < 4]
    if len(years) == 1 and not short:
        first = _day(int(years[0]), month, 1)
        return None if first is None else (first, "month")
    if len(years) + len(short) > 2 or not short or (len(short) == 2 and len(short[1]) == 1):
        return None
    if years or len(short) == 2:
        at = _day(_year(years[0] if years else short[1], now), month, int(short[0]))
    else:
        at = _latest(month, int(short[0]), now)
    return None if at is None else (at, "day")


def _latest(month: int, day: int, now: datetime) -> datetime | None:
    at = _day(now.year, month, day)
    return at if at is None or at <= now + timedelta(days=1) else _day(now.year - 1, month, day)


def _year(text: str, now: datetime) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if 2000 + year <= now.year + _YEARS_AHEAD else 1900)


def _day(year: int, month: int, day: int) -> datetime | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
