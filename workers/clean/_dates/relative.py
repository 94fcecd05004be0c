"""Text like "3 days ago": a grammar of known words, in which one unknown word means "not a date"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from workers.clean._dates.lexicon import Meaning, Role, meanings

_SIGNED = re.compile(r"(?:now\s?)?((?:[+-]\s?\d+(?:[.,]\d+)?\s?[^\W\d_]+[.,]?\s?){1,6})")
_TERM = re.compile(r"([+-])\s?([^+-]+)")
_ANCHORED = re.compile(
    r"(?P<age>\S.{0,60}?) (?:(?:from|after|a partir de|despues de|dopo|apres|depois de|nach|ab|na|vanaf)"
    r"|(?P<earlier>before|antes de|prima di|avant|vor|voor)) (?P<anchor>\S.{0,60})"
)
_RANGE = re.compile(r"(?P<before>\D*)(?P<number>\d{1,3}) ?(?:-|–|to|bis|a|до) ?\d{1,3}(?P<behind> ?[^\d]+)")
_PREPOSITION = 3  # letters at most; "sa 8 segundo" lies ahead, in a tongue that our words do not cover
_ORDER = ("second", "minute", "hour", "day", "week", "fortnight", "month", "year", "decade", "century")
_INSTANT_WORDS = ("last", "next", "past")  # "last minute" is no date
_HOURS_OF_AN_AGE = 24  # "35h" is a working week
_LONGEST_BARE = {"day": 90, "week": 12, "year": 0}
_BRIEF_UNITS = frozenset("m р г v å g an a l t j".split())  # "3M", "336 р." are no ages by themselves
_TENS = range(20, 100, 10)
_HALF = 0.5
_BARE_WORDS = frozenset("now nu most jetzt ahora agora adesso nyni teraz".split())  # beside a title: "Open now"
# words that mean another unit in another tongue: "година" is an hour in Ukrainian and a year in Bulgarian
_AMBIGUOUS = frozenset("година години годину годин".split())
# short words whose unit hangs on the tongue that the word beside them tells: "3 t sitten" is hours, "3 T" is days
_BESIDE: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {
    "t": (("hour", frozenset("sitten siden sidan sedan eest tagasi siðan om".split())),),
    "v": (("year", frozenset(["sitten"])),),
    "j": (("year", frozenset("gelede verlede oor".split())),),
    "h": (("day", frozenset(["lalu"])),),
    "m": (("year", frozenset(["pries"])),),
    "години": (("year", frozenset("назад преди".split())), ("hour", frozenset(["тому"]))),
    "година": (("year", frozenset("назад преди".split())), ("hour", frozenset(["тому"]))),
    "год": (("hour", frozenset(["тому"])),),
}
_SHORT = {"second": "seconds", "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}
_LONG_MONTHS = {"month": 1, "year": 12, "decade": 120, "century": 1200}


@dataclass(frozen=True, kw_only=True, slots=True)
class Offset:
    """A distance from now: months (calendar) and a timedelta, both positive into the past."""

    months: float = 0
    delta: timedelta = timedelta()
    unit: str = "day"  # the finest unit named
    at_least: bool = False
    pointed: bool = True  # the text says which way
    past: bool = False  # ... and that is back
    day_word: bool = False  # "yesterday"
    idle: bool = False  # "a week" of pay, "5 years" of experience, were it not pointed
    sure: bool = True  # no other tongue reads the same words otherwise


def says_when(text: str) -> bool:
    """Whether a folded text, all of it known words, says by more than a number and a unit that it is a date."""
    if text in _BARE_WORDS:
        return False
    offset = relative_offset(text)
    return offset is None or (offset.pointed and len(text) > _PREPOSITION) or not text.replace(" ", "").isalnum()


def signed_offset(text: str) -> Offset | None:
    """The sum of "+1 decade -2 years" or "now - 2 hours"; None for text of any other form."""
    said = _SIGNED.fullmatch(text)
    if said is None:
        return None
    terms = [(sign, relative_offset(term)) for sign, term in _TERM.findall(said[1])]
    months, delta, unit = 0.0, timedelta(), "year"
    for sign, offset in terms:
        if offset is None:
            return None
        way = -1 if sign == "+" else 1
        months, delta, unit = months + way * offset.months, delta + way * offset.delta, offset.unit
    return Offset(months=months, delta=delta, unit=unit)


def ranged_offset(text: str) -> Offset | None:
    """The nearer end of "1-3 days ago", as a bound; None without a mark of the past ("3-5 years")."""
    said = _RANGE.fullmatch(text)
    nearer = relative_offset(said["before"] + said["number"] + said["behind"]) if said else None
    return replace(nearer, at_least=True) if nearer is not None and nearer.past else None


def counted_from(text: str) -> tuple[Offset, str] | None:
    """The distance and the words it is counted from: "3 days" and "tuesday" of "3 days from tuesday"."""
    said = _ANCHORED.fullmatch(text)
    age = relative_offset(said["age"]) if said else None
    if said is None or age is None or age.past or age.day_word:
        return None
    way = 1 if said["earlier"] else -1
    return Offset(months=way * abs(age.months), delta=way * abs(age.delta), unit=age.unit), said["anchor"]


def anchored_offset(text: str) -> Offset | None:
    """An age from a day that is itself an age: "3 days from today", "two weeks after tomorrow", "2 days from now"."""
    counted = counted_from(text)
    anchor = relative_offset(counted[1]) if counted else None
    if counted is None or anchor is None or anchor.months or (anchor.unit != "day" and anchor.delta):
        return None
    return replace(counted[0], delta=anchor.delta + counted[0].delta)


def relative_offset(text: str) -> Offset | None:
    """How far from now a folded text says it is; None when any part of it is not understood."""
    said = meanings(text)
    if said is None:
        return None
    if any(Role.NOW in meaning and Role.UNIT not in meaning for _, meaning in said):
        quiet = all(meaning.keys() & {Role.NOW, Role.FILLER} for _, meaning in said)
        return Offset(unit="hour" if "posted" in text else "minute") if quiet else None
    return _Reader().read(said)


def _goes_on(meaning: Meaning, following: Meaning) -> bool:
    """Whether a number in words is taken together with the next one: "twenty one", "two and a half"."""
    return Role.NUMBER in following and (meaning[Role.NUMBER] in _TENS or following[Role.NUMBER] == _HALF)


def _unit_beside(word: str, said: list[tuple[str, Meaning]]) -> str | None:
    around = {other for other, _ in said}
    return next((unit for unit, marks in _BESIDE.get(word, ()) if marks & around), None)


class _Reader:
    """One pass over the words: a pending number, a sum, and which way the text points."""

    def __init__(self) -> None:
        self.number: float | None = None
        self.day: int | None = None
        self.terms: list[tuple[float, str]] = []
        self.roles: set[Role] = set()
        self.sure = True
        self.preposition = False
        self.brief = self.instant = self.digits = False
        self.said = self.uncounted = 0

    def read(self, said: list[tuple[str, Meaning]]) -> Offset | None:
        self.sure = not any(word in _AMBIGUOUS for word, _ in said)
        self.said = sum(1 for _, meaning in said if meaning)
        self.instant = (
            said[0][0] in _INSTANT_WORDS and len(said) > 1 and said[1][1].get(Role.UNIT) in ("second", "minute")
        )
        self.brief = any(word in _BRIEF_UNITS for word, _ in said)
        first = said[0][0]
        if first == "once":  # a mark of the past in Turkish, there the last word
            return None
        self.preposition = len(first) <= _PREPOSITION and first.isalpha()
        for at, (word, meant) in enumerate(said):
            following = said[at + 1][1] if at + 1 < len(said) else {}
            unit = _unit_beside(word, said)
            meaning: Meaning = meant if unit is None else {Role.UNIT: unit}
            self.sure = self.sure or unit is not None
            if not self._take(word, meaning, following):
                return None
        return self._sum() if self.number is None else None

    def _take(self, word: str, meaning: Meaning, following: Meaning) -> bool:
        if not meaning:
            return self._take_number(float(word.replace(",", ".")))
        unit_follows = Role.UNIT in following
        if Role.UNIT in meaning and not (self.number is None and (unit_follows or Role.FILLER in meaning)):
            self.uncounted += self.number is None
            self.terms.append((1.0 if self.number is None else self.number, str(meaning[Role.UNIT])))
            self.roles |= {Role.UNIT} if self.number is None else {Role.UNIT, Role.NUMBER}
            self.roles |= meaning.keys() & {Role.PAST}  # "hete" is a week ago
            self.number = None
        elif Role.NUMBER in meaning and (unit_follows or _goes_on(meaning, following)) and self._adds(meaning):
            self.number = (self.number or 0) + float(meaning[Role.NUMBER] or 0)
        elif word == "back" and not self.terms:  # "back in 5 minutes"
            return False
        elif Role.DAY in meaning and self.day in (None, meaning[Role.DAY]):  # "today ... tonight"
            self.day = int(meaning[Role.DAY] or 0)
        else:
            self.roles |= meaning.keys() & {Role.PAST, Role.AHEAD, Role.AT_LEAST}
            allowed = {Role.PAST, Role.AHEAD, Role.AT_LEAST, Role.FILLER}
            return bool(meaning.keys() & allowed) or meaning.get(Role.NUMBER) == 1  # an article
        return True

    def _adds(self, meaning: Meaning) -> bool:
        """Whether a number in words can stand here: alone, or as the ones after tens ("twenty one")."""
        if self.number is None or meaning[Role.NUMBER] == _HALF:
            return True
        return self.number in _TENS and 0 < float(meaning[Role.NUMBER] or 0) < 10

    def _take_number(self, number: float) -> bool:
        if self.number is not None:
            return False
        self.number, self.digits = number, True
        return True

    def _sum(self) -> Offset | None:
        pointed = bool(self.roles & {Role.PAST, Role.AHEAD})
        if self.terms and not (self._is_sum() and (pointed or self._is_age())):
            return None
        if self.day is not None and not (self.day == 0 and self.terms and pointed):  # "a week ago today"
            return Offset(delta=timedelta(days=self.day), day_word=True) if Role.NUMBER not in self.roles else None
        if not self.terms or (Role.NUMBER not in self.roles and (not pointed or self.instant)):
            return None
        try:
            return self._offset(-1 if Role.AHEAD in self.roles and Role.PAST not in self.roles else 1)
        except OverflowError:
            return None

    def _is_sum(self) -> bool:
        """Whether the terms are one age: "posted 12 hours ago, updated 3 hours ago" and "an 2 Wochen" are none."""
        units = [unit for _, unit in self.terms]
        return len(set(units)) == len(units) and (len(units) == 1 or not self.uncounted)

    def _is_age(self) -> bool:
        """Whether text that says no direction is an age all the same: "2 weeks 3 days", not "40 hours a week"."""
        ranks = [_ORDER.index(unit) for _, unit in self.terms]
        count, unit = self.terms[0]
        if any(later >= earlier for earlier, later in pairwise(ranks)) or (unit == "hour" and count > _HOURS_OF_AN_AGE):
            return False
        return self.said > 1 or not self.brief

    def _offset(self, sign: int) -> Offset:
        months = sum(count * _LONG_MONTHS.get(unit, 0) for count, unit in self.terms)
        delta = timedelta()
        for count, unit in self.terms:
            if unit == "fortnight":
                delta += timedelta(weeks=2 * count)
            elif unit in _SHORT:
                delta += timedelta(**{_SHORT[unit]: count})
        bound = Role.AT_LEAST in self.roles
        pointed = bool(self.roles & {Role.PAST, Role.AHEAD})
        sure = self.sure and (pointed or not self.preposition)
        return Offset(
            months=sign * months,
            delta=sign * delta,
            unit=self._finest(),
            at_least=bound,
            pointed=pointed,
            past=Role.PAST in self.roles,
            idle=self._is_idle(),
            sure=sure,
        )

    def _is_idle(self) -> bool:
        count, unit = self.terms[0]
        return (not self.digits and count <= 1) or (len(self.terms) == 1 and count > _LONGEST_BARE.get(unit, count))

    def _finest(self) -> str:
        return min((unit for _, unit in self.terms), key=_ORDER.index)
