"""`supervisor snapshot`: today's picture of nodes and jobs, and whether it is there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from supervisor.commands.common import all_or_nothing, configured, connected, json_option
from supervisor.commands.output import write, write_json
from supervisor.config import Config
from supervisor.tables import snapshots
from workers.database import Connection


@click.command()
@click.option("--check", "only_answer", is_flag=True, help="Take none; exit code 1 if today's is not there.")
@json_option
@configured
def snapshot(*, config: Config, only_answer: bool, as_json: bool) -> int:
    """Take today's snapshot now; a second one changes nothing. Days that were missed are named and stay missing."""
    with connected(config) as connection:
        found = _look(connection, config) if only_answer else _take(connection, config)
        found["missing"] = snapshots.missing_days(connection, config.snapshots.timezone)
    if as_json:
        write_json([found])
    else:
        write(_sentence(found, config))
        if found["missing"]:
            write(f"days without a snapshot: {in_words(found['missing'])}; they stay without")
    return int(found["created_at"] is None)


def _take(connection: Connection, config: Config) -> dict[str, Any]:
    with all_or_nothing(connection, config):
        taken = snapshots.take_daily_snapshots(connection, config.snapshots.timezone)
    return _facts(connection, config, taken["snapshot_date"], taken_now=taken["rows"] > 0)


def _look(connection: Connection, config: Config) -> dict[str, Any]:
    today = snapshots.read_today(connection, config.snapshots.timezone, config.snapshots.at)
    return _facts(connection, config, today["snapshot_date"], taken_now=False)


def _facts(connection: Connection, config: Config, day: date, *, taken_now: bool) -> dict[str, Any]:
    row = snapshots.read_day(connection, day) or {"created_at": None, "rows": 0}
    return {"snapshot_date": day, "timezone": config.snapshots.timezone, "taken_now": taken_now, **row}


def _sentence(found: dict[str, Any], config: Config) -> str:
    day, zone = found["snapshot_date"], config.snapshots.timezone
    if found["created_at"] is None:
        return (
            f"not there: {day} ({zone}); `supervisor run` takes it from {config.snapshots.at} on, "
            "`supervisor snapshot` now"
        )
    since = found["created_at"].astimezone(ZoneInfo(zone))
    when = "taken now" if found["taken_now"] else f"already there since {since:%H:%M:%S}"
    return f"{when}: {day} ({zone}), {found['rows']} {'row' if found['rows'] == 1 else 'rows'}"


def in_words(days: Iterable[date]) -> str:
    """Days in their order, those in a row as from and to."""
    spans: list[tuple[date, date]] = []
    for day in days:
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return ", ".join(f"{first} to {last}" if first != last else str(first) for first, last in spans)
