"""Writes what a scrape found: one page, one fenced statement, counted once whatever happens to the answer."""

from __future__ import annotations

import contextlib
import math
import os
import time
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import blake2b
from typing import Any

import psycopg
from psycopg.rows import DictRow

from workers import database, processes
from workers.clean.postings import CleanJob, clean_posting
from workers.errors import Fenced, NotReached
from workers.line import Line, may_pass, was_in_the_way
from workers.plain import plain_text, to_jsonb
from workers.progress import Logbook
from workers.records import FetchedUrl, Outcome, Page, Posting
from workers.unread import Unread

_BACK_OFF_MOST_S = 5.0
_BOOT_S = 20.0  # shorter than the limit after which a process that has not come up is killed
_REASONS_LOGGED = 5  # per page; the count says the rest
_MOST_REMEMBERED = 20_000  # addresses of a run, 1.6 MB; further repeats are met by the database
_COLUMNS = tuple(field.name for field in fields(CleanJob))


@dataclass(frozen=True, kw_only=True, slots=True)
class Committed:
    """What became of one page."""

    inserted: int
    updated: int
    unchanged: int
    rejected: int
    stop_requested: bool


class Store:
    """Over the run's own line. Every write retries while the database is away, until the guards end the process."""

    def __init__(self, line: Line, logbook: Logbook) -> None:
        """Nothing is written yet."""
        self._line = line
        self._logbook = logbook
        self._page_no = 0
        self._told = False
        self._sent: set[bytes] = set()  # addresses that this run has committed
        self._unread = Unread()
        self.found = 0  # postings that were yielded
        self.kept: list[list[Any]] = []  # what the run was told at its beginning of pages kept for it

    def begin(self) -> bool:
        """Write this process's identity into the run's row; False: it may not work.

        Raises NotReached if the database cannot be written to, or has no connection left, for a while.
        """
        me = processes.own_identity()
        row = self._write("begin_run", limit_s=_BOOT_S, **asdict(me))
        self.kept = (row and row["kept"]) or []
        self.places: list[str] = (row and row["places"]) or []
        return row is not None

    def commit(self, page: Page, fetched: list[FetchedUrl], now: datetime, rss_mb: float) -> Committed:
        """Clean, de-duplicate and commit one page with its checkpoint and counts. Raises Fenced."""
        jobs, rejected, repeats = self._clean(page, now)
        self.found += len(page.postings)
        self._page_no += 1
        row = self._write(
            "commit_page",
            page_no=self._page_no,
            jobs=to_jsonb([{name: getattr(job, name) for name in _COLUMNS} for job in jobs]),
            repeats=repeats,
            rejected=rejected,
            checkpoint=to_jsonb(page.checkpoint),
            stage=_short(page.stage),
            done=page.done,
            total=page.total,
            rss_mb=rss_mb,
            fetches=_fetch_rows(fetched, page, len(page.postings)),
        )
        self._remember(jobs)
        row = row or {}
        if self._unread.has_new:
            self._note_unread()
        return Committed(
            inserted=row.get("inserted") or 0,
            updated=row.get("updated") or 0,
            unchanged=row.get("unchanged") or 0,
            rejected=rejected,
            stop_requested=bool(row.get("stop_requested")),
        )

    def finish(self, outcome: Outcome, fetched: list[FetchedUrl]) -> None:
        """Leave the verdict in the row, then the last log lines. Raises Fenced."""
        self._note_unread()
        self._write("finish_run", outcome=to_jsonb(asdict(outcome)), fetches=_fetch_rows(fetched, None, 0))
        if lines := self._logbook.take():
            self._write("write_logs", lines=to_jsonb(lines))

    def _clean(self, page: Page, now: datetime) -> tuple[list[CleanJob], int, int]:
        jobs: dict[str, CleanJob] = {}
        rejected = repeats = 0
        for posting in page.postings:
            if not isinstance(posting, Posting):
                raise TypeError(f"a page's postings must be Posting objects, got {type(posting).__name__}")
            cleaned = clean_posting(posting, base_url=page.url, fetched_at=now)
            if not isinstance(cleaned, CleanJob):
                rejected += 1
                if rejected <= _REASONS_LOGGED:
                    self._logbook.write("warning", "posting_rejected", cleaned.reason, {"page": page.url})
            elif cleaned.url in jobs or _mark(cleaned.url) in self._sent:
                repeats += 1
            else:
                jobs[cleaned.url] = cleaned
                self._unread.look(posting, cleaned)
        return list(jobs.values()), rejected, repeats

    def _remember(self, jobs: list[CleanJob]) -> None:
        room = _MOST_REMEMBERED - len(self._sent)
        self._sent.update(_mark(job.url) for job in jobs[: max(0, room)])

    def _note_unread(self) -> None:
        """Samples are not worth waiting for: what cannot be written now is not written."""
        if values := self._unread.take():
            with contextlib.suppress(psycopg.Error):
                self._line.ask("note_unread", values=to_jsonb(values))

    def _write(self, name: str, *, limit_s: float = math.inf, **parameters: Any) -> DictRow | None:
        """Run a statement until it is answered; the page number makes a repeat harmless."""
        back_off_s = 0.05
        until = time.monotonic() + limit_s
        while True:
            try:
                row = self._line.ask(name, **parameters)
            except psycopg.Error as error:
                if database.is_fenced(error):
                    raise Fenced(str(error).splitlines()[0]) from error
                if not may_pass(error):
                    raise
                self._note(error)
                if time.monotonic() > until:
                    raise NotReached(f"the database could not be used for {limit_s:g} s ({_reason(error)})") from error
            else:
                self._told = False
                return row
            time.sleep(back_off_s)
            back_off_s = min(back_off_s * 2, _BACK_OFF_MOST_S)

    def _note(self, error: psycopg.Error) -> None:
        if not was_in_the_way(error) and not self._told:
            self._logbook.write("warning", "database_away", f"{_reason(error)}; trying again until it can be written")
            self._told = True


def _reason(error: psycopg.Error) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _mark(url: str) -> bytes:
    return blake2b(url.encode(), digest_size=16).digest()


def own_rss_mb() -> float:
    """Resident memory of this process in MB."""
    return processes.rss_mb(os.getpid())


def _short(text: str | None) -> str | None:
    return None if text is None else plain_text(str(text)[:500])


def _fetch_rows(fetched: list[FetchedUrl], page: Page | None, postings: int) -> str | None:
    rows = [
        {**asdict(item), "postings": postings if page is not None and item.url == page.url else None}
        for item in fetched
    ]
    return to_jsonb(rows)
