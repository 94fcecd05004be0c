"""Dead letters as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from supervisor.commands.output import as_json, moment, one_line, say, write, write_facts, write_table

_ATTEMPTS = ("TRY", "RUN", "ENDED (UTC)", "CAUSE", "BY", "PAGES", "WHAT")
_EARLIER = ("TICK (UTC)", "RUN", "CAUSE", "CHECKPOINT", "WHAT")


def write_list(rows: list[DictRow]) -> None:
    """A line for each letter."""
    headings = ("ID", "NODE", "STATE", "LAST (UTC)", "DEAD TICKS", "TRIES", "CAUSE", "WHAT")
    keys = ("id", "source", "state", "last_at", "count", "attempts", "last_cause", "last_error")
    write_table(headings, [[moment(row[key]) if key == "last_at" else row[key] for key in keys] for row in rows])


def write_letter(row: DictRow) -> None:
    """All of one letter, and the next step."""
    facts = {key: row[key] for key in ("id", "source", "state", "count", "created_at", "last_at", "tick", "scraper")}
    facts |= {key: row[key] for key in ("params", "checkpoint")}
    if row["again_of"]:
        facts["again_of"] = f"letter {row['again_of']}, whose retry died of this"
    if row["state"] != "open":
        facts["decided_at"] = row["decided_at"]
    write_facts(facts)
    write("")
    write_table(_ATTEMPTS, [_attempt(cause) for cause in row["causes"]])
    if row["earlier"]:
        write("\nDead ticks of this letter before that, the newest first:")
        write_table(_EARLIER, [_before(each) for each in row["earlier"]])
    for line in _what_follows(row):
        write(f"\n{line}")


def _attempt(cause: dict[str, Any]) -> tuple[object, ...]:
    return (
        f"{cause['attempt']}.{cause['part']}",
        cause["run_id"],
        _time(cause["finished_at"]),
        cause["cause"],
        cause.get("ended_by"),
        cause.get("pages"),
        cause["error"],
    )


def _before(tick: dict[str, Any]) -> tuple[object, ...]:
    return _time(tick["tick"]), tick["run_id"], tick["cause"], as_json(tick["checkpoint"]), tick["error"]


def _time(text: str | None) -> str:
    """A time within JSON, in whatever zone the session had that wrote it."""
    return moment(datetime.fromisoformat(text)) if text else "-"


def _what_follows(row: DictRow) -> Iterator[str]:
    name = one_line(row["source"])
    if row["state"] == "open" and row["node_id"] is None:
        yield f"node {name} was removed: `supervisor dead-letters discard {row['id']}`"
    elif row["state"] == "open":
        yield f"next: `supervisor dead-letters retry {row['id']}`, or `discard {row['id']}`"
    elif row["retry_waits"] and row["node_stop_requested"]:
        yield f"its retry waits, because the node is stopped: run `supervisor start {name}`"
    elif row["retry_waits"]:
        yield "its retry waits for the node's next run: see `supervisor status`"
    if row["retry_run_id"]:
        attempt = f"attempt {row['retry_attempt']}.{row['retry_part']}"
        said = f": {one_line(row['retry_error'])}" if row["retry_error"] else ""
        ended = "/".join(filter(None, (row["retry_status"], row["retry_cause"])))
        yield f"retried as run {row['redriven_run_id']}; now run {row['retry_run_id']}, {attempt}: {ended}{said}"
    if row["again_as"]:
        yield f"dead again: see `supervisor dead-letters show {row['again_as']}`"


def write_asked(letter: DictRow, *, blocked: bool, alive: bool) -> None:
    """What was asked for, and what it waits for."""
    name = one_line(letter["source"])
    begins = f"goes on from {_short(letter['checkpoint'])}" if letter["checkpoint"] else "begins at the beginning"
    told = f"letter {letter['id']} of {name}: its retry {begins}"
    if blocked:
        write(f"{told}, but the node is stopped: run `supervisor start {name}`")
    elif alive:
        write(told)
    else:
        say(f"{told}, but no supervisor is running: run `supervisor run`")


def _short(checkpoint: object) -> str:
    text = one_line(as_json(checkpoint))
    return text if len(text) <= 80 else f"{text[:77]}..."


def decided_before(letter: DictRow) -> str:
    """Why a letter cannot be decided again."""
    number, name = letter["id"], one_line(letter["source"])
    told = f"letter {number} of {name} was {letter['state']} at {moment(letter['decided_at'])} UTC"
    if letter["redriven_run_id"]:
        return f"{told} as run {letter['redriven_run_id']}: see `supervisor dead-letters show {number}`"
    if letter["state"] == "retried":
        return f"{told}, its run has not begun yet: see `supervisor dead-letters show {number}`"
    return f"{told}: ask for a run with `supervisor run-now {name}`"
