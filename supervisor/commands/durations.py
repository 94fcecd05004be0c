"""Durations as people write and read them: 90, 90s, 15m, 2h, 1d, 1h30m."""

from __future__ import annotations

import re
from typing import Any

import click

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST_S = 1e9  # what the database takes
PARTS = re.compile(r"(?:\d+(?:\.\d+)?[smhd])+", re.ASCII)
PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])", re.ASCII)
BARE = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
EXAMPLES = "90, 90s, 15m, 2h or 1d"


def parse_duration(text: str) -> float:
    """Seconds; a bare number counts seconds. Raises ValueError with the sentence."""
    plain = "".join(text.split()).lower()
    if BARE.fullmatch(plain):
        seconds = float(plain)
    elif PARTS.fullmatch(plain):
        seconds = sum(float(number) * UNITS[unit] for number, unit in PART.findall(plain))
    else:
        raise ValueError(f'"{text}" is no duration: write {EXAMPLES}')
    if seconds > LONGEST_S:
        raise ValueError(f'"{text}" is too long: at most {LONGEST_S:.0f} seconds')
    return seconds


def short(seconds: float | None) -> str:
    """For tables, in one unit that still tells apart: 0.4s, 89s, 89m, 47h, 12d."""
    if seconds is None:
        return "-"
    for limit, unit in ((90.0, "s"), (5400.0, "m"), (172800.0, "h")):
        if seconds < limit:
            number = seconds / UNITS[unit]
            return f"{number:.1f}{unit}" if unit == "s" and 0 < number < 9.95 else f"{number:.0f}{unit}"
    return f"{seconds / UNITS['d']:.0f}d"


def grid(text: str) -> str:
    """The schedule `every ...` of a period. Raises ValueError for parts of a second."""
    seconds = parse_duration(text)
    if not seconds or seconds % 1:
        raise ValueError(f'"{text}" is no period of whole seconds: write {EXAMPLES}')
    unit = next(unit for unit in "dhms" if seconds % UNITS[unit] == 0)
    return f"every {seconds / UNITS[unit]:.0f}{unit}"


class Duration(click.ParamType):  # type: ignore[type-arg] # click 8.2 knows no argument
    """An option in seconds; `word`, where given, stands for null."""

    name = "duration"

    def __init__(self, *, zero: bool = False, word: str | None = None) -> None:
        """`zero`: whether 0 is allowed."""
        self._zero = zero
        self._word = word

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Seconds as a float, or the word itself."""
        if not isinstance(value, str) or value == self._word:
            return value
        try:
            seconds = parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not seconds and not self._zero:
            self.fail(f'"{value}" is too short: it must be above 0', param, ctx)
        return seconds


DURATION = Duration()
