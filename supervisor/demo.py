"""The whole system on a database and a job board of its own: composition of `supervisor demo`."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg.rows import DictRow

from supervisor import schema
from supervisor.config import Config, load_config
from supervisor.demo_nodes import DEMO_FETCH, DEMO_SCRAPERS, DemoNode, demo_nodes, node_row
from supervisor.embedded import EmbeddedPostgres
from supervisor.tables import jobs, nodes, runs
from supervisor.throwaway import throwaway_folder
from workers import database
from workers.errors import ScrapewardenError
from workers.states import Cause, RunStatus

_STOP_S = 5.0
_FEEDER = (sys.executable, "-m", "workers.demo.feeder")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """All that the demo plays on."""

    config: Config
    database_url: str
    board_url: str
    nodes: list[DemoNode]
    last_words: list[str]  # what the keeper does if the demo is killed


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """An empty database, the board, and the demo's nodes; all of it gone afterwards."""
    with throwaway_folder("demo") as folder, EmbeddedPostgres(folder) as server, _board() as board_url:
        config = load_config(environ={}, flags=_flags(), path=_no_file(folder))
        url = server.start()
        schema.migrate(url)
        cast = demo_nodes(board_url, _FEEDER)
        with database.connect(url) as connection:
            for node in cast:
                nodes.add_node(connection, **{**nodes.BLANK, **node_row(node)})
        yield Stage(config=config, database_url=url, board_url=board_url, nodes=cast, last_words=_last_words(folder))


def _no_file(folder: Path) -> Path:
    """The demo reads no settings of yours: an empty file of its own."""
    path = folder / "config.toml"
    path.write_text("", encoding="utf-8")
    return path


def _flags() -> dict[str, object]:
    fetch = {f"fetch.{key}": value for key, value in DEMO_FETCH.items()}
    scrapers = {f"scrapers.{key}": value for key, value in DEMO_SCRAPERS.items()}
    # The demo's bad nodes are killed within seconds: a person is watching.
    return {**fetch, **scrapers, "kill.soft_s": 3, "kill.term_s": 2, "supervisor.drain_s": 4}


def _last_words(folder: Path) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("embedded_locks.py")), str(folder)]


@contextlib.contextmanager
def _board() -> Iterator[str]:
    """The board as a process of its own; it ends with its input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workers.demo.board", "--port", "0", "--parent", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise ScrapewardenError("the demo's job board did not start; run `python -m workers.demo.board` to see why")
        yield str(json.loads(line)["url"]).rstrip("/")
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_S)
        if process.stdout:
            process.stdout.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What became of one node."""

    name: str
    shows: str
    causes: dict[str, int]  # cause → runs that ended so
    jobs: int
    peak_mb: float
    as_expected: bool
    sentence: str


def summary(stage: Stage) -> list[Line]:
    """What each node was, what became of it, and how many jobs it stored."""
    with database.connect(stage.database_url) as connection:
        stored = jobs.count_jobs(connection)
        return [_line(node, _ended(connection, node["name"]), stored.get(node["name"], 0)) for node in stage.nodes]


def _ended(connection: database.Connection, name: str) -> list[DictRow]:
    rows = runs.list_runs(connection, source=name, status=None, cause=None, limit=1000)
    return [row for row in rows if row["finished_at"] is not None and row["status"] != RunStatus.SKIPPED]


def _line(node: DemoNode, ended: list[DictRow], stored: int) -> Line:
    causes: dict[str, int] = {}
    for row in reversed(ended):
        causes[row["cause"]] = causes.get(row["cause"], 0) + 1
    seen = set(causes) - {Cause.SHUTDOWN}
    errors = [row["error"] for row in ended if row["error"] and row["cause"] != Cause.SHUTDOWN]
    return Line(
        name=node["name"],
        shows=node["shows"],
        causes=causes,
        jobs=stored,
        peak_mb=max((row["peak_rss_mb"] or 0.0 for row in ended), default=0.0),
        as_expected=seen == set(node["expect"]),
        sentence=errors[0] if errors else "",
    )
