"""A supervisor of the test's own: a real process on the test's database, with the zoo as guests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from supervisor import processes
from tests.wait import wait_for

Connection = psycopg.Connection[DictRow]
ROOT = Path(__file__).parent.parent
GUESTS = Path(__file__).parent / "guests"
FLAGS: dict[str, Any] = {
    "scrapers.allow": [path.stem for path in GUESTS.glob("*.py")],
    "scrapers.path": [str(GUESTS)],
    "scrapers.allow_command": True,
    "fetch.gap_s": 0,
    "kill.soft_s": 1,
    "kill.term_s": 1,
    "retry.base_s": 0.1,
    "retry.cap_s": 0.2,
    "supervisor.drain_s": 3,
    "memory.reserve_percent": 1,
}


class Supervised:
    """One supervisor process; events it has printed are kept."""

    def __init__(self, url: str, flags: dict[str, Any], once_wait_s: float | None, through: Sequence[str] = ()) -> None:
        """Start it in a session of its own, so that signals to the tests do not reach it.

        `through`: a program that becomes it, `prlimit --nofile=64` say.
        """
        extra = [] if once_wait_s is None else [str(once_wait_s)]
        self.process = subprocess.Popen(
            [*through, sys.executable, "-m", "tests.supervise", url, json.dumps({**FLAGS, **flags}), *extra],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.events: list[dict[str, Any]] = []
        self.stderr: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_events, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Its pid."""
        return self.process.pid

    def forkserver(self) -> int:
        """The pid of the template of its scrapes."""
        (found,) = [pid for pid in processes.children_of(self.pid) if b"forkserver" in command_line(pid)]
        return found

    def keeper(self) -> int:
        """The pid of its keeper."""
        (found,) = [pid for pid in processes.children_of(self.pid) if b"keeper.py" in command_line(pid)]
        return found

    def tree(self) -> list[int]:
        """All living descendants: template, keeper, scrapes, and what they started."""
        return [pid for pid in processes.descendants_of(self.pid) if processes.is_alive(pid)]

    def happened(self, event: str, **facts: Any) -> list[dict[str, Any]]:
        """Events of that name with these facts, so far."""
        wanted = {"event": event, **facts}
        return [seen for seen in list(self.events) if wanted.items() <= seen.items()]

    def wait_for_event(self, event: str, limit_s: float = 15, **facts: Any) -> dict[str, Any]:
        """The first such event."""
        return wait_for(lambda: self.happened(event, **facts), limit_s, f"event {event} {facts}")[0]

    def terminate(self, limit_s: float = 15) -> int:
        """SIGTERM, and its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(limit_s)

    def kill(self) -> None:
        """SIGKILL, as the kernel or a person in anger would."""
        self.process.kill()
        self.wait(5)

    def wait(self, limit_s: float = 15) -> int:
        """Its exit code."""
        code = self.process.wait(limit_s)
        for reader, pipe in zip(self._readers, (self.process.stdout, self.process.stderr), strict=True):
            reader.join(1)
            # A reader that is still reading: somebody whom the supervisor left alive holds the pipe.
            if pipe is not None and not reader.is_alive():
                pipe.close()
        return code

    def _read_events(self) -> None:
        for line in self.process.stdout or []:
            self.events.append(json.loads(line))

    def _read_stderr(self) -> None:
        self.stderr.extend(self.process.stderr or [])


Start = Callable[..., Supervised]


@pytest.fixture
def supervise(database_url: str) -> Iterator[Start]:
    """Starts supervisors on the test's database; those still alive are killed at the end, with all they started."""
    started: list[Supervised] = []

    def start(*, once_wait_s: float | None = None, through: Sequence[str] = (), **flags: Any) -> Supervised:
        settings = {name.replace("__", "."): value for name, value in flags.items()}
        started.append(Supervised(database_url, settings, once_wait_s, through))
        return started[-1]

    yield start
    for supervised in started:
        if supervised.process.poll() is None:
            tree = supervised.tree()
            supervised.kill()
            wait_for(partial(none_alive, tree), 5, "its processes are gone")
        else:
            supervised.wait(5)
    for supervised in started:
        assert not [line for line in supervised.stderr if "Traceback" in line], "".join(supervised.stderr)


