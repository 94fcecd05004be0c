"""A site that names the states of its pages and is asked whether they have changed, and runs that ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.fix_database import Connection
from tests.fix_site import served
from tests.fix_supervisor import Nodes
from workers.line import Line
from workers.live_scrape import LiveScrape
from workers.progress import Logbook, Progress
from workers.records import Assignment, FetchedUrl, FetchSettings
from workers.stop import StopSwitch

LONG_AGO = formatdate(1_700_000_000, usegmt=True)


@dataclass(kw_only=True, slots=True)
class Sheet:
    """One page of the site; a test changes it while it is served."""

    body: bytes = b"<p>first</p>"
    etag: str | None = None
    modified: str | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    listens: bool = True  # to conditions
    status: int | None = None  # answered whatever is asked, without the body
    told_length: bool = True

    def is_unchanged(self, asked: Any) -> bool:
        """As RFC 9110 has it: If-None-Match alone decides where it is asked, and compares weakly."""
        if (tag := asked.get("If-None-Match")) is not None:
            return self.etag is not None and tag.removeprefix("W/") == self.etag.removeprefix("W/")
        since = asked.get("If-Modified-Since")
        if since is None or self.modified is None:
            return False
        return parsedate_to_datetime(self.modified) <= parsedate_to_datetime(since)


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One request and its answer."""

    path: str
    conditions: dict[str, str]
    status: int
    sent: int  # bytes of the body


@dataclass(kw_only=True, slots=True)
class ValidatingSite:
    """Its pages by path, and who came."""

    url: str = ""
    pages: dict[str, Sheet] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)

    def take(self) -> list[Visit]:
        """The visits since the last call, without those to robots.txt."""
        taken, self.visits[:] = [visit for visit in self.visits if visit.path != "/robots.txt"], []
        return taken

    def statuses(self) -> list[int]:
        """Of the visits since the last call."""
        return [visit.status for visit in self.take()]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    site: ValidatingSite

    def do_GET(self) -> None:
        """Answer by the page as it is now."""
        sheet = self.site.pages.get(self.path)
        if sheet is None:
            return self._answer(404, Sheet(), b"")
        if sheet.status is not None:
            return self._answer(sheet.status, sheet, b"")
        if sheet.listens and sheet.is_unchanged(self.headers):
            return self._answer(304, sheet, b"")
        return self._answer(200, sheet, sheet.body)

    do_HEAD = do_POST = do_GET  # noqa: N815 - the names in the base class

    def _answer(self, status: int, sheet: Sheet, body: bytes) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        conditions = {name: value for name, value in self.headers.items() if name.startswith("If-")}
        self.site.visits.append(Visit(path=self.path, conditions=conditions, status=status, sent=len(body)))
        self.send_response(status)
        named = {"ETag": sheet.etag, "Last-Modified": sheet.modified}
        for name, value in {**sheet.headers, **named}.items():
            if value is not None:
                self.send_header(name, value)
        if status != 304 and sheet.told_length:
            self.send_header("Content-Length", str(len(body)))
        self.close_connection = not sheet.told_length
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


@pytest.fixture
def validating_site() -> Iterator[ValidatingSite]:
    """One without pages."""
    site = ValidatingSite()
    with served(type("Handler", (_Handler,), {"site": site})) as url:
        site.url = url
        yield site


class Visitor:
    """Runs of one node as far as they fetch: each on a line of its own, told at its beginning what is kept."""

    def __init__(self, connection: Connection, database_url: str) -> None:
        """A node of its own."""
        self.connection = connection
        self.url = database_url
        self.node_id = Nodes(connection).add("visitor", "zoo:any", run_requested=False)
        self.fetched: list[FetchedUrl] = []
        self.logbook = Logbook()

    @contextmanager
    def run(self, *, attempt: int = 1, database_url: str | None = None, **fetch: Any) -> Iterator[LiveScrape]:
        """A run; what it has fetched is in `fetched` afterwards."""
        assignment = Assignment(
            run_id=-1, node_id=self.node_id, node="visitor", epoch=0, owner="", supervisor_id="", scraper="", params={},
            checkpoint=None, tick=datetime.now(UTC), attempt=attempt, part=0, now=datetime.now(UTC), launched_at=0.0,
            timeout_s=60, database_url=database_url or self.url, budget_mb=100,
            fetch=FetchSettings(**{"robots": False, "attempts": 1, "timeout_s": 5.0, **fetch}),
        )  # fmt: skip
        line = Line(assignment)
        kept = self._row("select kept_validators(%s, 50) as kept", self.node_id)["kept"]
        scrape = LiveScrape(assignment, {}, StopSwitch(), Progress(), self.logbook, line=line, kept=kept)
        try:
            yield scrape
        finally:
            self.fetched = scrape.take_fetched()
            scrape.close()
            line.close()

    def get(self, url: str, **how: Any) -> Any:
        """The response that a run of its own gets."""
        with self.run() as scrape:
            return scrape.fetch(url, **how)

    def kept(self) -> list[DictRow]:
        """What is kept, by URL."""
        return self.connection.execute("select * from kept_pages order by url").fetchall()

    def only(self) -> DictRow:
        """The one page that is kept."""
        (row,) = self.kept()
        return row

    def _row(self, query: str, *values: Any) -> DictRow:
        row = self.connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return row


@pytest.fixture
def visitor(connection: Connection, database_url: str) -> Visitor:
    """A node that visits sites."""
    return Visitor(connection, database_url)


def in_threads(work: Callable[[int], Any], count: int) -> None:
    """Do it so many times at once, and wait for all."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
