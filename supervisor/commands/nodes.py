"""`supervisor nodes`: the configured scrapers, one row each."""

from __future__ import annotations

from typing import Any

import click
import psycopg

from supervisor.assign import scraper_settings
from supervisor.commands import node_files, node_rows
from supervisor.commands.common import (
    Declined,
    all_or_nothing,
    configured,
    connected,
    json_option,
    living_supervisors,
    no_such_node,
    require_nodes,
)
from supervisor.commands.durations import Duration
from supervisor.commands.node_options import columns_of, node_options
from supervisor.commands.output import moment, write, write_facts, write_json, write_table
from supervisor.commands.waiting import POLL_S, wait_until
from supervisor.config import Config
from supervisor.tables import nodes as table
from supervisor.tables import runs
from workers.database import Connection
from workers.errors import ConfigError


@click.group()
def nodes() -> None:
    """Node rows: what is scraped, when, and within which limits."""


nodes.add_command(node_files.import_nodes)
nodes.add_command(node_files.export_nodes)


@nodes.command("list")
@json_option
@configured
def list_nodes(*, config: Config, as_json: bool) -> None:
    """Show every node's row."""
    with connected(config) as connection:
        rows = table.all_nodes(connection)
    if as_json:
        return write_json(rows)
    if not rows:
        return write("There are no nodes yet: add one with `supervisor nodes add`.")
    headings = ("NODE", "SCRAPER", "SCHEDULE", "TIMEOUT", "MEMORY", "PRIORITY", "ENABLED", "STATE", "NEXT")
    return write_table(
        headings,
        [
            (
                row["name"],
                row["scraper"],
                _schedule(row),
                f"{row['timeout_s']:g} s",
                f"{row['memory_mb']} MB" if row["memory_mb"] else "learned",
                row["priority"],
                "yes" if row["enabled"] else "no",
                row["status"],
                moment(row["next_run_at"]),
            )
            for row in rows
        ],
    )


def _schedule(row: dict[str, Any]) -> str:
    if not row["schedule"]:
        return "on request"
    cron = not row["schedule"].startswith("every") and row["timezone"] != "UTC"
    return f"{row['schedule']} {row['timezone']}" if cron else str(row["schedule"])


@nodes.command("show")
@click.argument("name")
@json_option
@configured
def show_node(*, config: Config, name: str, as_json: bool) -> None:
    """Show one node's row and where it would go on from."""
    with connected(config) as connection:
        require_nodes(connection, [name])
        row = table.get_node(connection, name)
        checkpoint = table.get_checkpoint(connection, name)
    facts = {**(row or {}), "checkpoint": checkpoint["state"] if checkpoint else None}
    write_json(facts) if as_json else write_facts(facts)


@nodes.command("add")
@click.argument("name")
@click.option("--scraper", required=True, help="A built-in, an entry point, or package.module:function.")
@node_options
@configured
def add_node(*, config: Config, name: str, scraper: str, **given: Any) -> None:
    """Add a node, after a look at its scraper, params and schedule."""
    row = {"name": name, "scraper": scraper, "params": {}, **columns_of(given)}
    _judge(row, config)
    with connected(config, create=True) as connection, all_or_nothing(connection, config):
        try:
            table.add_node(connection, **{key: row.get(key) for key in node_rows.COLUMNS})
        except psycopg.errors.UniqueViolation as error:
            raise ConfigError(f'node "{name}" exists already: change it with `supervisor nodes edit`') from error
    when = f"runs {_schedule({'timezone': 'UTC', **row})}" if row.get("schedule") else "runs on request"
    write(f"added {name}: {scraper}, {when}")


@nodes.command("edit")
@click.argument("name")
@click.option("--scraper", help="Another scraper.")
@click.option("--no-schedule", is_flag=True, help="Run only on request.")
@click.option("--unset", multiple=True, metavar="KEY", help="Take a param out.")
@node_options
@configured
def edit_node(
    *, config: Config, name: str, scraper: str | None, no_schedule: bool, unset: tuple[str, ...], **given: Any
) -> None:
    """Change a node; -p changes single params. A change of scraper or params drops the checkpoint."""
    changes = columns_of({**given, "scraper": scraper})
    if no_schedule and changes.get("schedule"):
        raise click.UsageError("--no-schedule excludes --every and --cron")
    if no_schedule:
        changes["schedule"] = None
    if not changes and not unset:
        raise click.UsageError("name at least one thing to change")
    with connected(config) as connection, all_or_nothing(connection, config):
        row = table.lock_nodes(connection, [name]).get(name)
        if row is None:
            raise ConfigError(no_such_node(name, table.node_names(connection)))
        if unset or "params" in changes:
            changes["params"] = _merged(row["params"], changes.get("params", {}), unset)
        _judge(node_rows.exported(row) | changes, config)
        table.edit_node(connection, name, changes)
    write(f"changed {name}: {', '.join(changes)}")


def _merged(params: dict[str, Any], changed: dict[str, Any], unset: tuple[str, ...]) -> dict[str, Any]:
    if absent := [key for key in unset if key not in params]:
        raise ConfigError(f"there is no param {', '.join(absent)}: see `supervisor nodes show`")
    return {key: value for key, value in {**params, **changed}.items() if key not in unset}


def _judge(row: dict[str, Any], config: Config) -> None:
    if lines := list(node_rows.complaints(row, scraper_settings(config))):
        raise ConfigError("\n".join(lines))


@nodes.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--force", is_flag=True, help="Stop it first, and wait for its end.")
@click.option("--wait-limit", type=Duration(), default="2m", show_default=True, help="How long to wait for that.")
@configured
def remove_node(*, config: Config, names: tuple[str, ...], force: bool, wait_limit: float) -> None:
    """Remove nodes; their runs and jobs stay."""
    with connected(config) as connection:
        require_nodes(connection, names)
        for name in dict.fromkeys(names):
            if force:
                _end(connection, config, name, wait_limit)
            _remove(connection, config, name)
            write(f"removed {name}; its runs and jobs stay")


def _remove(connection: Connection, config: Config, name: str) -> None:
    try:
        with all_or_nothing(connection, config):
            table.remove_node(connection, name)
    except psycopg.errors.CheckViolation as error:
        raise Declined(
            f'node "{name}" is running: run `supervisor stop {name} --wait` first, or remove it with --force'
        ) from error


def _end(connection: Connection, config: Config, name: str, limit_s: float) -> None:
    with all_or_nothing(connection, config):
        row = table.request_stop(connection, name)
    node_id = row["id"] if row else 0
    if runs.open_run_of(connection, node_id) and not living_supervisors(connection):
        raise Declined(
            f'node "{name}" has an open run and no supervisor is alive to end it: run `supervisor run` first'
        )
    if not wait_until(lambda: runs.open_run_of(connection, node_id) is None, limit_s, POLL_S):
        raise Declined(
            f'node "{name}" still runs after {limit_s:g} s, its stop is requested: see `supervisor status`, or end it '
            f"with `supervisor kill {name}`"
        )
