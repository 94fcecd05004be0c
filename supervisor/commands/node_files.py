"""`supervisor nodes import` and `export`: node rows as a JSON array, upserted by name, all or nothing."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from psycopg.rows import DictRow

from supervisor.assign import scraper_settings
from supervisor.commands import node_rows
from supervisor.commands.common import all_or_nothing, configured, connected
from supervisor.commands.output import as_json, say, write
from supervisor.config import Config
from supervisor.tables import nodes
from workers.database import Connection
from workers.errors import ConfigError

STANDARD = "-"


@click.command("import")
@click.argument("file", metavar="FILE")
@configured
def import_nodes(*, config: Config, file: str) -> None:
    """Add or change nodes from a JSON array in FILE, `-` for standard input.

    A node that exists keeps the columns that its object does not name.
    """
    rows = _read(file)
    _judge(rows, config)
    with connected(config, create=True) as connection, all_or_nothing(connection, config):
        present = nodes.lock_nodes(connection, [row["name"] for row in rows])
        _judge([_whole(row, present.get(row["name"])) for row in rows], config)
        verdicts = Counter(_upsert(connection, row, present.get(row["name"])) for row in rows)
    say(", ".join(f"{verdicts[word]} {word}" for word in ("added", "changed", "unchanged")))


@click.command("export")
@click.argument("file", metavar="[FILE]", default=STANDARD)
@configured
def export_nodes(*, config: Config, file: str) -> None:
    """Write all nodes as a JSON array to FILE, by default to standard output."""
    with connected(config) as connection:
        rows = [node_rows.exported(row) for row in nodes.all_nodes(connection)]
    text = as_json(rows, indent=2)
    if file == STANDARD:
        write(text)
    else:
        Path(file).write_text(f"{text}\n", encoding="utf-8")
        say(f"{len(rows)} exported to {file}")


def _read(file: str) -> list[Any]:
    content = sys.stdin.buffer.read() if file == STANDARD else Path(file).read_bytes()
    shown = "standard input" if file == STANDARD else file
    try:
        rows = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{shown}: is not JSON; correct this: {error}") from error
    if not isinstance(rows, list):
        raise ConfigError(f"{shown}: should be an array of objects; see what `supervisor nodes export` writes")
    return rows


def _judge(rows: list[Any], config: Config) -> None:
    if lines := list(_complaints(rows, config)):
        raise ConfigError("\n".join(lines))


def _whole(row: dict[str, Any], present: DictRow | None) -> dict[str, Any]:
    """The row as it will stand there: what it does not name it keeps."""
    return {"params": {}, **(node_rows.exported(present) if present else {}), **row}


def _complaints(rows: list[Any], config: Config) -> Iterator[str]:
    settings = scraper_settings(config)
    names = Counter(str(row.get("name")) for row in rows if isinstance(row, dict) and row.get("name"))
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            yield f"node {number}: should be an object"
            continue
        title = (
            f"node {number} {node_rows.shown(row['name'])}" if isinstance(row.get("name"), str) else f"node {number}"
        )
        yield from (f"{title}: {complaint}" for complaint in node_rows.complaints(row, settings))
    twice = ((node_rows.shown(name), count) for name, count in names.items() if count > 1)
    yield from (f"node {name}: stands there {count} times; keep one" for name, count in twice)


def _upsert(connection: Connection, row: dict[str, Any], present: DictRow | None) -> str:
    if present is None:
        nodes.add_node(connection, **{key: row.get(key) for key in node_rows.COLUMNS})
        return "added"
    changes = {key: value for key, value in row.items() if value != present[key]}
    if changes:
        nodes.edit_node(connection, row["name"], changes)
    return "changed" if changes else "unchanged"
