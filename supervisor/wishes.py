"""Fulfils what people wrote into node rows: stop, kill, and the end of waits."""

from __future__ import annotations

from psycopg.rows import DictRow

from supervisor.launchers import Launcher
from supervisor.tables import nodes, runs
from workers import events
from workers.database import Connection
from workers.states import Cause, EndedBy, NodeStatus, RunStatus


def fulfil(connection: Connection, launcher: Launcher, rows: list[DictRow]) -> None:
    """Act on the flags of nodes that run here, signals first."""
    asked = [row for row in rows if row["stop_requested"] or row["kill_requested"]]
    for row in asked:
        rung = EndedBy.KILL if row["kill_requested"] else EndedBy.SOFT
        sentence = "killed on request" if row["kill_requested"] else None
        launcher.end(row["id"], Cause.REQUESTED, sentence, rung)
    for row in asked:
        if row["node_status"] != NodeStatus.STOPPING:
            runs.latch_stop(connection, row["id"])
            nodes.set_run_status(connection, row["id"], NodeStatus.STOPPING, "asked to stop")
            events.emit("stop_seen", run_id=row["id"], node=row["source"], kill=row["kill_requested"])
    for row in rows:
        if row["status"] == RunStatus.RUNNING and row["node_status"] == NodeStatus.STARTING:
            nodes.set_run_status(connection, row["id"], NodeStatus.RUNNING)


def end_waits(connection: Connection) -> None:
    """Act on the flags of nodes that do not run: who is to stop waits no more, who was started is stopped no more."""
    for name in nodes.halt_stopped(connection):
        events.emit("node_stopped", node=name)
    nodes.wake_started(connection)
