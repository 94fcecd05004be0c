"""Boot assumes dirt: what a supervisor that is provably gone left behind is killed and closed; a stranger lives."""

from __future__ import annotations

import os
import signal

from psycopg.rows import DictRow

from supervisor import processes
from supervisor.config import Config
from supervisor.scopes import only_this
from supervisor.tables import runs, supervisors
from workers import events
from workers.database import Connection
from workers.processes import OWNER_NAME, TAG_NAME, Identity, boot_id, pid_namespace, start_ticks, tag_of
from workers.states import Cause


def sweep(connection: Connection, config: Config, supervisor_id: str) -> int:
    """Close open runs of dead supervisors of this boot and pid namespace; returns how many."""
    for row in supervisors.dead_candidates(connection, boot_id=boot_id(), pid_ns=pid_namespace(), id=supervisor_id):
        here = Identity(boot_id=boot_id(), pid_ns=pid_namespace(), pid=row["pid"], start_ticks=row["start_ticks"])
        if processes.is_provably_gone(here):
            processes.kill_tagged(str(row["id"]))
            supervisors.leave(connection, row["id"])
    closed = 0
    for row in runs.read_open_of_others(connection, supervisor_id):
        if _owner_is_gone(row):
            with only_this(connection, row["source"]):  # its node's row may be held; its lease runs out meanwhile
                closed += _close(connection, config, row)
    return closed


def close_expired(connection: Connection, config: Config, supervisor_id: str) -> int:
    """Close open runs whose lease has run out, wherever their supervisor was."""
    closed = 0
    for row in runs.read_expired(connection, supervisor_id, config.supervisor.lease_s):
        attempts = row["max_attempts"] or config.retry.attempts
        with only_this(connection, row["source"]):
            verdict = runs.close_lost_run(connection, row["id"], attempts)
            if verdict in runs.CLOSED:
                events.emit("run_rescued", run_id=row["id"], node=row["source"])
                tell_buried(row, verdict)
                closed += 1
    return closed


def tell_buried(row: DictRow, verdict: str) -> None:
    """Raise the event of a dead letter, if closing that run wrote one, and of the pause that followed."""
    if verdict in runs.BURIED:
        sentence = "its run was lost too often without a new page, or said so itself before its supervisor was gone"
        events.emit("dead_letter", run_id=row["id"], node=row["source"], cause=str(Cause.LOST), error=sentence)
    if verdict == "paused":
        events.emit("node_paused", node=row["source"], reason="too many dead letters in a row")


def _owner_is_gone(row: DictRow) -> bool:
    return processes.is_provably_gone(
        Identity(
            boot_id=row["supervisor_boot_id"],
            pid_ns=row["supervisor_pid_ns"],
            pid=row["supervisor_pid"],
            start_ticks=row["supervisor_start_ticks"],
        )
    )


def _close(connection: Connection, config: Config, row: DictRow) -> int:
    killed = _kill_if_it_is_the_one(row)
    sentence = "lost: its supervisor died; it goes on from its checkpoint"
    verdict = runs.close_lost_run(connection, row["id"], row["max_attempts"] or config.retry.attempts, sentence)
    events.emit("run_recovered", run_id=row["id"], node=row["source"], killed=killed, verdict=verdict)
    tell_buried(row, verdict)
    return int(verdict in runs.CLOSED)


def _kill_if_it_is_the_one(row: DictRow) -> bool:
    """Kill the run's tree only if boot, namespace, pid, start ticks and run tag all match."""
    pid = row["pid"]
    if pid is None or row["boot_id"] != boot_id() or row["pid_ns"] != pid_namespace():
        return False
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        # Judged after the handle is held: the pid cannot be given away between the look and the kill.
        if start_ticks(pid) != row["start_ticks"] or not _carries_its_tags(row):
            return False
        processes.kill_tree(pid, pidfd)
        return processes.send(pidfd, signal.SIGKILL)
    finally:
        os.close(pidfd)


def _carries_its_tags(row: DictRow) -> bool:
    environment = processes.environment_of(row["pid"])
    tag, owner = tag_of(row["id"], row["epoch"]), str(row["supervisor_id"])
    return environment.get(TAG_NAME) == tag and environment.get(OWNER_NAME) == owner
