"""What a spare process does before its assignment comes: all that no assignment can change."""

from __future__ import annotations

import psycopg

from workers import database, processes, queries
from workers.protect import die_with_parent, volunteer_to_oom_killer

_NO_RUN = -1
_kept: list[database.Connection] = []


def warm_up(url: str, parent_pid: int) -> None:
    """Connect, and have the server look up once what a run will need: in a new session that takes milliseconds."""
    die_with_parent(parent_pid)
    volunteer_to_oom_killer()
    statements = queries.load("scrape")
    me = {"pid": 0, "start_ticks": 0, "boot_id": processes.boot_id(), "pid_ns": processes.pid_namespace()}
    try:
        connection = database.connect(url, application="scrapewarden scrape")
        database.fetch_one(connection, statements["begin_run"], run_id=_NO_RUN, epoch=0, **me)
        database.fetch_one(connection, statements["rehearse_run"])
    except psycopg.Error:
        return  # the run will connect by itself, and say what is wrong
    _kept.append(connection)


def take_connection() -> database.Connection | None:
    """The connection made ahead, once."""
    return _kept.pop() if _kept else None
