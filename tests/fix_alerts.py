"""Who is told: an HTTP server on loopback that keeps what it gets, and the installed command with somewhere to send."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from supervisor import processes
from supervisor.alerts.message import Message
from tests.fix_command import SCRIPT, environment
from tests.fix_supervisor import FLAGS, none_alive
from tests.wait import wait_for

KEY = "0123456789abcdef0123456789abcdef"  # made up
_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MESSAGE = Message(
    kind="stuck_run",
    level="critical",
    sentence="n: run 7 was stuck; see `supervisor logs n`",
    count=3,
    first_at=_AT,
    last_at=_AT,
    nodes=("n",),
    run_ids=(7, 8, 9),
    facts={"node": "n", "run_id": 7, "cause": "timeout"},
    supervisor="made-up-id",
    host="here",
)


@dataclass(frozen=True, slots=True)
class Got:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Its body as an object."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def envelope(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header of a Sentry envelope, and its only item, an event: lines of JSON, by the format's own rules."""
        assert self.headers["content-encoding"] == "gzip"
        head, item_head, item = gzip.decompress(self.body).rstrip(b"\n").split(b"\n")
        header = json.loads(item_head)
        assert header["type"] == "event"
        assert header["length"] == len(item)
        return json.loads(head), json.loads(item)


class Inbox:
    """Answers as told: with these statuses in turn, the last one for ever; or not at all while `silent`."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.got: list[Got] = []
        self.statuses = [200]
        self.headers: dict[str, str] = {}
        self.silent = False
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def dsn(self) -> str:
        """A DSN that leads here."""
        return f"http://{KEY}@{self.host}/42"

    @property
    def kinds(self) -> list[str]:
        """Kinds of all messages so far, as a webhook gets them."""
        return [got.json["kind"] for got in list(self.got)]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Messages of that kind, as a webhook gets them."""
        return [got.json for got in list(self.got) if got.json["kind"] == kind]

    def wait_for_kind(self, kind: str, limit_s: float = 40) -> dict[str, Any]:
        """The first message of that kind."""
        return wait_for(lambda: self.of_kind(kind), limit_s, f"a message {kind}, got {self.kinds}")[0]

    def events(self) -> list[dict[str, Any]]:
        """All events, as Sentry gets them."""
        return [got.envelope()[1] for got in list(self.got)]

    def close(self) -> None:
        """Let those who wait go, and stop."""
        self._over.set()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                inbox.got.append(Got(self.command, self.path, headers, body))
                if inbox.silent:
                    inbox._over.wait(60)
                    return
                status = inbox.statuses.pop(0) if len(inbox.statuses) > 1 else inbox.statuses[0]
                self.send_response(status)
                for name, value in inbox.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # noqa: N815 - the base class names it; whoever follows a redirect comes by GET

            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

        return Handler


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Somewhere to send alerts."""
    made = Inbox()
    yield made
    made.close()


@pytest.fixture
def second_inbox() -> Iterator[Inbox]:
    """Another one."""
    made = Inbox()
    yield made
    made.close()


class Alerting:
    """The installed command in the foreground, and what it says."""

    def __init__(self, folder: Path, words: tuple[str, ...], environ: dict[str, str]) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            [SCRIPT, "run", "--no-web", *words],
            cwd=folder,
            env=environment(**environ),
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """All that it has said."""
        return "".join(self.lines)

    def wait_for_line(self, words: str, limit_s: float = 40) -> None:
        """Until it has said that."""
        wait_for(lambda: words in self.text, limit_s, f"{words!r} in\n{self.text}")

    def terminate(self, limit_s: float = 40) -> int:
        """SIGTERM, and its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(limit_s)

    def wait(self, limit_s: float = 60) -> int:
        """Its exit code."""
        code = self.process.wait(limit_s)
        self._reader.join(2)
        if self.process.stderr and not self._reader.is_alive():
            self.process.stderr.close()
        return code

    def _read(self) -> None:
        self.lines.extend(self.process.stderr or [])


Alert = Callable[..., Alerting]


@pytest.fixture
def alerting(database_url: str, tmp_path: Path) -> Iterator[Alert]:
    """Starts `supervisor run` on the test's database: settings as `section__key`, variables in capitals."""
    started: list[Alerting] = []

    def start(*words: str, **given: Any) -> Alerting:
        settings = {name.replace("__", "."): value for name, value in given.items() if name.islower()}
        environ = {name: value for name, value in given.items() if not name.islower()}
        for name, value in {**FLAGS, **settings}.items():
            text = ",".join(value) if isinstance(value, list) else str(value)
            environ[f"SCRAPEWARDEN_{name.replace('.', '_').upper()}"] = text
        started.append(Alerting(tmp_path, words, {"DATABASE_URL": database_url, **environ}))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            tree = [pid for pid in processes.descendants_of(each.process.pid) if processes.is_alive(pid)]
            each.process.kill()
            each.wait(5)
            wait_for(partial(none_alive, tree), 5, "its processes are gone")
        else:
            each.wait(5)
        assert "Traceback" not in each.text, each.text
