"""Points in time as people write them: a duration ago, a date, or a time in ISO 8601."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, time
from typing import Any

import click

from supervisor.commands.durations import parse_duration

MOMENTS = "7d, 2026-05-31 or 2026-05-31T18:00"


class Moment(click.ParamType):  # type: ignore[type-arg] # click 8.2 knows no argument
    """Seconds ago as a float, or an aware datetime; without an offset it is UTC."""

    name = "when"

    def __init__(self, *, end: bool = False) -> None:
        """`end`: a date stands for the end of its day, not for the beginning."""
        self._end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """What was written."""
        if not isinstance(value, str):
            return value
        for read in (self._date, _time, parse_duration):  # eight digits are a date, not so many seconds
            with contextlib.suppress(ValueError):
                return read(value.strip())
        return self.fail(f'"{value}" is no time: write {MOMENTS}', param, ctx)

    def _date(self, text: str) -> datetime:
        return datetime.combine(date.fromisoformat(text), time.max if self._end else time.min, UTC)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
