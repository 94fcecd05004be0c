"""`supervisor runs`: what became of every run, or of every source."""

from __future__ import annotations

import click
from psycopg.rows import DictRow

from supervisor.commands.common import configured, connected, json_option, require_nodes
from supervisor.commands.durations import short
from supervisor.commands.output import moment, one_line, write, write_json, write_table
from supervisor.config import Config
from supervisor.tables import runs as table
from workers.database import Connection
from workers.states import Cause, RunStatus

NONE_YET = "There are no such runs."
HEADINGS = ("RUN", "NODE", "STARTED (UTC)", "TOOK", "STATUS", "CAUSE", "TRY", "PAGES", "JOBS", "NEW", "PEAK MB", "WHAT")


@click.command()
@click.argument("node", required=False)
@click.option("--status", type=click.Choice([str(status) for status in RunStatus]), help="Only of this status.")
@click.option("--cause", type=click.Choice([str(cause) for cause in Cause]), help="Only of this cause.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="At most so many.")
@click.option("--by-source", is_flag=True, help="Last run, last ten errors and streaks of each source.")
@json_option
@configured
def runs(*, config: Config, node: str | None, by_source: bool, as_json: bool, **given: object) -> None:
    """Show runs, newest first; TRY is attempt.part, JOBS are postings found."""
    status, cause, limit = given["status"], given["cause"], given["limit"]
    if by_source and (status or cause):
        raise click.UsageError("--by-source goes without --status and --cause")
    with connected(config) as connection:
        if by_source:
            rows = [row for row in table.runs_by_source(connection) if node in (None, row["source"])]
        else:
            rows = table.list_runs(
                connection,
                source=node,
                status=str(status) if status else None,
                cause=str(cause) if cause else None,
                limit=int(str(limit)),
            )
        _know(connection, node, rows)
    if as_json:
        return write_json(rows)
    if not rows:
        return write(NONE_YET)
    return _write_sources(rows) if by_source else write_table(HEADINGS, [_cells(row) for row in rows])


def _know(connection: Connection, node: str | None, rows: list[DictRow]) -> None:
    """Runs outlive their node, so only a name without runs must be that of a node."""
    if node is not None and not rows and table.newest_run_of(connection, node) is None:
        require_nodes(connection, [node])


def _cells(row: DictRow) -> tuple[object, ...]:
    return (
        row["id"],
        row["source"],
        moment(row["started_at"]),
        short(row["duration_s"]) if row["attempt"] else None,
        row["status"],
        row["cause"],
        f"{row['attempt']}.{row['part']}" if row["attempt"] else None,
        row["pages_count"],
        row["fetched_count"],
        row["inserted_count"],
        row["peak_rss_mb"],
        row["error"] or row["stage"],
    )


def _write_sources(rows: list[DictRow]) -> None:
    headings = ("SOURCE", "LAST RUN", "STARTED (UTC)", "STATUS", "CAUSE", "JOBS", "FAILED IN A ROW", "SKIPPED IN A ROW")
    keys = (
        "source",
        "last_run_id",
        "last_started_at",
        "last_status",
        "last_cause",
        "last_fetched_count",
        "failed_streak",
        "skipped_streak",
    )
    write_table(headings, [[moment(row[key]) if key.endswith("_at") else row[key] for key in keys] for row in rows])
    for row in rows:
        for error in row["last_errors"]:
            at = str(error["at"])[:19].replace("T", " ")
            write(
                f"{one_line(row['source'])}  {at}  run {error['run_id']}  {error['cause']}  {one_line(error['error'])}"
            )
