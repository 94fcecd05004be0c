"""Proxies of a test's own, a page that answers with the caller's address, and a site that remembers who asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.fix_site import served
from tests.forward_proxy import ForwardProxy

NewProxy = Callable[..., ForwardProxy]


@pytest.fixture
def new_proxy() -> Iterator[NewProxy]:
    """Starts forward proxies; those still alive are stopped at the end."""
    started: list[ForwardProxy] = []

    def new(**options: Any) -> ForwardProxy:
        started.append(ForwardProxy(**options))
        return started[-1]

    yield new
    for proxy in started:
        proxy.stop()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it."""

    path: str
    peer: str
    headers: dict[str, str]


@dataclass(slots=True)
class Watched:
    """A server that remembers; `answer(asked)` gives status and text."""

    url: str = ""  # without a slash at the end
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], tuple[int, str]] = lambda asked: (200, asked.path)

    def peers(self) -> list[str]:
        """Who asked, in order."""
        return [asked.peer for asked in list(self.asked)]

    def pages(self) -> list[str]:
        """What was asked for, robots.txt apart."""
        return [asked.path for asked in list(self.asked) if asked.path != "/robots.txt"]


class _Remembers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    watched: Watched

    def do_GET(self) -> None:
        """Answer as the test says."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, self.client_address[0], headers)
        self.watched.asked.append(asked)
        status, text = (404, "") if self.path == "/robots.txt" else self.watched.answer(asked)
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", text)
        body = text.encode()
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


def _watched(answer: Callable[[Asked], tuple[int, str]]) -> Iterator[Watched]:
    watched = Watched(answer=answer)
    with served(type("Remembers", (_Remembers,), {"watched": watched})) as url:
        watched.url = url
        yield watched


@pytest.fixture
def site() -> Iterator[Watched]:
    """Answers every path with itself."""
    yield from _watched(lambda asked: (200, asked.path))


@pytest.fixture
def check_page() -> Iterator[Watched]:
    """Answers with the address of whoever asks, and with what a proxy has added about others."""
    yield from _watched(lambda asked: (200, f"{asked.peer} {asked.headers.get('x-forwarded-for', '')}".strip()))
