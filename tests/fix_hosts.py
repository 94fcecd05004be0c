"""Hosts as runs meet them: the statements that a run sends about them, and a site that notes every visit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.rows import DictRow

from tests.fix_claims import SCRAPE
from tests.fix_database import connect
from tests.fix_site import served
from workers.line import Line
from workers.records import Assignment, FetchSettings

if TYPE_CHECKING:
    from workers.fetch import Fetcher

GAP_S = 5.0
HOST = "board.example"
ORIGIN = "http://board.example"
BREAKER = {"failures": 5, "window_s": 600.0, "open_s": 60.0, "open_max_s": 200.0}
ASKED = {"origin": None, "gap_s": 0.0, "probe_s": 45.0, "robots_s": 90.0, "most_held_s": 60.0, "most_queue_s": 600.0}


class Asker:
    """What a run says about hosts, on a connection of the test's."""

    def __init__(self, connection: psycopg.Connection[DictRow], run_id: int) -> None:
        self.connection = connection
        self.run_id = run_id

    def ask(self, host: str = HOST, **changes: Any) -> DictRow:
        """Ask whether and when the host may be asked."""
        return self._say("ask_host", host=host, **{**ASKED, **changes})

    def fail(self, host: str = HOST, error: str = "HTTP 503", **changes: Any) -> DictRow:
        """One request to it has failed for good."""
        return self._say("note_host_failure", host=host, error=error, **{**BREAKER, **changes})

    def succeed(self, host: str = HOST) -> bool:
        """It has answered; whether that closed its breaker."""
        return bool(self._say("note_host_success", host=host)["closed"])

    def hold(self, seconds: float, host: str = HOST) -> None:
        """It wants to be left alone."""
        self._say("hold_host", host=host, hold_s=seconds)

    def keep(self, status: int | None, body: str | None = None, delay_s: float | None = 0, keep_s: float = 60) -> None:
        """Its robots.txt has been read."""
        self._say("keep_robots", origin=ORIGIN, status=status, body=body, crawl_delay_s=delay_s, keep_s=keep_s)

    def breaker(self, host: str = HOST) -> DictRow:
        """Its row."""
        row = self.connection.execute("select * from circuit_breakers where host = %s", (host,)).fetchone()
        assert row is not None
        return row

    def trip(self, host: str = HOST) -> None:
        """Fail until the breaker opens."""
        while not self.fail(host)["opened"]:
            pass

    def let_expire(self) -> None:
        """The time of all open breakers is over."""
        self.connection.execute("update circuit_breakers set open_until = clock_timestamp()")

    def _say(self, name: str, **parameters: Any) -> DictRow:
        row = self.connection.execute(SCRAPE[name], {"run_id": self.run_id, "epoch": 0, **parameters}).fetchone()
        assert row is not None
        return row


def at_once(url: str, run_ids: list[int], say: Callable[[Asker], DictRow]) -> list[DictRow]:
    """What each of these runs is told when all ask at the same moment, each on a connection of its own."""
    barrier = threading.Barrier(len(run_ids))

    def one(run_id: int) -> DictRow:
        with connect(url) as connection:
            barrier.wait(10)
            return say(Asker(connection, run_id))

    with ThreadPoolExecutor(len(run_ids)) as pool:
        return list(pool.map(one, run_ids))


def assignment_of(run_id: int, database_url: str) -> Assignment:
    """A run that only asks."""
    now = datetime.now(UTC)
    return Assignment(
        run_id=run_id, node_id=1, node="n", epoch=0, owner="", supervisor_id="", scraper="", params={}, checkpoint=None,
        tick=now, attempt=1, part=0, now=now, launched_at=0.0, timeout_s=60, database_url=database_url, budget_mb=100,
    )  # fmt: skip


@contextmanager
def visiting(database_url: str, waits: list[float], told: list[str], **settings: Any) -> Iterator[Fetcher]:
    """A fetcher of run 1 with a line of its own; it waits for nothing but the database, and obeys no robots.txt."""
    from workers.fetch import Fetcher  # not by every test that loads this plugin
    from workers.politeness import Politeness

    line = Line(assignment_of(1, database_url))
    limits = FetchSettings(**{"gap_loopback_s": GAP_S, "base_s": 0.01, "robots": False, **settings})
    polite = Politeness(limits, line=line, tell=lambda _level, event, _message, _facts: told.append(event))
    fetcher = Fetcher(limits, wait=waits.append, on_fetched=lambda _: None, politeness=polite)
    try:
        yield fetcher
    finally:
        fetcher.close()
        line.close()


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in."""

    at: float  # monotonic
    path: str
    agent: str


@dataclass(slots=True)
class WatchedSite:
    """Answers out of `pages`: path → text, bytes, a status, or a function that gives one; 404 for the rest."""

    url: str = ""  # without a slash at the end
    pages: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # of every answer that is no 200
    calls: list[Call] = field(default_factory=list)

    @property
    def host(self) -> str:
        """As in `circuit_breakers`."""
        return self.url.partition("//")[2]

    def paths(self, beside: str = "/robots.txt") -> list[str]:
        """What was asked for, in order, without the robots.txt."""
        return [call.path for call in self.calls if call.path != beside]

    def pauses(self) -> list[float]:
        """Seconds between each request and the next one."""
        times = sorted(call.at for call in self.calls)
        return [after - before for before, after in pairwise(times)]


@pytest.fixture
def watched_site() -> Iterator[Callable[..., WatchedSite]]:
    """Serves pages until the test ends; they may change meanwhile."""
    blocks: list[Any] = []

    def write(pages: dict[str, Any] | None = None) -> WatchedSite:
        site = WatchedSite(pages=pages or {})

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                site.calls.append(Call(time.monotonic(), self.path, self.headers.get("User-Agent", "")))
                page = site.pages.get(self.path, 404)
                page = page() if callable(page) else page
                status = page if isinstance(page, int) else 200
                body = page if isinstance(page, bytes) else b"" if isinstance(page, int) else str(page).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                for name, value in site.headers.items() if status != 200 else ():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
                """Say nothing."""

        block = served(Handler)
        blocks.append(block)
        site.url = block.__enter__()
        return site

    yield write
    for block in blocks:
        block.__exit__(None, None, None)