class Nodes:
    """Writes node rows and reads what became of them, with plain SQL as a person would."""

    def __init__(self, connection: Connection) -> None:
        """On the test's connection."""
        self.connection = connection

    def add(self, name: str, scraper: str, params: dict[str, Any] | None = None, **columns: Any) -> int:
        """Insert a node; asked to run at once unless it has a schedule or `run_requested` is given."""
        columns.setdefault("run_requested", "schedule" not in columns)
        row = {"name": name, "scraper": scraper, "params": Jsonb(params or {}), **columns}
        names = ", ".join(row)
        places = ", ".join(f"%({key})s" for key in row)
        statement = f"insert into nodes ({names}) values ({places}) returning id"  # noqa: S608 - a test's own names
        inserted = self.connection.execute(statement.encode(), row)
        found = inserted.fetchone()
        assert found is not None
        return int(found["id"])

    def update(self, name: str, **columns: Any) -> None:
        """UPDATE nodes SET columns, as anybody might."""
        changes = ", ".join(f"{key} = %({key})s" for key in columns)
        statement = f"update nodes set {changes} where name = %(name)s"  # noqa: S608 - a test's own names
        self.connection.execute(statement.encode(), {"name": name, **columns})

    def one(self, query: str, *values: Any) -> DictRow | None:
        """The first row of a query of the test's."""
        return self.connection.execute(query.encode(), values).fetchone()

    def get(self, name: str) -> DictRow:
        """The node's row."""
        row = self.connection.execute("select * from nodes where name = %s", (name,)).fetchone()
        assert row is not None
        return row

    def runs(self, name: str) -> list[DictRow]:
        """Its runs, oldest first."""
        return self.connection.execute("select * from scrape_runs where source = %s order by id", (name,)).fetchall()

    def last(self, name: str) -> DictRow:
        """Its newest run."""
        return self.runs(name)[-1]

    def wait_for_ends(self, name: str, count: int = 1, limit_s: float = 20) -> list[DictRow]:
        """Its runs, once `count` of them have ended."""

        def ended() -> list[DictRow]:
            done = [run for run in self.runs(name) if run["finished_at"] is not None]
            return done if len(done) >= count else []

        return wait_for(ended, limit_s, f"{count} ended runs of {name}; {self.get(name)}")

    def wait_for_status(self, name: str, status: str, limit_s: float = 15) -> DictRow:
        """Its row, once it has that status."""
        wait_for(lambda: self.get(name)["status"] == status, limit_s, f"{name} {status}, is {self.get(name)['status']}")
        return self.get(name)

    def wait_for_pages(self, name: str, pages: int = 1, limit_s: float = 15) -> DictRow:
        """Its newest run, once that many pages of it are committed."""

        def committed() -> DictRow | None:
            runs = self.runs(name)
            return runs[-1] if runs and runs[-1]["pages_count"] >= pages and runs[-1]["pid"] else None

        found = wait_for(committed, limit_s, f"{pages} pages of {name}: {self.get(name)}")
        assert found is not None
        return found

    def jobs(self) -> int:
        """How many jobs there are."""
        row = self.connection.execute("select count(*) as n from jobs").fetchone()
        return int(row["n"]) if row else 0


@pytest.fixture
def nodes(connection: Connection) -> Nodes:
    """Node rows of the test's database."""
    return Nodes(connection)


def command_line(pid: int) -> bytes:
    """What it was started with; empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def alive(pids: list[int]) -> list[int]:
    """Those that are still there and no zombies."""
    return [pid for pid in pids if processes.is_alive(pid)]


def none_alive(pids: list[int]) -> bool:
    """Whether all are gone."""
    return not alive(pids)


def pids_in(path: Path) -> list[int]:
    """Pids that a scraper of the zoo has written down."""
    wait_for(lambda: path.exists() and path.read_text(encoding="ascii"), 10, f"pids in {path.name}")
    return [int(word) for word in path.read_text(encoding="ascii").split()]


os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
