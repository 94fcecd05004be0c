"""`supervisor status`: every node at a glance."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

import click
from psycopg.rows import DictRow

from supervisor.commands.common import configured, connected, json_option, living_supervisors
from supervisor.commands.durations import short
from supervisor.commands.following import look_until_interrupted
from supervisor.commands.output import make_table, say, write, write_json, write_table
from supervisor.config import Config
from supervisor.memory import read_memory
from supervisor.tables import nodes, supervisors
from workers.database import Connection

WATCH_S = 1.0
NOBODY = "no supervisor is alive: run `supervisor run`"
HEADINGS = ("NODE", "STATE", "RUN", "TRY", "PID", "MEMORY", "BEAT", "PAGES", "JOBS", "NEW", "NEXT", "WHY")


@click.command()
@click.option("--watch", is_flag=True, help="Repaint every second until Ctrl-C.")
@json_option
@configured
def status(*, config: Config, watch: bool, as_json: bool) -> None:
    """Show every node: state and why, run, pid, memory, age of heartbeat, counts, next run.

    TRY is attempt.part. PAGES, JOBS (postings found) and NEW are those of the present run, else of the last one.
    """
    if watch:
        with _painter(as_json=as_json) as paint:
            look_until_interrupted(config, lambda connection: paint(connection, config), WATCH_S)
        return
    with connected(config) as connection:
        rows = nodes.list_nodes(connection)
        alive = living_supervisors(connection)
        now = supervisors.clock(connection)["now_at"]
    if as_json:
        write_json(rows)
        if not alive:
            say(NOBODY)
        return
    write(header(alive, config))
    if rows:
        write_table(HEADINGS, cells(rows, now))
    else:
        write(_empty())


Paint = Callable[[Connection, Config], None]


def _painter(*, as_json: bool) -> AbstractContextManager[Paint]:
    if as_json:
        return nullcontext(_paint_json)
    return _Screen() if sys.stdout.isatty() else nullcontext(_paint_plain)


def _paint_json(connection: Connection, _config: Config) -> None:
    """A line for each node, with the time of the look."""
    now = supervisors.clock(connection)["now_at"]
    for row in nodes.list_nodes(connection):
        write_json({"looked_at": now, **row}, line=True)


def _paint_plain(connection: Connection, config: Config) -> None:
    now = supervisors.clock(connection)["now_at"]
    write(f"{now:%Y-%m-%d %H:%M:%S} UTC  {header(living_supervisors(connection), config)}")
    write_table(HEADINGS, cells(nodes.list_nodes(connection), now))
    write("")


class _Screen(AbstractContextManager[Paint]):
    """A terminal that is painted over."""

    def __init__(self) -> None:
        from rich.live import Live

        self._live = Live(auto_refresh=False)

    def __enter__(self) -> Paint:
        self._live.__enter__()
        return self._paint

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def _paint(self, connection: Connection, config: Config) -> None:
        from rich.console import Group
        from rich.text import Text

        rows = nodes.list_nodes(connection)
        now = supervisors.clock(connection)["now_at"]
        top = Text(header(living_supervisors(connection), config))
        body = make_table(HEADINGS, cells(rows, now)) if rows else Text(_empty())
        self._live.update(Group(top, body), refresh=True)


def header(alive: list[DictRow], config: Config) -> str:
    """Who is alive, and what memory is left."""
    if not alive:
        reading = read_memory(config.memory.cgroup_root, config.memory.proc_root)
        return f"WARNING: {NOBODY} | {_memory(reading.available_mb, reading.limit_mb, reading.source)}"
    newest = alive[0]
    noun = "supervisor" if len(alive) == 1 else "supervisors"
    who = ", ".join(f"pid {row['pid']} on {row['host'][:12]}, seen {short(row['seen_age_s'])} ago" for row in alive)
    memory = (newest["memory_available_mb"], newest["memory_limit_mb"], newest["memory_source"])
    told = _memory(*memory) if memory[0] is not None and memory[1] is not None else "memory not yet told"
    return f"{len(alive)} {noun} alive ({who}) | {told}"


def _memory(available_mb: float, limit_mb: float, source: str | None) -> str:
    return f"memory: {available_mb:.0f} MB of {limit_mb:.0f} MB available ({source or 'unknown source'})"


def cells(rows: list[DictRow], now: datetime) -> list[tuple[object, ...]]:
    """The table's rows."""
    return [
        (
            row["name"],
            row["status"],
            row["run_id"] or row["last_run_id"],
            f"{row['attempt']}.{row['part']}" if row["run_id"] else None,
            row["pid"],
            _weight(row),
            short(row["heartbeat_age_s"]) if row["run_id"] else None,
            row["pages_count"] if row["run_id"] else row["last_pages_count"],
            row["fetched_count"] if row["run_id"] else row["last_fetched_count"],
            row["inserted_count"] if row["run_id"] else row["last_inserted_count"],
            _next(row, now),
            _why(row, now),
        )
        for row in rows
    ]


def _weight(row: DictRow) -> str | None:
    if not row["run_id"] or row["budget_mb"] is None:
        return None
    measured = "?" if row["measured_mb"] is None else f"{row['measured_mb']:.0f}"
    return f"{measured}/{row['budget_mb']} MB"


def _next(row: DictRow, now: datetime) -> str | None:
    moments = [row["retry_at"], row["next_run_at"] if row["enabled"] else None]
    known = [moment for moment in moments if moment is not None]
    if not known or row["stop_requested"]:
        return "now" if row["run_requested"] and not row["stop_requested"] else None
    left_s = (min(known) - now).total_seconds()
    return f"in {short(left_s)}" if left_s > 0 else "now"


def _why(row: DictRow, now: datetime) -> str | None:
    """The loop's reason, else what the run is at, else how the last run ended."""
    parts: list[str] = [row["status_reason"]] if row["status_reason"] else []
    if row["run_id"]:
        parts += _progress(row)
    elif not parts and row["last_status"]:
        age = short((now - row["last_finished_at"]).total_seconds())
        parts.append(f"last run {row['last_status']}/{row['last_cause']} {age} ago")
        parts += [row["last_error"]] if row["last_status"] == "error" and row["last_error"] else []
    if not row["enabled"]:
        parts.append("disabled")
    return "; ".join(parts) or None


def _progress(row: dict[str, Any]) -> list[str]:
    parts = [row["stage"]] if row["stage"] else []
    if row["progress_done"] is not None:
        of = f" of {row['progress_total']}" if row["progress_total"] is not None else ""
        parts.append(f"{row['progress_done']}{of}")
    return parts


def _empty() -> str:
    return "There are no nodes yet: add one with `supervisor nodes add`."
