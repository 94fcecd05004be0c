"""The writers of benchmarks/ingest.py: COPY, committed pages, the naive upsert, and a whole child's way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import psutil
import psycopg
from psycopg import sql

from benchmarks.ingest_rows import NOW, Material, cleaned
from tests.child_store import child_store
from tests.fix_claims import SCRAPE, Hand
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes
from workers.plain import to_jsonb
from workers.records import Page, Posting

_COLUMNS = (
    "url source external_id title company description location_raw locations city region country countries remote "
    "job_type salary_min salary_max salary_currency salary_period posted_at posted_precision valid_through "
    "content_hash fingerprint"
).split()
_EMPTY_PAGE = {"repeats": 0, "rejected": 0, "checkpoint": None, "stage": None, "done": None, "total": None,
               "rss_mb": None, "fetches": "[]"}  # fmt: skip
_LISTED = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
_BARE = sql.SQL("create table bare as select {columns} from jobs limit 0").format(columns=_LISTED)
_NAIVE = sql.SQL(
    "insert into naive ({columns}) select {columns} from jsonb_populate_recordset(null::naive, %s) "
    "on conflict (url) do update set last_seen_at = clock_timestamp()"
).format(columns=_LISTED)
_COPY = sql.SQL("copy {table} ({columns}) from stdin")
_WRITES = "select n_tup_ins + n_tup_upd as written from pg_stat_user_tables where relname = 'jobs'"
_END_LAST_RUN = (
    """update scrape_runs set status = 'ok', cause = 'done', finished_at = clock_timestamp()
    where finished_at is null and source = %s""",
    "update nodes set open_tick = null, open_attempt = null, open_part = null where name = %s",
    "update scrape_leases set lease_until = clock_timestamp() where source = %s",
)


class Bench:
    """One round's rows for two writers, and the server they go to."""

    def __init__(self, url: str, material: Material, rows: int, number: int) -> None:
        """Make the rows and the tables beside the product's own."""
        self._url = url
        self._number = number
        self._postings = [material.postings(rows, 10 * number + writer) for writer in range(2)]
        self._jobs = [cleaned(postings) for postings in self._postings]
        self._line = connect(url)
        self._line.execute("drop table if exists bare, twin, naive")
        self._line.execute(_BARE)
        self._line.execute("create table twin (like jobs including all)")
        self._line.execute("create table naive (like jobs including all)")
        self._line.execute("alter table naive add last_seen_at timestamptz")

    def copy(self, table: str, size: int, writers: int = 1) -> dict[str, float]:
        """COPY, a transaction for each page."""
        pages = [[_copy_text(page) for page in _pages(self._jobs[writer], size)] for writer in range(writers)]
        self._line.execute(f"truncate {table}".encode())
        statement = _COPY.format(table=sql.Identifier(table), columns=_LISTED)

        def write(line: Connection, writer: int) -> None:
            for page in pages[writer]:
                with line.cursor().copy(statement) as stream:
                    stream.write(page)

        return self._measure(write, writers)

    def new(self, size: int, writers: int = 1) -> dict[str, float]:
        """Pages of postings that are nowhere yet."""
        self._line.execute("truncate jobs, job_seen")
        return self._commit(size, writers)

    def unchanged(self, size: int, writers: int = 1) -> dict[str, float]:
        """The same pages in the next run."""
        return self._commit(size, writers)

    def naive(self, size: int) -> dict[str, float]:
        """What a plain upsert that notes the sighting in the row costs."""
        pages = [to_jsonb([{**asdict(job), "source": "n"} for job in page]) for page in _pages(self._jobs[0], size)]
        for page in pages:
            self._line.execute(_NAIVE, [page])

        def write(line: Connection, _writer: int) -> None:
            for page in pages:
                line.execute(_NAIVE, [page])

        return self._measure(write, 1)

    def cleaning(self) -> dict[str, float]:
        """Cleaning without a database."""
        return self._measure(lambda _line, writer: _clean(self._postings[writer]), 1)

    def end_to_end(self, size: int) -> dict[str, float]:
        """Cleaning, JSON and commit as a scrape's own process does it."""
        self._line.execute("truncate jobs, job_seen")
        return self.end_to_end_again(size)

    def end_to_end_again(self, size: int) -> dict[str, float]:
        """The same in the next run."""
        with child_store(self._url, self._claim(0)) as store:

            def write(_line: Connection, writer: int) -> None:
                for page in _pages(self._postings[writer], size):
                    store.commit(Page(url="https://boards.example.org/", postings=page), [], NOW, 50.0)

            return self._measure(write, 1)

    def _commit(self, size: int, writers: int) -> dict[str, float]:
        pages = [
            [to_jsonb([asdict(job) for job in page]) for page in _pages(self._jobs[writer], size)]
            for writer in range(writers)
        ]
        claims = [self._claim(writer) for writer in range(writers)]

        def write(line: Connection, writer: int) -> None:
            for page_no, page in enumerate(pages[writer], 1):
                given = {"run_id": claims[writer]["run_id"], "epoch": claims[writer]["epoch"], "page_no": page_no}
                line.execute(SCRAPE["commit_page"], {**given, **_EMPTY_PAGE, "jobs": page})

        return self._measure(write, writers)

    def _claim(self, writer: int) -> dict[str, Any]:
        """A fresh run of the writer's node."""
        hand, nodes, name = Hand(self._line), Nodes(self._line), f"bench-{self._number}-{writer}"
        self._line.execute("set statement_timeout = 0")
        for step in _END_LAST_RUN:
            self._line.execute(step.encode(), [name])
        known = self._line.execute("select id from nodes where name = %s", [name]).fetchone()
        node_id = known["id"] if known else nodes.add(name, "zoo:any")
        nodes.update(name, run_requested=True)
        claim = hand.claimed(node_id)
        hand.begin(claim)
        return claim

    def _measure(self, write: Callable[[Connection, int], Any], writers: int) -> dict[str, float]:
        """Rows a second of all writers together, WAL bytes a row, and rows of `jobs` that were written."""
        self._line.execute("checkpoint")
        lines = [connect(self._url) for _ in range(writers)]
        threads = [threading.Thread(target=write, args=(line, n)) for n, line in enumerate(lines)]
        pids = [line.info.backend_pid for line in lines]
        before, wal, cpu_s, own_s = self._written(), self._wal(), _cpu_s(pids), time.process_time()
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        passed_s = time.monotonic() - began
        rows = sum(len(self._jobs[writer]) for writer in range(writers))
        own_s = time.process_time() - own_s
        wal, cpu_s = self._wal() - wal, _cpu_s(pids) - cpu_s
        for line in lines:
            line.close()
        each_us = 1e6 / rows
        spent = {"cpu_us": each_us * cpu_s, "own_us": each_us * own_s, "wal": wal / rows}
        return {"rows_s": rows / passed_s, **spent, "gin": self._written() - before}

    def _wal(self) -> int:
        row = self._line.execute("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as at").fetchone()
        return int(row["at"]) if row else 0

    def _written(self) -> int:
        self._line.execute("select pg_stat_force_next_flush()")
        row = self._line.execute(_WRITES).fetchone()
        return int(row["written"]) if row else 0


def _cpu_s(pids: list[int]) -> float:
    """Processor time of the server's processes: it says more than the clock on a machine with other work."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(time.user + time.system for time in times)


def _clean(postings: list[Posting]) -> None:
    cleaned(postings)


def _pages(rows: list[Any], size: int) -> list[list[Any]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def _copy_text(jobs: list[Any]) -> bytes:
    """A page in COPY's text format, made before the clock starts."""
    transformer = psycopg.adapt.Transformer()
    from psycopg._copy_base import format_row_text

    lines = bytearray()
    for job in jobs:
        row = {**asdict(job), "source": "n", "locations": json.dumps(job.locations)}
        format_row_text([row[name] for name in _COLUMNS], transformer, lines)
    return bytes(lines)
