"""A supervisor's hand on the database, without a process: it claims, begins, commits and closes as the product does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from supervisor.tables import leases, runs
from tests.fix_database import connect
from tests.fix_supervisor import Nodes
from workers import queries

Connection = psycopg.Connection[DictRow]
FENCED = "SW001"
HOUR_S = 3600.0
PLACE = {"host": "here", "boot_id": "boot", "pid_ns": "ns", "memory_domain": "domain"}
IDENTITY = {"pid": 4711, "start_ticks": 99, "boot_id": "boot", "pid_ns": "ns"}
SCRAPE = queries.load("scrape")


def posting(url: str, content: str = "first", **fields: Any) -> dict[str, Any]:
    """A cleaned posting as commit_page takes it."""
    return {"url": url, "title": f"Job at {url}", "content_hash": content, **fields}


class Hand:
    """One supervisor and the children it would have, on one connection."""

    def __init__(self, connection: Connection) -> None:
        """Nothing is claimed yet; a statement that waits where it should not fails soon."""
        self.connection = connection
        connection.execute("set statement_timeout = '8s'")
        self.supervisor_id = str(uuid.uuid4())
        self._nodes = Nodes(connection)

    def claim(self, node_id: int, **changes: Any) -> DictRow:
        """Ask for a run of a node; `verdict` says what came of it."""
        parameters = {
            "node_id": node_id,
            "supervisor_id": self.supervisor_id,
            "owner": str(uuid.uuid4()),
            "lease_s": 30.0,
            "expected_tick": None,
            "next_run_at": None,
            "budget_mb": 100,
            "budget_source": "default",
            "room_mb": 10_000.0,
            "max_attempts": 3,
            **PLACE,
            **changes,
        }
        return runs.claim_run(self.connection, **parameters)

    def claimed(self, node_id: int, **changes: Any) -> DictRow:
        """A claim that must succeed."""
        claim = self.claim(node_id, **changes)
        assert claim["verdict"] == "claimed", claim
        return claim

    def start(self, name: str, **columns: Any) -> DictRow:
        """A new node, claimed and begun."""
        claim = self.claimed(self._nodes.add(name, "zoo:any", **columns))
        assert self.begin(claim)
        return claim

    def begin(self, claim: DictRow, **identity: Any) -> bool:
        """The child's first statement."""
        return self._scrape("begin_run", claim, **{**IDENTITY, **identity}) is not None

    def beat(self, claim: DictRow, idle_s: float = 0.0, rss_mb: float = 50.0) -> bool:
        """The child's heartbeat."""
        return self._scrape("beat", claim, idle_s=idle_s, stage=None, rss_mb=rss_mb) is not None

    def page(
        self,
        claim: DictRow,
        page_no: int,
        jobs: list[dict[str, Any]] | None = None,
        checkpoint: dict[str, Any] | None = None,
        **changes: Any,
    ) -> DictRow:
        """Commit a page."""
        parameters: dict[str, Any] = {
            "page_no": page_no,
            "jobs": json.dumps(jobs or []),
            "checkpoint": None if checkpoint is None else json.dumps(checkpoint),
            "fetches": "[]",
            "repeats": 0,
            "rejected": 0,
            "stage": None,
            "done": None,
            "total": None,
            "rss_mb": None,
        }
        row = self._scrape("commit_page", claim, **{**parameters, **changes})
        assert row is not None
        return row

    def finish(self, claim: DictRow, status: str, cause: str, **facts: Any) -> bool:
        """The child's last word; False: it had been said before."""
        outcome = {"status": status, "cause": cause, "error": None, "retriable": True, **facts}
        fetches = json.dumps([{"url": "https://x/last", "status": "ok"}])
        row = self._scrape("finish_run", claim, outcome=json.dumps(outcome), fetches=fetches)
        assert row is not None
        return bool(row["finish_run"])

    def close(self, claim: DictRow, status: str, cause: str, step: str, **changes: Any) -> str:
        """Settle: `closed`, `buried`, `already`, `outcome` or `gone`."""
        parameters = {
            "run_id": claim["run_id"],
            "epoch": claim["epoch"],
            "status": status,
            "cause": cause,
            "error": f"ended: {cause}",
            "traceback": None,
            "ended_by": "self",
            "exit_code": None,
            "exit_signal": None,
            "peak_rss_mb": None,
            "cpu_s": None,
            "next": step,
            "retry_s": 0.0,
            "max_attempts": 3,
            "outcome_seen": True,
            **changes,
        }
        return str(runs.close_run(self.connection, **parameters)["verdict"])

    def done(self, claim: DictRow) -> str:
        """Settle as done."""
        return self.close(claim, "ok", "done", "end")

    def renew(self, *claims: DictRow, lease_s: float = 30.0) -> dict[str, str]:
        """Renew the leases of runs: source → verdict."""
        held = {self.run(claim)["source"]: claim["epoch"] for claim in claims}
        return leases.renew_leases(self.connection, held, lease_s)

    def run(self, claim: DictRow) -> DictRow:
        """The run's row."""
        row = runs.get_run(self.connection, claim["run_id"])
        assert row is not None
        return row

    def expire(self, source: str) -> None:
        """Let a lease run out now."""
        self.connection.execute("update scrape_leases set lease_until = clock_timestamp() where source = %s", (source,))

    def lease(self, source: str) -> DictRow:
        """The lease's row, and whether it is `live`."""
        return self.value(
            "select *, lease_until > clock_timestamp() as live from scrape_leases where source = %s", source
        )

    def checkpoint(self, source: str) -> Any:
        """Where a node would go on from, or None."""
        row = self.connection.execute(
            "select c.state from checkpoints c join nodes n on n.id = c.node_id where n.name = %s", (source,)
        ).fetchone()
        return None if row is None else row["state"]

    def letters(self) -> list[DictRow]:
        """Dead letters, oldest first."""
        return self.connection.execute("select * from dead_letters order by id").fetchall()

    def value(self, query: str, *parameters: Any) -> DictRow:
        """The one row that a query must have."""
        row = self.connection.execute(query.encode(), parameters).fetchone()
        assert row is not None
        return row

    def _scrape(self, name: str, claim: DictRow, **parameters: Any) -> DictRow | None:
        cursor = self.connection.execute(
            SCRAPE[name], {"run_id": claim["run_id"], "epoch": claim["epoch"], **parameters}
        )
        return cursor.fetchone()


@pytest.fixture
def hand(connection: Connection) -> Hand:
    """A supervisor's hand on the test's database."""
    return Hand(connection)


@contextmanager
def fenced() -> Iterator[None]:
    """What is done inside must be refused because the run may no longer write."""
    with pytest.raises(psycopg.Error) as caught:
        yield
    assert caught.value.sqlstate == FENCED, caught.value


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    """What is done inside must be refused by the constraint of that name."""
    with pytest.raises(psycopg.Error) as caught:
        yield
    assert caught.value.diag.constraint_name == constraint, caught.value


def another_hand(url: str) -> Hand:
    """A second one with a connection of its own, to be closed by the caller."""
    return Hand(connect(url))
