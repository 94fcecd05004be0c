"""`supervisor logs`: what runs say."""

from __future__ import annotations

import time
from collections.abc import Iterable

import click
from psycopg.rows import DictRow

from supervisor.commands.common import configured, connected, json_option, require_nodes
from supervisor.commands.following import look_until_interrupted
from supervisor.commands.output import STYLES, as_json, moment, one_line, write, write_json
from supervisor.config import Config
from supervisor.tables import logs as table
from supervisor.tables import runs
from workers.database import Connection
from workers.errors import ConfigError

FOLLOW_S = 0.5
_COLOURS = {"green": "green", "red": "red", "yellow": "yellow"}


class Tail:
    """Which lines are new. Ids are given before the commit, so a smaller one may appear after a larger one."""

    SETTLED_S = 10.0  # no line's transaction takes longer from its id to its commit

    def __init__(self) -> None:
        """Nothing has been seen; `floor` is the id up to which nothing new can appear."""
        self.floor = 0
        self._seen: dict[int, float] = {}

    def fresh(self, rows: Iterable[DictRow], now: float) -> list[DictRow]:
        """Those of the rows that were not among earlier ones."""
        new = [row for row in rows if row["id"] not in self._seen]
        self._seen |= {row["id"]: now for row in new}
        if settled := [number for number, at in self._seen.items() if now - at > self.SETTLED_S]:
            self.floor = max(self.floor, *settled)
            self._seen = {number: at for number, at in self._seen.items() if number > self.floor}
        return new


@click.command()
@click.argument("node", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--run", "run_id", type=click.IntRange(1, 2**63 - 1), metavar="ID", help="Only of this run.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="The newest so many.")
@json_option
@configured
def logs(*, config: Config, node: str | None, follow: bool, run_id: int | None, limit: int, as_json: bool) -> None:
    """Show the newest lines of the logs, oldest first; times are UTC."""
    with connected(config) as connection:
        _know(connection, node, run_id)
        rows = table.read_logs(connection, source=node, run_id=run_id, limit=limit)
    if not follow:
        if as_json:
            write_json(rows)
        else:
            _write_lines(rows)
        return
    tail = Tail()
    first = tail.fresh(rows, time.monotonic())
    tail.floor = min((row["id"] for row in rows), default=0) - 1
    show = _write_json_lines if as_json else _write_lines
    show(first)

    def look(connection: Connection) -> None:
        show(tail.fresh(table.follow_logs(connection, after=tail.floor, source=node, run_id=run_id), time.monotonic()))

    look_until_interrupted(config, look, FOLLOW_S)


def _know(connection: Connection, node: str | None, run_id: int | None) -> None:
    if run_id is not None and runs.get_run(connection, run_id) is None:
        raise ConfigError(f"there is no run {run_id}: see `supervisor runs`")
    if node is not None and runs.newest_run_of(connection, node) is None:
        require_nodes(connection, [node])


def _write_json_lines(rows: list[DictRow]) -> None:
    for row in rows:
        write_json(row, line=True)


def _write_lines(rows: list[DictRow]) -> None:
    for row in rows:
        facts = f" {as_json(row['facts'])}" if row["facts"] else ""
        level = click.style(
            f"{row['level']:<7}", fg=_COLOURS.get(STYLES.get(row["level"], "")), dim=row["level"] == "debug"
        )
        text = one_line(f"{row['event']}  {row['message'] or ''}{facts}")
        write(f"{moment(row['at'])}  {level}  {one_line(row['source'])} {row['run_id']}  {text}")
