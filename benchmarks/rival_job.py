"""What a rival's child does: the least that a scrape could do and still leave its result in Postgres."""

from __future__ import annotations

import importlib
import os
import time

PRELOAD = ("requests", "lxml.html", "psycopg", "psycopg_binary")
TABLES = """
create table rival_runs (id bigserial primary key, pid integer, status text, result text);
create table rival_jobs (url text, title text);
"""

Times = tuple[float, float]  # first line, result recorded


def clock() -> float:
    """Seconds that all processes of this machine share."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def load() -> None:
    """Have the libraries that a scraper needs at hand."""
    for name in PRELOAD:
        importlib.import_module(name)


def work(url: str) -> Times:
    """Run row, first line, one posting, result; three commits on one connection."""
    load()
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        begun = "insert into rival_runs (pid, status) values (%s, 'running') returning id"
        row = connection.execute(begun, (os.getpid(),)).fetchone()
        first = clock()
        connection.execute("insert into rival_jobs values (%s, %s)", ("http://board.test/1", "Job 1"))
        ended = "update rival_runs set status = 'ok', result = 'done' where id = %s"
        connection.execute(ended, row)
        recorded = clock()
    return first, recorded
