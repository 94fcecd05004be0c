"""A table of hostile scrapers, played at once under one supervisor beside a healthy neighbour."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from psycopg.rows import DictRow

from supervisor import processes
from tests.fix_database import Connection, connect, drop, url_of_database
from tests.fix_supervisor import Nodes, Supervised
from tests.wait import wait_for
from workers.processes import OWNER_NAME, PLACEHOLDER, TAG_NAME, start_ticks

Born = tuple[int, int]  # pid and start ticks
NEIGHBOUR = "neighbour"
_LIMIT_S = 60  # for a whole table, on a machine that has other things to do as well
_HELPERS = ("keeper.py", "multiprocessing.forkserver", "multiprocessing.resource_tracker")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One hostile scraper and how its run has to end."""

    name: str
    scraper: str
    cause: str
    says: str = ""  # a regular expression, found in its sentence
    ended_by: str = "self"
    params: dict[str, Any] = field(default_factory=dict)
    node: dict[str, Any] = field(default_factory=dict)  # further columns of its row
    jobs: int = 0  # committed with its pages
    wrote: bool = True  # its own verdict into its row, if it had one


@dataclass(frozen=True, kw_only=True)
class Played:
    """What became of all of them."""

    runs: dict[str, list[DictRow]]
    logs: dict[str, list[DictRow]]
    jobs: dict[str, int]  # by host
    gaps: list[float]  # seconds from an end that freed a slot to the start that took it
    survivors: list[str]
    events: list[dict[str, Any]]
    written: dict[str, list[Born]]  # processes that a scraper of that name has written down

    def run(self, name: str) -> DictRow:
        """The only run of a node."""
        (run,) = self.runs[name]
        return run

    def log(self, name: str, event: str) -> list[DictRow]:
        """Lines of that event in the log of a node's run."""
        return [line for line in self.logs[name] if line["event"] == event]


Play = Callable[..., Played]


@pytest.fixture(scope="module")
def play(
    postgres_url: str, administrator: Connection, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Play:
    """Plays a table in a database of its own; once for a whole module, because each test looks at another side."""

    def played(rows: tuple[Row, ...], *, slots: int, through: Sequence[str] = (), **flags: Any) -> Played:
        with _database(postgres_url, administrator, template_database) as url, connect(url) as connection:
            stage = _Stage(Nodes(connection), tmp_path_factory.mktemp("hostile"), rows, slots)
            stage.set()
            settings = {name.replace("__", "."): value for name, value in flags.items()}
            supervised = Supervised(url, {"supervisor.max_concurrent": slots, **settings}, None, through)
            try:
                return stage.watch(supervised)
            finally:
                if supervised.process.poll() is None:
                    supervised.kill()

    return played


@contextmanager
def _database(postgres_url: str, administrator: Connection, template: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex}"
    administrator.execute(sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, template))))
    yield url_of_database(postgres_url, name)
    drop(administrator, name)


