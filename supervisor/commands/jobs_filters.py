"""Options that choose among jobs, and what they mean in a statement."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from supervisor.commands.durations import parse_duration
from workers.clean.places import country_code

MOMENTS = "7d, 2026-05-31 or 2026-05-31T18:00"


class Moment(click.ParamType):  # type: ignore[type-arg] # click 8.2 knows no argument
    """A time: so long ago, or a date with or without a time of day, UTC unless it says otherwise."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Seconds ago as a float, or the time."""
        if not isinstance(value, str):
            return value
        try:
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        except ValueError:
            pass
        try:
            return parse_duration(value)
        except ValueError:
            self.fail(f'"{value}" is no time: write {MOMENTS}', param, ctx)


class Country(click.ParamType):  # type: ignore[type-arg] # as above
    """A country as people name it, as its ISO code."""

    name = "country"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Two letters."""
        code = country_code(value)
        if code is None:
            self.fail(f'"{value}" is no country: write its name, or its two letters of ISO 3166', param, ctx)
        return code
