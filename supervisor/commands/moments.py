"""Points in time as people write them: a duration ago, a date, or a time in ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any

import click

from supervisor.commands.durations import parse_duration

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


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
        try:
            return parse_duration(value)
        except ValueError:
            pass
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            self.fail(f'"{value}" is no time: write 7d, 12h, 2026-08-01 or 2026-08-01T12:00Z', param, ctx)
        if self._end and DATE.fullmatch(value.strip()):
            found = datetime.combine(found, time.max)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
