"""Events as lines for the person who watches the terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from workers import events

# Facts that are missing show as "-"; an event without a line here is shown with all its facts.
LINES = {
    "alert_failed": "an alert ({kind}) could not be sent by {receiver}: {reason}",
    "alert_sent": "an alert ({kind}, {count} in one) was sent by {receiver}",
    "breaker_opened": "{host}: its breaker opened for {open_s} s after {failures} failures: {error}",
    "database_away": "the database went away",
    "connections_short": "too few connections, so some scrapes will wait: {reason}",
    "database_back": "the database answers again",
    "database_failed": "the database failed: {error}",
    "dead_letter": "{node}: its tick is a dead letter after run {run_id}; see `supervisor dead-letters list`",
    "draining": "stopping: {running} runs are asked to end",
    "gave_up": "giving up: {failures} processes within {seconds} s ended before they came up; see `supervisor runs`",
    "guard_failed": "the guard could not judge a process and looks again: {error}",
    "keeper_replaced": "the keeper had died; another one keeps watch, pid {pid}",
    "lease_expired": "{node}: run {run_id} lost its lease: it could not be renewed in time",
    "lease_passed_on": "{node}: run {run_id} lost its lease to another supervisor",
    "loop_was_late": "the loop was held up; silence is not judged for a while",
    "memory_awaited": "{node}: has waited for memory for {waited_min} min: {reason}",
    "node_paused": "{node}: paused, {reason}",
    "node_refused": "{node}: skipped ({cause}), {reason}",
    "node_stopped": "{node}: stopped",
    "node_waits": "{node}: waits, {reason}",
    "not_listening": "{reason}",
    "old_rows_deleted": "{count} old rows of {table} deleted",
    "phantom_closed": "{node}: run {run_id} had been claimed without our knowing; closed ({verdict})",
    "proxy_leak": "{node}: run {run_id} met a proxy that shows our own address: {error}",
    "renewal_failed": "leases could not be renewed: {error}",
    "row_failed": "{node}: could not be dealt with and is tried again: {error}",
    "run_ended": "{node}: run {run_id} ended {status}/{cause}: {error}",
    "run_fenced": "{node}: run {run_id} had been taken over; what it did since does not count",
    "run_recovered": "{node}: run {run_id} of a dead supervisor closed ({verdict})",
    "run_rescued": "{node}: run {run_id} closed, its lease had run out",
    "run_started": "{node}: run {run_id} started, pid {pid}",
    "snapshot_taken": "snapshot of {date} taken, {rows} rows",
    "stop_seen": "{node}: run {run_id} is asked to end",
    "suspiciously_empty": "{node}: run {run_id} {reason}; look at `supervisor try`",
    "supervisor_ended": "supervisor ended",
    "supervisor_started": "supervisor {version} on {database}: {ready} of {nodes} nodes ready; Ctrl-C ends it",
    "tick_skipped": "{node}: {ticks} tick(s) skipped ({cause})",
}
_MOST_LINE = 2_000


def speak(stream: TextIO) -> Callable[[], None]:
    """Write a line with the time in UTC for every event from now on; returns the way to stop."""

    def subscriber(name: str, facts: dict[str, Any]) -> None:
        # One write for each line: events come from several threads. A reader that left must not end the loop.
        with contextlib.suppress(OSError, ValueError):
            stream.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z  {line_of(name, facts)}\n")
            stream.flush()

    return events.subscribe(subscriber)


def line_of(name: str, facts: dict[str, Any]) -> str:
    """The event as one line without control characters."""
    template = LINES.get(name)
    text = template.format_map(_Facts(facts)) if template else " ".join([name, *(f"{k}={v}" for k, v in facts.items())])
    return "".join(c if c.isprintable() else " " for c in text.removesuffix(": -"))[:_MOST_LINE]


class _Facts(dict[str, Any]):
    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__({key: "-" if value is None else value for key, value in facts.items()})

    def __missing__(self, key: str) -> str:
        return "-"
