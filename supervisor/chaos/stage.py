"""The house in which experiments are made, and the stage of each: a database, supervisors, a clock, dice."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from supervisor import embedded_locks, processes, schema
from supervisor.chaos.rows import GUESTS, Rows
from supervisor.chaos.trial import Interrupted, Missed, NotRun
from supervisor.chaos.troupe import Settings, Supervised
from supervisor.dry_run import room_for
from supervisor.embedded import EmbeddedPostgres
from supervisor.lifeline import Lifeline
from supervisor.sightings import alive, pid_of
from supervisor.throwaway import throwaway_folder
from workers.processes import OWNER_NAME

T = TypeVar("T")
POLL_S = 0.01
OWN_SERVERS = 4
# Quick, but an immediate stop loses nothing that was said to be stored: that needs synchronous_commit.
SERVER = {"fsync": "off", "max_connections": "200"}
SETTINGS: Settings = {
    "scrapers.allow": [GUESTS],
    "fetch.gap_s": 0,
    "heartbeat.every_s": 1,
    "heartbeat.stale_after_s": 20,
    "kill.soft_s": 1,
    "kill.term_s": 1,
    "memory.reserve_percent": 1,
    "retry.base_s": 0.1,
    "retry.cap_s": 0.2,
    "supervisor.drain_s": 3,
    "supervisor.lease_s": 12,
    "supervisor.poll_s": 1,
    "supervisor.renew_s": 2,
}


class Stage:
    """Where one experiment is made."""

    def __init__(self, house: House, name: str, chance: random.Random, *, quick: bool) -> None:
        """Nothing is made before it is asked for."""
        self.house = house
        self.name = name
        self.chance = chance
        self.quick = quick
        self.supervisors: list[Supervised] = []
        self._numbers = itertools.count(1)
        self._rows: Rows | None = None

    @property
    def rows(self) -> Rows:
        """The stage's own empty database."""
        if self._rows is None:
            self._rows = Rows(self.house.new_database(self.name))
        return self._rows

    def play_on(self, url: str) -> None:
        """Play on another server's database."""
        self._rows = Rows(url)

    def folder(self) -> Path:
        """A new empty folder."""
        folder = self.house.folder / f"{self.name}-{next(self._numbers)}"
        folder.mkdir()
        return folder

    def supervise(self, settings: Settings | None = None, environ: dict[str, str] | None = None) -> Supervised:
        """Start a supervisor on the stage's database."""
        given = {**SETTINGS, **(settings or {})}
        mark = {OWNER_NAME: self.house.id, **(environ or {})}
        started = Supervised(self.folder(), self.rows.url, given, mark)
        self.supervisors.append(started)
        return started

    def rounds(self, quick: int, full: int) -> int:
        """How often, by the kind of play."""
        return quick if self.quick else full

    def needs_mb(self, amount: int) -> None:
        """Raise NotRun unless that much memory is free here."""
        if reason := room_for(amount, self.house.config):
            raise NotRun(f"too little memory here; {reason}")

    def until(self, answer: Callable[[], T | None], limit_s: float, what: str) -> T:
        """The first true answer. Raises Missed with `what` after the limit."""
        end = time.monotonic() + limit_s
        while not (found := self._ask(answer)):
            if time.monotonic() > end:
                raise Missed(f"not within {limit_s:g} s: {what}")
            self.pause(POLL_S)
        return found

    def _ask(self, answer: Callable[[], T | None]) -> T | None:
        try:
            return answer()
        except psycopg.OperationalError:  # a server that is away, or on its way back
            return None

    def pause(self, seconds: float) -> None:
        """Let time pass; it ends at once with the play."""
        if self.house.closing.wait(seconds):
            raise Interrupted

    def close(self) -> None:
        """Kill what is left of it."""
        for supervised in self.supervisors:
            if supervised.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    supervised.send(signal.SIGCONT)
                supervised.kill()
        if self._rows is not None:
            self._rows.close()
            self._rows = None

    def complaint(self) -> str | None:
        """What a supervisor of this stage should not have written."""
        return next((said for each in self.supervisors if (said := each.complaint())), None)


class House:
    """A folder, a server with a template database, and all processes that experiments leave; gone at the end."""

    def __init__(self, folder: Path) -> None:
        """Start the keeper that tidies up if this process is killed."""
        from supervisor.config import Config

        self.id = str(uuid.uuid4())
        self.config = Config()
        self.folder = folder
        self.closing = threading.Event()
        self._before = {pid_of(pid) for pid in processes.children_of(os.getpid())}
        self._own = [folder / f"own-{number}" for number in range(OWN_SERVERS)]
        servers = [str(each) for each in (folder, *self._own)]
        self._lifeline = Lifeline(self.id, [sys.executable, "-I", "-S", embedded_locks.__file__, *servers])
        self._server = EmbeddedPostgres(folder, settings=SERVER)
        self._url = ""
        self._template = ""
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def open(self) -> None:
        """Start the server and make the template of all databases."""
        processes.adopt_orphans()
        self._url = self._server.start()
        self._template = urlsplit(self._url).path.strip("/")
        schema.migrate(self._url)

    def new_database(self, name: str) -> str:
        """URL of an empty database with the schema."""
        name = f"{name}_{next(self._numbers)}"
        statement = sql.SQL("create database {} template {}")
        with self._lock, psycopg.connect(self._url, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(self._template)))
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    @contextlib.contextmanager
    def own_server(self) -> Iterator[tuple[EmbeddedPostgres, str]]:
        """A server that may be maltreated, and its URL; `mend` starts it again."""
        with self._lock:
            server = EmbeddedPostgres(self._own.pop(), settings=SERVER)
            url = server.start()
        try:
            schema.migrate(url)
            yield server, url
        finally:
            with self._lock:
                server.release()

    def mend(self, server: EmbeddedPostgres) -> None:
        """Start it again. One at a time: servers share the list of those that this process has to wait for."""
        with self._lock:
            server.start()

    def left(self) -> list[int]:
        """Living processes that experiments left behind: what is orphaned below this process falls to it."""
        ours = {self._lifeline.pid, self._server.server_pid}
        found = {pid_of(pid) for pid in processes.children_of(os.getpid()) if pid not in ours}
        return [pid.pid for pid in alive(found - self._before)]

    def left_after_a_while(self) -> list[int]:
        """The same, when those that are about to end have had two seconds for it."""
        end = time.monotonic() + 2
        while (left := self.left()) and time.monotonic() < end:
            time.sleep(POLL_S)
        return left

    def close(self) -> None:
        """Stop the server and end what is left."""
        self.closing.set()
        self._server.release()
        end = time.monotonic() + 5
        while (left := self.left()) and time.monotonic() < end:
            for pid in left:
                processes.send_pid(pid, signal.SIGKILL)
            time.sleep(POLL_S)
        for pid in processes.children_of(os.getpid()):
            if pid_of(pid) not in self._before and pid != self._lifeline.pid:
                processes.reap(pid)
        self._lifeline.close()


@contextlib.contextmanager
def open_house() -> Iterator[House]:
    """A house with its server; nothing of it is left afterwards."""
    with throwaway_folder("chaos") as folder:
        house = House(folder)
        try:
            house.open()
            yield house
        finally:
            house.close()
