"""The network between us and the database: silent, half-open, slow, refusing, forgetful. Nobody runs twice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from supervisor import processes
from supervisor.contradictions import cutoff_s
from tests.black_hole import BlackHole
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes, Supervised, alive
from tests.fix_tcp_postgres import TcpPostgres, backends, database_of_its_own, passes
from tests.wait import wait_for

LEASE_S = 10.0  # cut off after half of it
FLAGS: dict[str, Any] = {"supervisor.lease_s": LEASE_S, "supervisor.renew_s": 1, "supervisor.poll_s": 1}
CUT_OFF_S = cutoff_s(LEASE_S)
PAGES = 20


class Wire:
    """A supervisor whose every connection goes through a black hole, and a connection of ours that does not."""

    def __init__(self, server: TcpPostgres, database: str) -> None:
        """Nothing runs yet."""
        self._server = server
        self._database = database
        self.hole = BlackHole(server.port)
        self.connection: Connection = connect(server.socket_url(database))
        self.nodes = Nodes(self.connection)
        self.supervised: Supervised | None = None

    def supervise(self, **flags: Any) -> Supervised:
        """Start it."""
        url = self._server.url(self._database, port=self.hole.port)
        self.supervised = Supervised(url, {**FLAGS, **flags}, None)
        return self.supervised

    def lease_left_s(self, name: str) -> float:
        """Seconds for which others have to leave the node alone."""
        query = "select extract(epoch from lease_until - clock_timestamp()) as s from scrape_leases where source = %s"
        row = self.nodes.one(query, name)
        assert row is not None
        return float(row["s"])

    def close(self) -> None:
        """End everything."""
        if self.supervised is not None and self.supervised.process.poll() is None:
            self.supervised.kill()
        self.hole.close()
        self.connection.close()


@pytest.fixture
def new_wire(shared_tcp_server: TcpPostgres) -> Iterator[Callable[[], Wire]]:
    """Makes wires, each to a database of its own."""
    with contextlib.ExitStack() as stack:

        def make() -> Wire:
            wire = Wire(shared_tcp_server, stack.enter_context(database_of_its_own(shared_tcp_server)))
            stack.callback(wire.close)
            return wire

        yield make


@pytest.fixture
def wire(new_wire: Callable[[], Wire]) -> Wire:
    """One of them."""
    return new_wire()


def _refuse(hole: BlackHole) -> None:
    hole.refuse()
    hole.reset()


SILENT: dict[str, Callable[[BlackHole], None]] = {
    "held": BlackHole.hold,
    "swallowed to the server": lambda hole: hole.swallow("up"),
    "swallowed from the server": lambda hole: hole.swallow("down"),
}


def test_a_partition_ends_scrapes_before_their_lease_and_they_go_on_from_their_checkpoint(
    new_wire: Callable[[], Wire],
) -> None:
    """Held up, half-open in either direction, or refused by a proxy, each on a wire of its own at the same time.

    What a proxy refuses is no evidence that the server is down: somebody else may reach it past the proxy.
    """
    ways = SILENT | {"refused": _refuse}
    wires = {how: new_wire() for how in ways}
    for wire in wires.values():
        wire.nodes.add("long", "zoo:pages", {"pages": PAGES, "pause_s": 0.2})
        wire.supervise()
    runs = {how: wire.nodes.wait_for_pages("long", 3, 30) for how, wire in wires.items()}
    templates = [wire.supervised.forkserver() for wire in wires.values() if wire.supervised is not None]
    for how, wire in wires.items():
        ways[how](wire.hole)
    for how, wire in wires.items():
        wait_for(lambda how=how: not processes.is_alive(runs[how]["pid"]), CUT_OFF_S + 1.5, f"the cut-off, {how}")  # type: ignore[misc]
        assert wire.lease_left_s("long") > 0, f"the lease had run out before it was dead, {how}"
    for wire in wires.values():
        wait_for(lambda wire=wire: wire.lease_left_s("long") < 0, LEASE_S, "the end of the lease")  # type: ignore[misc]
        assert wire.nodes.last("long")["status"] == "running"  # nobody could say what became of it
    passes(0.5)
    assert alive(templates) == templates, "with no scrape left a keeper has nobody to kill at the end of a lease"
    for wire in wires.values():
        wire.hole.pass_on()
    for how, wire in wires.items():
        first, second = wire.nodes.wait_for_ends("long", 2, 40)
        assert (first["id"], first["status"], first["cause"], first["part"]) == (runs[how]["id"], "error", "lost", 0)
        assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1), (how, second["error"])
        assert first["pages_count"] + second["pages_count"] == PAGES, how
        assert first["inserted_count"] + second["inserted_count"] == wire.nodes.jobs() == 5 * PAGES, how
        assert wire.supervised is not None
        assert wire.supervised.terminate() == 0


def test_a_shorter_partition_ends_nobody(wire: Wire) -> None:
    wire.nodes.add("long", "zoo:pages", {"pages": 2 * PAGES, "pause_s": 0.1})
    supervised = wire.supervise(**{"supervisor.lease_s": 20})
    run = wire.nodes.wait_for_pages("long", 3)
    for begin in SILENT.values():
        begin(wire.hole)
        passes(1.5)
        wire.hole.pass_on()
        wire.hole.reset()  # what was swallowed would be missed only by the limit for an answer
        pages = wire.nodes.last("long")["pages_count"]
        wire.nodes.wait_for_pages("long", pages + 3, 20)
    (ended,) = wire.nodes.wait_for_ends("long", 1, 40)
    assert (ended["id"], ended["cause"], ended["pid"]) == (run["id"], "done", run["pid"])
    assert ended["inserted_count"] == wire.nodes.jobs() == 10 * PAGES
    assert supervised.terminate() == 0


LOSSES = {
    "claim_run(": "a claim",
    "commit_page(": "a page",
    "set status = 'running', pid": "the first word of a scrape",
    "finish_run(": "its last word",
    "close_run(": "its end",
    "renew_leases(": "a renewal",
}


def test_whichever_answer_is_lost_everything_is_done_and_counted_once(wire: Wire) -> None:
    """The statement was done, its connection is gone: it is said again and recognised."""
    supervised = wire.supervise(**{"supervisor.lease_s": 30})
    for number, (statement, what) in enumerate(LOSSES.items()):
        name = f"n{number}"
        wire.hole.lose_the_answer_to(statement)
        wire.nodes.add(name, "zoo:pages", {"pages": 6, "pause_s": 0.1, "board": name})
        (run,) = wire.nodes.wait_for_ends(name, 1, 20)
        wait_for(lambda number=number: wire.hole.answers_lost == number + 1, 12, f"the answer to {what}")  # type: ignore[misc]
        assert (run["cause"], run["attempt"], run["part"]) == ("done", 1, 0), (what, run["error"])
        assert (run["pages_count"], run["inserted_count"], run["fetched_count"]) == (6, 30, 30), what
    assert wire.nodes.jobs() == 30 * len(LOSSES)
    assert [len(wire.nodes.runs(f"n{number}")) for number in range(len(LOSSES))] == [1] * len(LOSSES)
    assert supervised.terminate() == 0


def test_heartbeats_are_not_judged_for_a_while_after_a_silence(wire: Wire) -> None:
    """Silent for twice the stale limit, within the lease; what was beaten meanwhile arrives late or never."""
    wire.nodes.add("long", "zoo:chatty", {"pages": 20, "pause_s": 0.1})
    supervised = wire.supervise(**{"supervisor.lease_s": 30, "heartbeat.every_s": 1, "heartbeat.stale_after_s": 3})
    run = wire.nodes.wait_for_pages("long", 3)
    wait_for(lambda: backends(wire.connection, "scrapewarden beat"), 10, "its heart")
    wire.hole.hold()
    supervised.wait_for_event("database_failed")
    passes(2)
    wire.hole.pass_on()
    (ended,) = wire.nodes.wait_for_ends("long", 1, 40)
    assert (ended["id"], ended["cause"], ended["pid"]) == (run["id"], "done", run["pid"]), ended["error"]
    assert supervised.terminate() == 0
