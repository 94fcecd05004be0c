"""`supervisor runs`: what became of every run, or of every source."""

from __future__ import annotations

from typing import Any

import click
from psycopg.rows import DictRow

from supervisor.commands.common import configured, connected, json_option, require_nodes
from supervisor.commands.durations import short
from supervisor.commands.output import moment, one_line, write, write_json, write_table
from supervisor.config import Config
from supervisor.tables import pages
from supervisor.tables import runs as table
from workers.database import Connection
from workers.errors import ConfigError
from workers.states import Cause, RunStatus

NONE_YET = "There are no such runs."
HEADINGS = ("RUN", "NODE", "STARTED (UTC)", "TOOK", "STATUS", "CAUSE", "TRY", "PAGES", "JOBS", "NEW", "PEAK MB", "WHAT")
PAGE_HEADINGS = ("ID", "YIELD", "STATUS", "HTTP", "MS", "BYTES", "JOBS", "AT (UTC)", "URL", "ERROR")
PAGE_KEYS = ("id", "page_no", "status", "http_status", "elapsed_ms", "bytes", "postings")
RUN_STATUSES = [str(status) for status in RunStatus]
PAGE_STATUSES = list(pages.STATUSES)
MOST_RUNS = 50
MOST_PAGES = 100
ID = click.IntRange(1, 2**63 - 1)


@click.command()
@click.argument("node", required=False)
@click.option(
    "--status", type=click.Choice(list(dict.fromkeys([*RUN_STATUSES, *PAGE_STATUSES]))), help="Only of this status."
)
@click.option("--cause", type=click.Choice([str(cause) for cause in Cause]), help="Only of this cause.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), help="At most so many; 50 runs, 100 pages.")
@click.option("--by-source", is_flag=True, help="Last run, last ten errors and streaks of each source.")
@click.option("--pages", "run_id", type=ID, metavar="RUN", help="What this run fetched, a hundred pages at a time.")
@click.option("--after", type=ID, metavar="ID", help="With --pages: those behind the page of this id.")
@json_option
@configured
def runs(*, config: Config, node: str | None, by_source: bool, run_id: int | None, as_json: bool, **given: Any) -> None:
    """Show runs, newest first; TRY is attempt.part, JOBS are postings found."""
    check_options(node=node, by_source=by_source, run_id=run_id, **given)
    with connected(config) as connection:
        if run_id is not None:
            return _show_pages(connection, run_id, given, as_json=as_json)
        if by_source:
            rows = table.runs_by_source(connection, node)
        else:
            limit = given["limit"] or MOST_RUNS
            rows = table.list_runs(connection, source=node, status=given["status"], cause=given["cause"], limit=limit)
        _know(connection, node, rows)
    if as_json:
        return write_json(rows)
    if not rows:
        return write(NONE_YET)
    return _write_sources(rows) if by_source else write_table(HEADINGS, [_cells(row) for row in rows])


def check_options(
    *,
    node: str | None,
    by_source: bool,
    run_id: int | None,
    status: str | None,
    cause: str | None,
    after: int | None,
    limit: int | None,
) -> None:
    """Raise UsageError for what does not go together."""
    if by_source and (status or cause or limit):
        raise click.UsageError("--by-source goes without --status, --cause and --limit")
    if run_id is None:
        if after is not None:
            raise click.UsageError("--after goes with --pages")
        if status is not None and status not in RUN_STATUSES:
            raise click.UsageError(f"no run is {status}, only a page can be: name the run with --pages")
    elif node or by_source or cause:
        raise click.UsageError("--pages goes with --status, --after and --limit only")
    elif status is not None and status not in PAGE_STATUSES:
        raise click.UsageError(f"no page is {status}: it is {', '.join(PAGE_STATUSES)}")


def _show_pages(connection: Connection, run_id: int, given: dict[str, Any], *, as_json: bool) -> None:
    limit = given["limit"] or MOST_PAGES
    after = given["after"] or 0
    rows = pages.list_pages(connection, run_id, status=given["status"], after=after, limit=limit)
    if not rows and table.get_run(connection, run_id) is None:
        raise ConfigError(f"there is no run {run_id}: see `supervisor runs`")
    if as_json:
        return write_json(rows)
    if not rows:
        return write("There are no such pages." if after == 0 else "There are no more such pages.")
    write_table(PAGE_HEADINGS, [_page(row) for row in rows])
    if len(rows) == limit:
        write(f"There may be more: add --after {rows[-1]['id']}.")
    return None


def _page(row: DictRow) -> tuple[object, ...]:
    return (*(row[key] for key in PAGE_KEYS), moment(row["at"]), row["url"], row["error"])


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
