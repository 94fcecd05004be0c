"""Queries on nodes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one

_SQL = queries.load("nodes")
# The columns of a new node that have a default, all left to it.
BLANK: dict[str, Any] = dict.fromkeys(
    ("schedule timezone jitter_s priority timeout_s stall_s memory_mb data_limit max_attempts gap_s gap_jitter_s "
     "proxy_pool location_pool pause_after enabled").split()
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """One look at all nodes."""

    rows: list[DictRow]  # of nodes about which something has to be decided now
    coming_s: float | None  # until the next tick or retry; None: none is planned
    waits_over: bool  # whether a node waits that was asked to stop, or one is stopped that was asked to start


def read_due(connection: Connection, supervisor_id: str, peaks: int = 0) -> Due:
    """Nodes about which something has to be decided now, and when to look again; with their newest `peaks` (MB)."""
    rows = fetch_all(connection, _SQL["read_due"], supervisor_id=supervisor_id, peaks=peaks)
    first = rows[0]  # there is always one
    due = [row for row in rows if row["id"] is not None]
    return Due(rows=due, coming_s=first["coming_s"], waits_over=first["waits_over"])


def set_next_run(connection: Connection, **parameters: Any) -> bool:
    """Write a node's next tick unless its row has changed meanwhile; True if it was written."""
    return connection.execute(_SQL["set_next_run"], parameters).rowcount > 0


def pause_node(connection: Connection, **parameters: Any) -> bool:
    """Set a node aside until its row changes; True if it was not so before."""
    return connection.execute(_SQL["pause_node"], parameters).rowcount > 0


def set_waiting(connection: Connection, **parameters: Any) -> bool:
    """Say what a due node waits for; True if that is new."""
    return connection.execute(_SQL["set_waiting"], parameters).rowcount > 0


def set_run_status(connection: Connection, run_id: int, status: str, reason: str | None = None) -> None:
    """Show a run of this supervisor at its node."""
    connection.execute(_SQL["set_run_status"], {"run_id": run_id, "status": status, "reason": reason})


def halt_stopped(connection: Connection) -> list[str]:
    """End waits and back-offs of nodes asked to stop; returns their names."""
    return [row["name"] for row in fetch_all(connection, _SQL["halt_stopped"])]


def wake_started(connection: Connection) -> list[str]:
    """Make idle what is no longer stopped; returns names."""
    return [row["name"] for row in fetch_all(connection, _SQL["wake_started"])]


def count_ready(connection: Connection) -> DictRow:
    """`nodes` and how many of them are `ready`."""
    return fetch_one(connection, _SQL["count_ready"]) or {"nodes": 0, "ready": 0}


def list_nodes(connection: Connection) -> list[DictRow]:
    """Every node with its open run, newest figures and next tick, by name."""
    return fetch_all(connection, _SQL["list_nodes"])


def get_node(connection: Connection, name: str) -> DictRow | None:
    """One node."""
    return fetch_one(connection, _SQL["get_node"], name=name)


def add_node(connection: Connection, **columns: Any) -> DictRow:
    """A new node; None keeps a column's default."""
    columns["params"] = json.dumps(columns.get("params") or {})
    row = fetch_one(connection, _SQL["add_node"], **columns)
    return row or {}


def edit_node(connection: Connection, name: str, changes: dict[str, Any]) -> DictRow | None:
    """Change the named columns; None if there is no such node."""
    return fetch_one(connection, _SQL["edit_node"], name=name, changes=json.dumps(changes))


def remove_node(connection: Connection, name: str) -> bool:
    """Remove a node; runs and jobs stay."""
    return fetch_one(connection, _SQL["remove_node"], name=name) is not None


def request_start(connection: Connection, name: str) -> DictRow | None:
    """Clear stop and pause and enable."""
    return fetch_one(connection, _SQL["request_start"], name=name)


def request_stop(connection: Connection, name: str) -> DictRow | None:
    """Ask for a soft stop."""
    return fetch_one(connection, _SQL["request_stop"], name=name)


def request_kill(connection: Connection, name: str) -> DictRow | None:
    """Ask for the end of the process tree, at once."""
    return fetch_one(connection, _SQL["request_kill"], name=name)


def request_run(connection: Connection, name: str) -> DictRow | None:
    """Ask for a run now."""
    return fetch_one(connection, _SQL["request_run"], name=name)


def drop_checkpoint(connection: Connection, name: str) -> None:
    """Forget where a node would go on from."""
    connection.execute(_SQL["drop_checkpoint"], {"name": name})


def get_checkpoint(connection: Connection, name: str) -> DictRow | None:
    """Where a node would go on from."""
    return fetch_one(connection, _SQL["get_checkpoint"], name=name)


def set_note(connection: Connection, node_id: int, reason: str) -> None:
    """Leave a sentence at an idle node."""
    connection.execute(_SQL["set_note"], {"id": node_id, "reason": reason})


def skip_request(connection: Connection, node_id: int, cause: str, error: str) -> None:
    """Answer a requested run with a skipped row."""
    connection.execute(_SQL["skip_request"], {"id": node_id, "cause": cause, "error": error})


def read_open_ticks(connection: Connection, node_ids: list[int], *, patient: bool) -> set[int]:
    """Which of these nodes have a tick in hand; without patience, only those that do not wait for room."""
    return {row["id"] for row in fetch_all(connection, _SQL["read_open_ticks"], ids=node_ids, patient=patient)}


def all_nodes(connection: Connection) -> list[DictRow]:
    """Every node's row, by name."""
    return fetch_all(connection, _SQL["all_nodes"])


def lock_nodes(connection: Connection, names: list[str]) -> dict[str, DictRow]:
    """Name → row of those that exist, held until the end of the transaction."""
    return {row["name"]: row for row in fetch_all(connection, _SQL["lock_nodes"], names=names)}


def node_names(connection: Connection) -> list[str]:
    """Every node's name."""
    return [row["name"] for row in fetch_all(connection, _SQL["node_names"])]