@dataclass
class _Stage:
    nodes: Nodes
    folder: Path
    rows: tuple[Row, ...]
    slots: int

    def set(self) -> None:
        """The neighbour first, then the table, then enough healthy ones to need every slot that is given back."""
        until = str(self.folder / "until")
        self.nodes.add(NEIGHBOUR, "hostile:neighbour", {"until": until}, priority=3, memory_mb=96)
        for row in self.rows:
            pids = self.folder / row.name
            pids.mkdir()
            columns = {"priority": 2, "max_attempts": 1, "memory_mb": 96, "timeout_s": 30, **row.node}
            self.nodes.add(row.name, row.scraper, {"pids": str(pids), **row.params}, **columns)
        for number in range(self.slots - 1):
            self.nodes.add(f"next {number}", "zoo:pages", {"pages": 1}, priority=1, memory_mb=96)

    def watch(self, supervised: Supervised) -> Played:
        """Wait for the end of the table, then of the neighbour; look for survivors; end the supervisor."""
        with suppress(AssertionError):  # said below with names
            wait_for(lambda: self._open(supervised) == [NEIGHBOUR], _LIMIT_S, "the end of the table")
        assert self._open(supervised) == [NEIGHBOUR]
        (self.folder / "until").touch()
        wait_for(lambda: not self._open(supervised), 10, "the neighbour's own end")
        # At once: a run is settled when nothing of it is left, and not before.
        survivors = self._survivors(supervised)
        assert supervised.terminate() == 0, "".join(supervised.stderr)
        assert not [line for line in supervised.stderr if "Traceback" in line], "".join(supervised.stderr)
        return self._played(supervised, survivors)

    def _open(self, supervised: Supervised) -> list[str]:
        """Names of nodes without an ended run."""
        assert supervised.process.poll() is None, "".join(supervised.stderr)
        rows = self.nodes.connection.execute(
            "select name from nodes n where not exists "
            "(select from scrape_runs r where r.node_id = n.id and r.finished_at is not null) order by name"
        ).fetchall()
        return [row["name"] for row in rows]

    def _runs(self) -> list[DictRow]:
        return self.nodes.connection.execute("select * from scrape_runs order by id").fetchall()

    def _survivors(self, supervised: Supervised) -> list[str]:
        row = self.nodes.one("select id::text from supervisors")
        assert row is not None
        found = {*supervised.tree(), *processes.tagged_with(OWNER_NAME, row["id"])}
        # With their start: on a busy machine the numbers of the dead are somebody else's by now.
        found |= {pid for born in self._written().values() for pid, start in born if start_ticks(pid) == start}
        left = [pid for pid in sorted(found) if processes.is_alive(pid) and not _is_helper(pid)]
        return [f"{pid}: {_command_line(pid)}" for pid in left]

    def _written(self) -> dict[str, list[Born]]:
        return {row.name: [_born(path.name) for path in (self.folder / row.name).iterdir()] for row in self.rows}

    def _played(self, supervised: Supervised, survivors: list[str]) -> Played:
        runs = self._runs()
        names = [*(row.name for row in self.rows), NEIGHBOUR]
        logs = self.nodes.connection.execute(
            "select r.source, l.* from run_logs l join scrape_runs r on r.id = l.run_id order by l.at"
        ).fetchall()
        jobs = self.nodes.connection.execute("select source, count(*) as n from jobs group by source").fetchall()
        return Played(
            runs={name: [run for run in runs if run["source"] == name] for name in names},
            logs={name: [line for line in logs if line["source"] == name] for name in names},
            jobs={row["source"]: row["n"] for row in jobs},
            gaps=self._gaps(runs),
            survivors=survivors,
            events=supervised.events,
            written=self._written(),
        )

    def _gaps(self, runs: list[DictRow]) -> list[float]:
        """Every start after the first handful needed the slot of an end before it, the k-th start that of the k-th."""
        ends = sorted(run["finished_at"] for run in runs if run["source"] != NEIGHBOUR)
        starts = sorted(run["started_at"] for run in runs)[self.slots :]
        return [(start - end).total_seconds() for start, end in zip(starts, ends, strict=False)]


def _born(text: str) -> Born:
    pid, _, start = text.partition(" ")
    return int(pid), int(start)


def _is_helper(pid: int) -> bool:
    marked = processes.environment_of(pid).get(TAG_NAME, PLACEHOLDER) == PLACEHOLDER
    return marked and any(word in _command_line(pid) for word in _HELPERS)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return "gone since"


def check_end(played: Played, row: Row) -> None:
    """The run of a hostile node ended as its row says."""
    run = played.run(row.name)
    assert (run["cause"], run["ended_by"]) == (row.cause, row.ended_by), run["error"]
    if row.cause == "done":
        assert run["error"] is None
    else:
        assert re.search(row.says, run["error"]), run["error"]
        assert "\n" not in run["error"]
    assert run["fetched_count"] == row.jobs
    if row.ended_by == "self" and row.cause != "crashed":
        assert (run["outcome"] is not None) is row.wrote


def check_neighbour(played: Played) -> None:
    """The healthy node ran in one process from beginning to end, and stored every page once."""
    run = played.run(NEIGHBOUR)
    assert (run["cause"], run["attempt"], run["part"]) == ("done", 1, 0), run["error"]
    assert run["inserted_count"] == run["fetched_count"] == run["pages_count"] == played.jobs[NEIGHBOUR]


def check_slots(played: Played) -> None:
    """Each slot that was given back was used again within two seconds."""
    assert max(played.gaps) < 2, played.gaps
