"""When a node's ticks fall: pure functions of the schedule, the node's creation time and the database's clock."""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from workers.errors import ConfigError

EVERY = re.compile(r"every\s*([0-9]{1,9})\s*([smhd])", re.IGNORECASE)
UNIT = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST_PERIOD = timedelta(days=3650)  # keeps the next tick within what a datetime can hold
LONGEST_TEXT = 200
FIELDS = 5  # cronsim would read a sixth one as seconds
INSTANT = timedelta(microseconds=1)
EXAMPLES = 'write "every 15m" (s, m, h, d) or five cron fields such as "30 6 * * 1-5"'


@dataclass(frozen=True, kw_only=True, slots=True)
class DueTicks:
    """The ticks that fell due in a span, and the first one after it."""

    count: int
    oldest: datetime | None  # None when count is 0
    newest: datetime | None
    next: datetime


class Schedule(ABC):
    """A rule for ticks. Moments are aware datetimes, ticks are in UTC; none falls before the anchor."""

    @abstractmethod
    def first_at_or_after(self, moment: datetime, anchor: datetime) -> datetime:
        """The first tick that is not earlier than `moment`."""

    @abstractmethod
    def _newest_until(self, moment: datetime, oldest: datetime, anchor: datetime) -> datetime:
        """The last tick not later than `moment`, knowing that `oldest` is one such tick."""

    @abstractmethod
    def _count(self, oldest: datetime, newest: datetime) -> int:
        """The number of ticks from one tick to another, both included."""

    def after(self, moment: datetime, anchor: datetime) -> datetime:
        """The first tick that is later than `moment`."""
        return self.first_at_or_after(moment + INSTANT, anchor)

    def due_ticks(self, first: datetime, now: datetime, anchor: datetime) -> DueTicks:
        """The ticks from `first` to `now`, both included: counted exactly, without walking through them one by one."""
        oldest = self.first_at_or_after(first, anchor)
        if oldest > now:
            return DueTicks(count=0, oldest=None, newest=None, next=oldest)
        newest = self._newest_until(now, oldest, anchor)
        return DueTicks(
            count=self._count(oldest, newest), oldest=oldest, newest=newest, next=self.after(newest, anchor)
        )


