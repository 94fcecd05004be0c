"""A server that misbehaves on request, and fetchers with short limits to try on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.hostile_pages import HANDLERS
from tests.hostile_server import HostileServer
from tests.hostile_wires import WIRES
from workers.records import FetchedUrl, FetchSettings

if TYPE_CHECKING:
    from workers.fetch import Fetcher


@pytest.fixture
def new_hostile_server() -> Iterator[Callable[[], HostileServer]]:
    """Starts servers that end with the test."""
    servers: list[HostileServer] = []

    def new() -> HostileServer:
        servers.append(HostileServer({**HANDLERS, **WIRES}))
        servers[-1].begin()
        return servers[-1]

    yield new
    for server in servers:
        server.stop()


@pytest.fixture
def hostile_server(new_hostile_server: Callable[[], HostileServer]) -> HostileServer:
    """A fresh one for each test."""
    return new_hostile_server()


@dataclass(slots=True)
class Trial:
    """A fetcher with short limits, and what it did."""

    fetcher: Fetcher
    notes: list[FetchedUrl]
    waits: list[float]


@pytest.fixture
def new_fetcher() -> Iterator[Callable[..., Trial]]:
    """Makes fetchers that wait for nothing (`waits` says for how long they would have), and closes them."""
    from workers.fetch import Fetcher  # not by every test that loads this plugin

    made: list[Trial] = []

    def new(**settings: float) -> Trial:
        waits: list[float] = []
        notes: list[FetchedUrl] = []
        wanted: dict[str, float] = {"timeout_s": 2.0, "max_body_mb": 1.0, **settings}
        fetcher = Fetcher(FetchSettings(**wanted), wait=waits.append, on_fetched=notes.append)  # type: ignore[arg-type]
        made.append(Trial(fetcher, notes, waits))
        return made[-1]

    yield new
    for trial in made:
        trial.fetcher.close()
