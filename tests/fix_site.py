"""Boards served on loopback: the real pages beside the checkout, and small ones that a test writes itself."""

from __future__ import annotations

import json
import lzma
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.realdata.folder import FOLDER as REAL


@dataclass(frozen=True, slots=True)
class JobSite:
    """A board with what is to be found on it."""

    url: str  # of the folder, with its slash
    expected: list[dict[str, Any]] = field(default_factory=list)


class QuietFiles(SimpleHTTPRequestHandler):
    """Static files without a line on stderr for each request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


class WrittenPages(BaseHTTPRequestHandler):
    """Pages out of a mapping of path to HTML text, bytes, or a status."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    pages: dict[str, Any]
    asked: list[str]

    def do_GET(self) -> None:
        """Answer what the test wrote; 404 for the rest."""
        self.asked.append(self.path)
        page = self.pages.get(self.path, 404)
        body = page if isinstance(page, bytes) else b"" if isinstance(page, int) else str(page).encode()
        self.send_response(page if isinstance(page, int) else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if isinstance(page, str) else "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class WrittenSite:
    """A board that a test writes; `asked` grows with each request."""

    url: str  # without a slash at the end
    asked: list[str]


@contextmanager
def served(handler: Callable[..., Any]) -> Iterator[str]:
    """The address, without a slash at the end, of a server that ends with the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def job_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobSite]:
    """The real board of 2,000 jobs, unpacked once."""
    packed = REAL / "site" / "zyte-jobs-static.tar.xz"
    if not packed.exists():
        pytest.skip(f"{packed.name} absent: put the shared real data beside the checkout")
    folder = tmp_path_factory.mktemp("site")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    with lzma.open(REAL / "site" / "zyte-jobs-expected.jsonl.xz", "rt", encoding="utf-8") as lines:
        expected = [json.loads(line) for line in lines]
    with served(partial(QuietFiles, directory=str(folder))) as url:
        yield JobSite(f"{url}/", expected)


@pytest.fixture(scope="session")
def open_pages() -> Iterator[str]:
    """The address of the folder with html/, feeds/ and api/, with its slash."""
    if not REAL.exists():
        pytest.skip("shared/realdata/open absent: put the shared real data beside the checkout")
    with served(partial(QuietFiles, directory=str(REAL))) as url:
        yield f"{url}/"


@pytest.fixture(scope="session")
def open_expected() -> dict[str, Any]:
    """What is known about each of the real files."""
    if not REAL.exists():
        pytest.skip("shared/realdata/open absent: put the shared real data beside the checkout")
    expected: dict[str, Any] = json.loads((REAL / "expected.json").read_text("utf-8"))
    return expected


@pytest.fixture
def write_site() -> Iterator[Callable[[dict[str, Any]], WrittenSite]]:
    """Serves a mapping of path to page until the test ends; the mapping may change meanwhile."""
    closers: list[Any] = []

    def write(pages: dict[str, Any]) -> WrittenSite:
        asked: list[str] = []
        block = served(type("Pages", (WrittenPages,), {"pages": pages, "asked": asked}))
        closers.append(block)
        return WrittenSite(block.__enter__(), asked)

    yield write
    for block in closers:
        block.__exit__(None, None, None)
