"""The contenders of benchmarks/launch.py: ourselves and the rivals, each in a host process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg.rows import DictRow

from benchmarks.rival_job import clock
from workers.database import connect

LIMIT_S = 30.0
GUESTS = Path(__file__).parent / "guests"
FLAGS: dict[str, Any] = {"scrapers.allow": ["probe"], "scrapers.path": [str(GUESTS)]}
Seen = TypeVar("Seen")


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """Seconds since a launch was due."""

    first: float
    recorded: float
    free: float


class Contender(Protocol):
    """One way to start a scrape."""

    name: str

    def launch(self) -> Launch:
        """One scrape from due to slot free."""
        ...

    def close(self) -> None:
        """End the host."""
        ...


class Rival:
    """A host of `benchmarks/rivals.py`."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        words = [sys.executable, "-m", "benchmarks.rivals", name, url]
        self._host = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def launch(self) -> Launch:
        """One scrape."""
        assert self._host.stdin is not None  # noqa: S101 - for the type checker
        assert self._host.stdout is not None  # noqa: S101 - likewise
        self._host.stdin.write("launch\n")
        times = json.loads(self._host.stdout.readline())
        due = times["due"]
        return Launch(first=times["first"] - due, recorded=times["recorded"] - due, free=times["free"] - due)

    def close(self) -> None:
        """End of input, end of host."""
        self._host.communicate(timeout=LIMIT_S)


class Ours:
    """A supervisor on the database, steered by rows as a person would."""

    def __init__(self, name: str, url: str, folder: Path, **flags: Any) -> None:
        self.name = name
        self.notes = folder / f"{name.replace(' ', '-')}.notes"
        self.database: psycopg.Connection[DictRow] = connect(url)
        self._events: list[dict[str, Any]] = []
        settings = {**FLAGS, **{key.replace("__", "."): value for key, value in flags.items()}}
        words = [sys.executable, "-m", "benchmarks.host", url, json.dumps(settings)]
        self._host = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the supervisor."""
        return self._host.pid

    def add(self, name: str, scraper: str, **columns: Any) -> None:
        """A node; without further columns it runs only on request."""
        row = {"name": name, "scraper": scraper, "params": json.dumps({"notes": str(self.notes)}), **columns}
        places = ", ".join(f"%({key})s" for key in row)
        statement = f"insert into nodes ({', '.join(row)}) values ({places})"  # noqa: S608 - names from this folder
        self.database.execute(statement.encode(), row)

    def launch(self) -> Launch:
        """One requested run; due from the moment before the request is sent, so its commit is counted too."""
        self.forget()
        due = clock()
        self.database.execute("update nodes set run_requested = true where name = 'launch'")
        ended = self.wait_for_event("run_ended")
        if ended["cause"] != "done":
            row = self.database.execute("select * from scrape_runs where id = %s", [ended["run_id"]]).fetchone()
            raise RuntimeError(f"the run ended as {ended}: {row}")
        noted = self.noted()
        return Launch(first=noted["first"] - due, recorded=noted["recorded"] - due, free=ended["at"] - due)

    def forget(self) -> None:
        """Start over with notes and events."""
        self._events.clear()
        self.notes.unlink(missing_ok=True)

    def noted(self) -> dict[str, float]:
        """What the scrape has noted so far: word → time."""
        if not self.notes.exists():
            return {}
        lines = [line.split() for line in self.notes.read_text("ascii").splitlines()]
        return {word: float(at) for word, at, _pid in lines}

    def wait_for_event(self, name: str) -> dict[str, Any]:
        """The first event of that name since `forget`."""
        return wait_for(lambda: next((event for event in list(self._events) if event["event"] == name), None), name)

    def wait_for_note(self, word: str) -> float:
        """When the scrape noted it."""
        return wait_for(lambda: self.noted().get(word), word)

    def close(self) -> None:
        """SIGTERM, as a person would."""
        self._host.send_signal(signal.SIGTERM)
        self._host.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        self.database.close()

    def _read(self) -> None:
        for line in self._host.stdout or []:
            self._events.append(json.loads(line))


def wait_for(look: Callable[[], Seen | None], what: str) -> Seen:
    """Poll every 2 ms."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.002)
    raise TimeoutError(f"{what} did not happen within {LIMIT_S:.0f} s; process {os.getpid()}")
