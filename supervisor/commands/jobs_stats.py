"""`supervisor jobs stats`: how many jobs there are, how much is known of them, and what could not be read."""

from __future__ import annotations

from typing import Any

import click

from supervisor.commands.common import configured, connected, json_option, require_nodes
from supervisor.commands.jobs_filters import TEXT
from supervisor.commands.output import moment, one_line, write, write_json, write_table
from supervisor.config import Config
from supervisor.job_statistics import FIELDS, PRECISIONS, gather

COUNT_HEADINGS = ("SOURCE", "JOBS", "NEW 24H", "NEW 7D", "REMOTE", "NOT", "UNKNOWN", "EXPIRED", "UNSEEN")
UNREAD_HEADINGS = ("SOURCE", "FIELD", "TIMES", "LAST (UTC)", "WHAT IT SAID")
MOST_SOURCES, MOST_COUNTRIES, MOST_SAMPLES = 25, 15, 20
NONE_YET = "There are no jobs yet: see `supervisor runs` for what the scrapes did."


@click.command("stats")
@click.option("--source", type=TEXT, metavar="NODE", help="Of this node only.")
@json_option
@configured
def show_stats(*, config: Config, source: str | None, as_json: bool) -> None:
    """Show counts by source and country, how many jobs have each field, and samples of what could not be read."""
    with connected(config) as connection:
        found = gather(connection, source)
        if source is not None and not found[0]["jobs"] and not found[0]["unread"]:
            require_nodes(connection, [source])
    if as_json:
        write_json(found)
    elif not found[0]["jobs"] and not found[0]["unread"]:
        write(NONE_YET)
    else:
        _write(found)


def _write(found: list[dict[str, Any]]) -> None:
    largest = found[: MOST_SOURCES + 1]
    write_table(COUNT_HEADINGS, [_counts(one) for one in largest])
    _write_left(len(found) - len(largest), "smaller sources")
    write(f"\ncountries  {_countries(found[0]['countries'], found[0]['jobs'])}\n")
    write_table(("SOURCE", *map(_heading, FIELDS)), [_coverage(one) for one in largest])
    write("")
    write_table(("POSTED, TO THE", *map(_heading, PRECISIONS)), [_precision(one) for one in largest])
    if unread := found[0]["unread"]:
        write("\nStated by the site and not understood:")
        shown = sorted(unread, key=lambda row: (not row["sample"], -row["count"]))[:MOST_SAMPLES]
        write_table(UNREAD_HEADINGS, [_unread(row) for row in shown])
        _write_left(len(unread) - len(shown), "more")


def _write_left(count: int, what: str) -> None:
    if count > 0:
        write(f"and {count} {what}: see `supervisor jobs stats --json`, or --source NODE")


def _name(one: dict[str, Any]) -> str:
    return "(all)" if one["source"] is None else str(one["source"])


def _heading(name: str) -> str:
    return name.upper().replace("_", " ")


def _counts(one: dict[str, Any]) -> tuple[object, ...]:
    names = ("jobs", "new_24h", "new_7d", "remote_yes", "remote_no", "remote_unknown", "expired", "unseen")
    return (_name(one), *(one[name] for name in names))


def _countries(countries: dict[str, int], jobs: int) -> str:
    shown = [f"{one_line(code)} {count}" for code, count in list(countries.items())[:MOST_COUNTRIES]]
    others = sum(list(countries.values())[MOST_COUNTRIES:])
    shown += [f"others {others}"] if others else []
    unknown = jobs - sum(countries.values())
    return ", ".join(shown + ([f"unknown {unknown}"] if unknown else [])) or "-"


def _coverage(one: dict[str, Any]) -> tuple[object, ...]:
    return (_name(one), *(_percent(one["coverage"][field]) for field in FIELDS))


def _percent(share: float | None) -> str:
    """Rounded down, so that 100% is all of them."""
    return "-" if share is None else f"{int(share * 100)}%"


def _precision(one: dict[str, Any]) -> tuple[object, ...]:
    return (_name(one), *(one["posted_precision"][name] for name in PRECISIONS))


def _unread(row: dict[str, Any]) -> tuple[object, ...]:
    seen = row.get("last_seen_at")
    return (row["source"], row["field"], row["count"], moment(seen), row["sample"] or "(others)")
