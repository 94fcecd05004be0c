"""Steps through the calendar: to the beginning of a day, and back by whole months."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime


def midnight(moment: datetime) -> datetime:
    """The beginning of that day, in UTC."""
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def months_before(at: datetime, months: int) -> datetime:
    """The same day so many months earlier, or the last of that month; OverflowError beyond the years 1 to 9999."""
    index = at.year * 12 + at.month - 1 - months
    year, month = index // 12, index % 12 + 1
    if not 1 <= year <= 9999:
        raise OverflowError
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
