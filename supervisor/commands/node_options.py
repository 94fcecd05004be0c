"""The options of `nodes add` and `nodes edit`, and the columns that they mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from supervisor.commands.durations import Duration, grid
from supervisor.commands.node_rows import COLUMNS

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT = "default"  # the word that gives a setting back to the configuration
LEARNED = "learned"
WORDS = {DEFAULT, LEARNED}


class Whole(click.ParamType):  # type: ignore[type-arg] # click 8.2 knows no argument
    """A whole number from `low` on, or the word that stands for null."""

    name = "number"

    def __init__(self, low: int, word: str) -> None:
        """See the class."""
        self._low = low
        self._word = word

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or the word itself."""
        if not isinstance(value, str) or value == self._word:
            return value
        return click.IntRange(self._low, 2**31 - 1)(value, param, ctx)


class Param(click.ParamType):  # type: ignore[type-arg] # the same
    """`key=value` with a JSON value, else a text."""

    name = "key=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Any]:
        """Key and value."""
        key, equals, text = str(value).partition("=")
        if not key or not equals:
            self.fail(f'"{value}" is no key=value', param, ctx)
        try:
            return key, json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError):
            return key, text


def _no_number(text: str) -> None:
    raise ValueError(text)  # NaN and Infinity are no JSON: they stay texts


params_option = click.option(
    "-p", "params", type=Param(), multiple=True, metavar="KEY=VALUE", help="A param; the value is JSON, else a text."
)

_OPTIONS = (
    params_option,
    click.option("--every", metavar="PERIOD", help="Run on a grid: 90s, 15m, 2h, 1d."),
    click.option("--cron", metavar="FIELDS", help='Run by five cron fields: "30 6 * * 1-5".'),
    click.option("--timezone", metavar="ZONE", help="Where --cron's clock hangs; UTC."),
    click.option("--jitter", "jitter_s", type=Duration(zero=True), help="Delay each start by a random part of this."),
    click.option("--priority", type=click.IntRange(-(2**31) + 1, 2**31 - 1), help="Higher goes first; 0."),
    click.option("--timeout", "timeout_s", type=Duration(), help="Limit of one process; 10m."),
    click.option("--stall", "stall_s", type=Duration(), help="Limit without progress; 5m."),
    click.option("--memory", "memory_mb", type=Whole(1, LEARNED), help="Budget in MB, or `learned`."),
    click.option("--max-attempts", type=Whole(1, DEFAULT), help="Tries of a tick, or `default`."),
    click.option("--gap", "gap_s", type=Duration(zero=True, word=DEFAULT), help="Pause between requests to a host."),
    click.option("--gap-jitter", "gap_jitter_s", type=Duration(zero=True, word=DEFAULT), help="Random part of it."),
    click.option("--proxy-pool", metavar="POOL", help="Proxies to go through, or `default` for none."),
    click.option("--location-pool", metavar="POOL", help="Places that {location} walks, or `default` for none."),
    click.option("--pause-after", type=Whole(1, DEFAULT), help="Dead letters in a row until it pauses; never."),
    click.option("--enabled/--disabled", default=None, help="Whether the schedule counts."),
    click.option("--data-limit/--no-data-limit", default=None, help="Limit on data size; off for browsers."),
)


def node_options(command: F) -> F:
    """Give a command all options that set columns."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def columns_of(given: dict[str, Any]) -> dict[str, Any]:
    """Column → value of what was given; the words `default` and `learned` become null. Raises click.UsageError."""
    if given.get("every") and given.get("cron"):
        raise click.UsageError("--every and --cron exclude each other: name one")
    columns = {
        key: None if isinstance(value, str) and value in WORDS else value
        for key, value in given.items()
        if key in COLUMNS and key != "params" and value is not None
    }
    if params := dict(given.get("params") or ()):
        columns["params"] = params
    try:
        schedule = grid(given["every"]) if given.get("every") else given.get("cron")
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return columns | ({"schedule": schedule} if schedule else {})