@dataclass(frozen=True)
class EverySchedule(Schedule):
    """A tick at the anchor and one each `period` after it, whatever clocks on walls do."""

    period: timedelta

    def first_at_or_after(self, moment: datetime, anchor: datetime) -> datetime:
        """The first point of the grid that is not earlier than `moment`."""
        start = _in_utc(anchor)
        steps = -((start - _in_utc(moment)) // self.period)  # rounds up, in whole microseconds
        return start + max(0, steps) * self.period

    def _newest_until(self, moment: datetime, oldest: datetime, anchor: datetime) -> datetime:  # noqa: ARG002 (cron's)
        return oldest + (moment - oldest) // self.period * self.period

    def _count(self, oldest: datetime, newest: datetime) -> int:
        return (newest - oldest) // self.period + 1


@dataclass(frozen=True)
class CronSchedule(Schedule):
    """Ticks of a five-field cron expression on the wall clock of `zone`.

    Changes of summer time follow Debian's cron: a job at a fixed time that the clock skips runs right after the
    gap, one in a repeated hour runs once; a job with a starred minute or hour follows the hours that really pass.
    """

    expression: str
    zone: tzinfo

    def first_at_or_after(self, moment: datetime, anchor: datetime) -> datetime:
        """The first matching minute that is not earlier than `moment`."""
        start = max(_in_utc(moment), _in_utc(anchor)) - INSTANT
        for tick in CronSim(self.expression, start.astimezone(self.zone)):
            # In a repeated hour cronsim may answer with the first pass, which is over by now.
            if (found := tick.astimezone(UTC)) > start:
                return found
        raise ConfigError(f'The schedule "{self.expression}" never fires again: {EXAMPLES}.')

    def _newest_until(self, moment: datetime, oldest: datetime, anchor: datetime) -> datetime:
        newest = self._near(moment, oldest, anchor)
        while (tick := self.after(newest, anchor)) <= moment:
            newest = tick
        return newest

    def _near(self, moment: datetime, oldest: datetime, anchor: datetime) -> datetime:
        """A tick close before `moment`; cronsim's way back only gives hints, for it differs at changes of the clock."""
        for hint in CronSim(self.expression, (moment + INSTANT).astimezone(self.zone), reverse=True):
            at = hint.astimezone(UTC)
            if at <= oldest:
                break
            if (tick := self.first_at_or_after(at, anchor)) <= moment:
                return tick
        return oldest

    def _count(self, oldest: datetime, newest: datetime) -> int:
        """Whole days without a change of the clock are counted by their fields, all others tick by tick."""
        total = 0
        day = oldest.astimezone(self.zone).date()
        until = newest + INSTANT
        while (start := self._midnight(day)) < until:
            day += timedelta(days=1)
            end = self._midnight(day)
            if oldest <= start and end <= until and self._is_plain(start, end):
                total += self._ticks_on(day - timedelta(days=1))
            else:
                total += self._walk(max(start, oldest), min(end, until))
        return total

    def _walk(self, start: datetime, end: datetime) -> int:
        ticks = CronSim(self.expression, (start - INSTANT).astimezone(self.zone))
        return sum(1 for _ in takewhile(lambda tick: tick.astimezone(UTC) < end, ticks))

    def _ticks_on(self, day: date) -> int:
        rule = self._rule
        matches = day.month in rule.months and rule.match_day(day)
        return len(rule.hours) * len(rule.minutes) if matches else 0

    @cached_property
    def _rule(self) -> CronSim:
        return CronSim(self.expression, datetime(2000, 1, 1, tzinfo=UTC))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def _is_plain(self, start: datetime, end: datetime) -> bool:
        """Whether the clock ran evenly from well before `start`: a gap right before it moves ticks into this day."""
        before = start - timedelta(hours=12)
        return before.astimezone(self.zone).utcoffset() == end.astimezone(self.zone).utcoffset()


def parse_schedule(text: str, timezone: str = "UTC") -> Schedule:
    """Read a node's schedule; raises ConfigError with one sentence for anything that cannot be run."""
    zone = _zone(timezone)
    plain = " ".join(text.split())
    if len(plain) <= LONGEST_TEXT:
        if (every := EVERY.fullmatch(plain)) is not None:
            return _every(plain, every)
        if plain.count(" ") == FIELDS - 1:
            return _cron(plain, zone)
    raise ConfigError(f'The schedule "{_shown(text)}" is neither a period nor a cron expression: {EXAMPLES}.')


def jitter_offset(node: str, tick: datetime, jitter_s: float) -> float:
    """Seconds by which this tick's start is delayed: uniform in [0, jitter_s), the same in every process."""
    digest = hashlib.sha256(f"{node}\n{_in_utc(tick).isoformat()}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48 * jitter_s


def _every(text: str, match: re.Match[str]) -> EverySchedule:
    number, unit = int(match[1]), UNIT[match[2].lower()]
    if 0 < number <= LONGEST_PERIOD // unit:
        return EverySchedule(period=number * unit)
    raise ConfigError(
        f'The schedule "{text}" has no period between 1 second and {LONGEST_PERIOD.days} days: {EXAMPLES}.'
    )


def _cron(expression: str, zone: tzinfo) -> CronSchedule:
    schedule = CronSchedule(expression=expression, zone=zone)
    try:
        next(CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC)))
    except StopIteration:
        raise ConfigError(f'The schedule "{_shown(expression)}" never fires: {EXAMPLES}.') from None
    except (CronSimError, ValueError) as error:
        what = f'The cron expression "{_shown(expression)}" cannot be read ({_shown(str(error))})'
        raise ConfigError(f"{what}: {EXAMPLES}.") from error
    return schedule


def _zone(name: str) -> tzinfo:
    if name.upper() == "UTC":
        return UTC  # needs no time zone data, which small images lack
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f'The time zone "{_shown(name)}" is not known here: write a name such as "Europe/Berlin", or "UTC".'
        ) from error


def _shown(text: str) -> str:
    """What anybody may have written into a row, as it may stand in a sentence."""
    line = " ".join(text[: 2 * LONGEST_TEXT].split())
    return "".join(c if c.isprintable() else "?" for c in line)[:LONGEST_TEXT]


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("moments need a time zone")
    return moment.astimezone(UTC)
