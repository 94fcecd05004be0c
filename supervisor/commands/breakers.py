"""`supervisor breakers`: hosts that keep failing, and are left alone for a while."""

from __future__ import annotations

import re
from difflib import get_close_matches

import click
from psycopg.rows import DictRow

from supervisor.commands.common import all_or_nothing, configured, connected, json_option
from supervisor.commands.output import moment, one_line, write, write_json, write_table
from supervisor.config import Config
from supervisor.tables import hosts as table
from workers.errors import ConfigError

NONE_OPEN = "No host is left alone: every circuit breaker is closed."
HEADINGS = ("HOST", "STATE", "FAILURES", "OPENED", "OPEN UNTIL (UTC)", "PROBED BY", "NODES WAITING", "LAST ERROR")


@click.group()
def breakers() -> None:
    """Hosts that keep failing: who is left alone, until when, and why."""


@breakers.command("list")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@json_option
@configured
def list_breakers(*, config: Config, everything: bool, as_json: bool) -> None:
    """Show hosts that are left alone or on trial; OPENED counts openings in a row."""
    with connected(config) as connection:
        rows = table.list_breakers(connection, everything=everything)
    if as_json:
        return write_json(rows)
    return write_table(HEADINGS, map(_cells, rows)) if rows else write(NONE_OPEN)


@breakers.command("close")
@click.argument("names", nargs=-1, metavar="HOST...")
@click.option("--all", "everything", is_flag=True, help="Every one that is not closed.")
@configured
def close(*, config: Config, names: tuple[str, ...], everything: bool) -> None:
    """Let hosts be asked again at once, and forget their failures; a name without a port means all its ports."""
    if bool(names) == everything:
        raise click.UsageError("name hosts, or give --all")
    hosts = None if everything else [name.lower() for name in dict.fromkeys(names)]
    with connected(config) as connection, all_or_nothing(connection, config):
        rows = table.close_breakers(connection, hosts)
        found = {name for row in rows for name in (row["host"], re.sub(r":\d+$", "", row["host"]))}
        if unknown := [name for name in hosts or [] if name not in found]:
            known = table.breaker_hosts(connection)
            raise ConfigError("\n".join(_no_such_host(name, known) for name in unknown))
    for row in sorted(rows, key=lambda row: str(row["host"])):
        was = "had been closed" if row["was"] == "closed" else "is closed"
        write(f"{one_line(row['host'])}: {was}; it may be asked again")
    if not rows:
        write(NONE_OPEN)


def _cells(row: DictRow) -> tuple[object, ...]:
    return (
        row["host"],
        row["state"],
        row["failures"],
        row["openings"],
        moment(row["open_until"]),
        f"run {row['probe_run_id']}" if row["state"] == "half_open" and row["probe_run_id"] else None,
        ", ".join(row["waiting_nodes"]),
        row["last_error"],
    )


def _no_such_host(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "see `supervisor breakers list --all`"
    return f'there is no circuit breaker of "{name}": {hint}'
