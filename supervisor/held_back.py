"""Nodes that do not start now: what they wait for, or why their tick is passed over, written into their rows."""

from __future__ import annotations

from datetime import datetime

from psycopg.rows import DictRow

from supervisor import decide
from supervisor.schedule import parse_schedule
from supervisor.tables import nodes, runs
from workers import events
from workers.database import Connection
from workers.plain import to_jsonb
from workers.states import Cause


def hold_off(connection: Connection, row: DictRow, due: datetime, decision: decide.Wait) -> None:
    """The node waits; said once for each kind of wait. `due`: since when."""
    tick = None if row["open_tick"] is not None or row["run_requested"] else row["next_run_at"]
    cause = str(decision.cause)
    says = (row["status"], row["status_reason"], row["waiting_tick"], row["waiting_cause"])
    if says == ("waiting", decision.reason, tick, cause):
        return  # hundreds may wait for a slot, each look anew
    written = nodes.set_waiting(connection, id=row["id"], reason=decision.reason, tick=tick, cause=cause, since=due)
    if written and (row["status"], row["waiting_cause"]) != ("waiting", cause):
        events.emit("node_waits", node=row["name"], cause=cause, reason=decision.reason)


def refuse(connection: Connection, row: DictRow, due: datetime, decision: decide.Refuse) -> None:
    """The tick is passed over, with a skipped row; one that has begun waits instead."""
    if row["open_tick"] is not None:
        hold_off(connection, row, due, decide.Wait(cause=decision.cause, reason=decision.reason))
        return
    if row["run_requested"]:
        nodes.skip_request(connection, row["id"], str(decision.cause), decision.reason)
    else:
        _pass_over(connection, row, decision)
    nodes.set_note(connection, row["id"], decision.reason)
    events.emit("node_refused", node=row["name"], cause=str(decision.cause), reason=decision.reason)


def decision_of(verdict: str, row: DictRow) -> decide.Wait | None:
    """What the answer to a claim that was not granted means for the node; None: nothing that it could be told."""
    if verdict == "lease_held":
        until = f" until {row['lease_until']:%H:%M:%S} UTC" if row["lease_live"] else ""
        reason = f"lease: held by {row['lease_owner']}{until}" if row["lease_owner"] else "lease: held by another"
        return decide.Wait(cause=Cause.LEASE_HELD, reason=reason)
    if verdict == "no_memory":
        reason = "memory: what is free has been promised to another supervisor in this container"
        return decide.Wait(cause=Cause.NO_MEMORY, reason=reason)
    if verdict == "grace":
        reason = "lease: the database has just started, its holder may still renew"
        return decide.Wait(cause=Cause.LEASE_HELD, reason=reason)
    return None


def _pass_over(connection: Connection, row: DictRow, decision: decide.Refuse) -> None:
    schedule = parse_schedule(row["schedule"], row["timezone"])
    tick = {"tick": row["next_run_at"], "cause": str(decision.cause), "error": decision.reason, "tick_count": 1}
    following = schedule.after(row["next_run_at"], row["created_at"])
    runs.pass_over_ticks(
        connection, node_id=row["id"], expected=row["next_run_at"], next=following, rows=to_jsonb([tick])
    )
