"""What a spare process does before its assignment comes: all that no assignment can change."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import psycopg
import requests

from workers import database, processes, queries
from workers.clean.postings import clean_posting
from workers.protect import die_with_parent, volunteer_to_oom_killer
from workers.records import Posting

_NO_RUN = -1
_kept: list[database.Connection] = []


def rehearse_cleaning() -> None:
    """Clean one posting with every field, so that the tables and patterns behind it are built."""
    posting = Posting(
        url="http://localhost/",
        title="Rehearsal",
        company="Acme",
        location="Praha, CZ | Remote (US)",
        salary="€40k - 50k per year",
        posted="Posted 3 days ago",
        description="<p>Rehearsal</p>",
    )
    clean_posting(posting, base_url=None, fetched_at=datetime.now(UTC))


def warm_up(url: str, parent_pid: int) -> None:
    """Connect, and use once what a run will use: in a new process and a new session that takes milliseconds."""
    die_with_parent(parent_pid)
    volunteer_to_oom_killer()
    # Pages shared with the template are copied at their first use.
    requests.Session().close()
    rehearse_cleaning()
    statements = queries.load("scrape")
    me = asdict(processes.own_identity())
    try:
        connection = database.connect(url, application="scrapewarden scrape")
        database.fetch_one(connection, statements["rehearse_run"])
        database.fetch_one(connection, statements["begin_run"], run_id=_NO_RUN, epoch=0, **me)
    except psycopg.Error:
        return  # the run will connect by itself, and say what is wrong
    _kept.append(connection)


def take_connection() -> database.Connection | None:
    """The connection made ahead, once."""
    return _kept.pop() if _kept else None
