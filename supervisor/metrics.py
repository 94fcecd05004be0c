"""The figures of the whole, of its nodes and of its supervisors, read together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow

from supervisor.tables import metrics as table
from workers.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """Rows of the metrics views."""

    now: DictRow  # how things stand
    overall: DictRow  # what ended within the window
    causes: list[DictRow]  # the same by cause
    nodes: list[DictRow]  # the same by node
    supervisors: list[DictRow]  # those seen within a minute


def gather(connection: Connection, since_s: float) -> Metrics:
    """Everything, of what ended within the last `since_s` seconds."""
    return Metrics(
        now=table.read_now(connection),
        overall=table.read_overall(connection, since_s),
        causes=table.read_by_cause(connection, since_s),
        nodes=table.read_by_node(connection, since_s),
        supervisors=table.read_supervisors(connection),
    )


def as_objects(metrics: Metrics) -> list[dict[str, Any]]:
    """The whole, whose `node` is None, then each node; `causes` is cause → runs in all of them."""
    causes = {row["cause"]: row["runs"] for row in metrics.causes}
    whole = {"node": None, **metrics.now, **metrics.overall, "causes": causes}
    return [{**whole, "by_cause": metrics.causes, "supervisors": metrics.supervisors}, *metrics.nodes]
