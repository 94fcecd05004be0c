"""`supervisor metrics`: how things stand and what ended lately, in numbers."""

from __future__ import annotations

import click
from psycopg.rows import DictRow

from supervisor import prometheus
from supervisor.commands.common import configured, connected, json_option, require_nodes
from supervisor.commands.durations import DURATION, short
from supervisor.commands.output import moment, one_line, write, write_json, write_table
from supervisor.config import Config
from supervisor.metrics import Metrics, as_objects, gather
from supervisor.tables import metrics as table
from workers.database import Connection

DAY_S = 86400.0
MOST_NODES = 25  # those with most failures; more would push the overview off the screen
BAR = 20  # characters
CAUSES = ("RESULT", "CAUSE", "RUNS", "SHARE", "", "NODES", "AVERAGE", "P95", "LAST (UTC)")
NODES = ("NODE", "STATUS", "RUNS", "COMPLETED", "FAILED", "ERRORS", "", "STOPPED", "SKIPPED", "CONTINUED", "AVERAGE",
         "P95", "CAUSES")  # fmt: skip


@click.command()
@click.option("--since", type=DURATION, default="24h", show_default=True, metavar="DURATION", help="Up to now.")
@click.option("--node", metavar="NAME", help="Of this node only.")
@json_option
@click.option("--prometheus", "as_prometheus", is_flag=True, help="As Prometheus reads it.")
@configured
def metrics(*, config: Config, since: float, node: str | None, as_json: bool, as_prometheus: bool) -> None:
    """Show queue, throughput, errors, durations and memory; the nodes with most failures come first."""
    if as_prometheus and (as_json or node is not None):
        raise click.UsageError("--prometheus goes without --json and --node")
    with connected(config) as connection:
        if node is not None:
            rows = _of_node(connection, since, node)
            return write_json(rows) if as_json else _write_nodes(rows)
        found = gather(connection, since)
    if as_prometheus:
        return write(prometheus.expose(found), newline=False)
    return write_json(as_objects(found)) if as_json else _write(found)


def _of_node(connection: Connection, since_s: float, node: str) -> list[DictRow]:
    rows = table.read_by_node(connection, since_s, node)
    if not rows:
        require_nodes(connection, [node])
    return rows


def _write(found: Metrics) -> None:
    for line in (*_supervisors(found.supervisors), *_now(found.now), *_ended(found.overall)):
        write(line)
    if found.causes:
        write("")
        write_table(CAUSES, [_cause(row) for row in found.causes])
    if found.nodes:
        write("")
        _write_nodes(found.nodes[:MOST_NODES])
    if (left := len(found.nodes) - MOST_NODES) > 0:
        write(f"and {left} more with fewer failures: see `supervisor metrics --json`, or --node NAME for one of them")


def _supervisors(rows: list[DictRow]) -> list[str]:
    if not rows:
        return ["supervisor   none is alive: run `supervisor run`"]
    return [f"supervisor   {_supervisor(row)}" for row in rows]


def _supervisor(row: DictRow) -> str:
    memory = "memory not yet told"
    if row["memory_available_mb"] is not None and row["memory_limit_mb"] is not None:
        memory = (
            f"memory {row['memory_available_mb']:.0f} of {row['memory_limit_mb']:.0f} MB available "
            f"({row['memory_source']}), {row['memory_reserved_mb'] or 0:.0f} MB promised"
        )
    own = f"itself {row['rss_mb'] or 0:.0f} MB, {row['fds'] or '?'} fds, {row['threads'] or '?'} threads"
    who = f"pid {row['pid']} on {row['host'][:12]}, seen {short(row['seen_age_s'])} ago"
    return one_line(f"{who}; {row['running']} running; {memory}; {own}")


def _now(row: DictRow) -> list[str]:
    oldest = f", the first since {short(row['oldest_wait_s'])}" if row["oldest_wait_s"] is not None else ""
    return [
        (
            f"nodes        {row['nodes']}: {row['processing']} processing, {row['queued']} queued{oldest}, "
            f"{row['retrying']} of them for a retry; {row['nodes_paused']} paused, {row['nodes_stopped']} stopped, "
            f"{row['nodes_disabled']} disabled"
        ),
        f"troubles     {row['dead_letters_open']} dead letters open, {row['breakers_open']} breakers open",
    ]


def _ended(row: DictRow) -> list[str]:
    return [
        (
            f"last {short(row['window_s']):<7} {row['total']} runs ended: {row['completed']} completed, "
            f"{row['failed']} failed, {row['stopped']} stopped, {row['skipped']} skipped, {row['continued']} continued"
        ),
        (
            f"             {row['per_minute']:.2f} results a minute, error rate {_percent(row['error_rate'])}, "
            f"average {short(row['average_s'])}, p95 {short(row['p95_s'])}"
        ),
    ]


def _cause(row: DictRow) -> tuple[object, ...]:
    return (
        row["result"],
        row["cause"],
        row["runs"],
        _percent(row["share"]),
        _bar(row["share"]),
        row["nodes"],
        short(row["average_s"]),
        short(row["p95_s"]),
        moment(row["last_at"]),
    )


def _write_nodes(rows: list[DictRow]) -> None:
    write_table(NODES, [_node(row) for row in rows])


def _node(row: DictRow) -> tuple[object, ...]:
    causes = sorted(row["causes"].items(), key=lambda item: -item[1])
    return (
        row["node"],
        row["status"] or "removed",
        row["total"],
        row["completed"],
        row["failed"],
        _percent(row["error_rate"]),
        _bar(row["error_rate"]),
        row["stopped"],
        row["skipped"],
        row["continued"],
        short(row["average_s"]),
        short(row["p95_s"]),
        ", ".join(f"{runs} {cause}" for cause, runs in causes),
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _bar(share: float | None) -> str:
    """A picture of a share; whatever is above nothing shows."""
    length = 0 if not share else max(1, round(share * BAR))
    return "#" * length + "." * (BAR - length)
