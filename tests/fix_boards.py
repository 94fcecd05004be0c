"""Job APIs served on loopback: whatever a function answers to a path and a query."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.fix_site import WrittenSite, served

# What may be answered: JSON, bytes, a text of HTML, a status alone, or a status with one of the others.
Answer = Callable[[str, dict[str, str]], Any]
ServeBoard = Callable[[Answer], WrittenSite]


class Answers(BaseHTTPRequestHandler):
    """What a test's function says, as an HTTP answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answer: Answer
    asked: list[str]

    def do_GET(self) -> None:
        """Ask the function; robots.txt is not there."""
        self.asked.append(self.path)
        parts = urlsplit(self.path)
        said = 404 if parts.path == "/robots.txt" else type(self).answer(parts.path, dict(parse_qsl(parts.query)))
        status, said = said if isinstance(said, tuple) else (said, "") if isinstance(said, int) else (200, said)
        kind, body = written(said)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


def written(said: Any) -> tuple[str, bytes]:
    """Its type and its bytes."""
    if isinstance(said, bytes):
        return "application/json", said
    if isinstance(said, str):
        return "text/html; charset=utf-8", said.encode()
    return "application/json; charset=utf-8", json.dumps(said).encode()


@pytest.fixture
def serve_board() -> Iterator[ServeBoard]:
    """Serves what a function answers until the test ends."""
    with ExitStack() as open_sites:

        def serve(answer: Answer) -> WrittenSite:
            asked: list[str] = []
            handler = type("Board", (Answers,), {"answer": staticmethod(answer), "asked": asked})
            return WrittenSite(open_sites.enter_context(served(handler)), asked)

        yield serve
