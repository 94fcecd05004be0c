"""Who this supervisor is, written down so that others can tell whether it is still alive."""

from __future__ import annotations

import socket
from datetime import datetime
from pathlib import Path

from supervisor import __version__
from supervisor.tables import supervisors
from workers.database import Connection
from workers.processes import own_identity


def register(connection: Connection, supervisor_id: str, host: str) -> datetime:
    """Say who we are; returns the database's time."""
    me = own_identity()
    row = supervisors.register(
        connection,
        id=supervisor_id,
        host=host,
        boot_id=me.boot_id,
        pid_ns=me.pid_ns,
        pid=me.pid,
        start_ticks=me.start_ticks,
        version=__version__,
    )
    started_at: datetime = row["started_at"]
    return started_at


def machine_id() -> str:
    """The machine's id, else its name."""
    try:
        text = Path("/etc/machine-id").read_text("ascii", "replace").strip()
    except OSError:
        text = ""
    return text or socket.gethostname()
