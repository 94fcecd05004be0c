"""Queries on scrape_runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from workers import queries
from workers.database import Connection, fetch_all, fetch_one
from workers.plain import to_jsonb
from workers.states import CAUSES_OF, FINAL, RunStatus

_SQL = queries.load("runs")
# Answers of close_run and close_lost_run: it is done, by this very call; and there is a dead letter.
CLOSED = frozenset({"closed", "buried", "paused"})
BURIED = frozenset({"buried", "paused"})


def claim_run(connection: Connection, **parameters: Any) -> DictRow:
    """Lease, epoch and run row in one round trip; `verdict` says what came of it."""
    row = fetch_one(connection, _SQL["claim_run"], **parameters)
    return row or {"verdict": "busy"}


def close_run(connection: Connection, **parameters: Any) -> DictRow:
    """End a run: `verdict`, `fetched_count`, `rejected_count`, and `earlier_peaks` of its node, newest first.

    Verdicts: those of CLOSED, `already`, `outcome` (decide again, knowing the child's verdict) or `gone`.
    """
    row = fetch_one(connection, _SQL["close_run"], **parameters)
    return row or {"verdict": "gone", "fetched_count": None, "rejected_count": None, "earlier_peaks": []}


def close_lost_run(connection: Connection, run_id: int, max_attempts: int, sentence: str | None = None) -> str:
    """End a run whose holder is gone."""
    row = fetch_one(connection, _SQL["close_lost_run"], run_id=run_id, max_attempts=max_attempts, sentence=sentence)
    return str(row["verdict"]) if row else "gone"


def pass_over_ticks(connection: Connection, **parameters: Any) -> bool:
    """Write rows for ticks nobody will run and move the schedule on; False: somebody else did."""
    row = fetch_one(connection, _SQL["pass_over_ticks"], **parameters)
    return bool(row and row["done"])


def read_own_open(connection: Connection, supervisor_id: str) -> list[DictRow]:
    """Open runs of one supervisor with their signs of life."""
    return fetch_all(connection, _SQL["read_own_open"], supervisor_id=supervisor_id)


def latch_stop(connection: Connection, run_id: int) -> None:
    """A stop request holds for the run that was running when it was seen."""
    connection.execute(_SQL["latch_stop"], {"run_id": run_id})


def write_measured(connection: Connection, measured: dict[int, float]) -> None:
    """Memory of process trees in MB, by run: the present figure, the peak, and a sample."""
    if measured:
        connection.execute(_SQL["write_measured"], {"ids": list(measured), "mbs": list(measured.values())})


def read_budget_facts(connection: Connection, node_ids: list[int], peaks: int) -> dict[int, DictRow]:
    """Node → its newest `peaks` (MB, newest first) and `memory_ends` of its tick in hand."""
    rows = fetch_all(connection, _SQL["read_budget_facts"], node_ids=node_ids, peaks=peaks)
    return {row["node_id"]: row for row in rows}


def write_trend(connection: Connection, run_id: int, message: str, facts: dict[str, Any]) -> None:
    """Tell in the log of a run that its node's memory climbs."""
    connection.execute(_SQL["write_trend"], {"run_id": run_id, "message": message, "facts": to_jsonb(facts)})


def read_ending(connection: Connection, run_id: int) -> DictRow | None:
    """What is known of a run that ended without a word."""
    return fetch_one(connection, _SQL["read_ending"], run_id=run_id)


def read_expired(connection: Connection, supervisor_id: str, lease_s: float) -> list[DictRow]:
    """Open runs of others whose lease has run out."""
    return fetch_all(connection, _SQL["read_expired"], supervisor_id=supervisor_id, lease_s=lease_s)


def read_open_of_others(connection: Connection, supervisor_id: str) -> list[DictRow]:
    """Open runs of other supervisors with their owners' identities."""
    return fetch_all(connection, _SQL["read_open_of_others"], supervisor_id=supervisor_id)


def list_runs(
    connection: Connection, *, source: str | None, status: str | None, cause: str | None, limit: int
) -> list[DictRow]:
    """Runs, newest first."""
    is_open = cause is None and status is not None and RunStatus(status) not in FINAL
    causes = _causes(status, cause)
    return fetch_all(
        connection, _SQL["list_runs"], source=source, causes=causes, open=status if is_open else None, limit=limit
    )


def _causes(status: str | None, cause: str | None) -> list[str] | None:
    """The causes that a run may have that is asked for by these; None: any, or none yet."""
    if status is None:
        return None if cause is None else [cause]
    of_status = CAUSES_OF.get(RunStatus(status), frozenset())
    return sorted(str(each) for each in of_status if cause in (None, each))


def get_run(connection: Connection, run_id: int) -> DictRow | None:
    """One run."""
    return fetch_one(connection, _SQL["get_run"], run_id=run_id)


def newest_run_of(connection: Connection, source: str) -> DictRow | None:
    """The newest run of a source that had a process."""
    return fetch_one(connection, _SQL["newest_run_of"], source=source)


def runs_by_source(connection: Connection, source: str | None = None) -> list[DictRow]:
    """Per source, or of one: last run, last ten errors, streaks."""
    return fetch_all(connection, _SQL["runs_by_source"], source=source)


def newest_run_id(connection: Connection, node_id: int) -> int:
    """The highest run id of a node so far."""
    row = fetch_one(connection, _SQL["newest_run_id"], node_id=node_id)
    return int(row["id"]) if row else 0


def open_run_of(connection: Connection, node_id: int) -> DictRow | None:
    """The run of a node that is under way."""
    return fetch_one(connection, _SQL["open_run_of"], node_id=node_id)


def requested_run(connection: Connection, node_id: int, *, after: int, since: datetime) -> DictRow | None:
    """The newest part of the tick that a request made at `since` (database time) led to; `after` is a run id."""
    return fetch_one(connection, _SQL["requested_run"], node_id=node_id, after=after, since=since)
