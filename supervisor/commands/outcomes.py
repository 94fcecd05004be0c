"""What the loop made of a wish: judged by looking at the rows until the answer is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow

from supervisor.commands.durations import short
from supervisor.commands.output import one_line, say, write
from supervisor.commands.waiting import POLL_S
from supervisor.tables import dead_letters, nodes, runs
from workers.database import Connection
from workers.states import NodeStatus, RunStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A flag that was set, and how things stood before."""

    name: str
    node_id: int
    since: datetime  # database time, before the flag
    open_run_id: int | None  # the run that was under way
    newest_run_id: int
    blocked: bool = False  # a run is asked for, but the node is stopped


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a wish; `good` decides about the exit code."""

    sentence: str
    good: bool = True


Judge = Callable[[Connection, Wish], Answer | None]


def follow(connection: Connection, wishes: list[Wish], judge: Judge, limit_s: float) -> int:
    """Tell of each wish as soon as it is fulfilled; 1 if one is not within the limit or did not end well."""
    began = time.monotonic()
    left, failed = list(wishes), False
    while left:
        for wish in list(left):
            if answer := judge(connection, wish):
                left.remove(wish)
                failed = failed or not answer.good
                write(f"{wish.name}: {answer.sentence.format(after=short(time.monotonic() - began))}")
        if left and time.monotonic() - began >= limit_s:
            for wish in left:
                say(f"{wish.name}: {_still(connection, wish)} after {limit_s:g} s: see `supervisor status`")
            return 1
        if left:
            time.sleep(POLL_S)
    return int(failed)


def stopped(connection: Connection, wish: Wish) -> Answer | None:
    """The node is stopped and its run, if there was one, is closed."""
    node = nodes.get_node(connection, wish.name)
    if node is None:
        return _removed()
    if node["status"] != NodeStatus.STOPPED or runs.open_run_of(connection, wish.node_id):
        return None
    run = runs.get_run(connection, _last_run(connection, wish))
    if run is None:
        return Answer("stopped after {after}; nothing was running")
    return Answer("stopped after {after}: " + _of_run(run))


def started(connection: Connection, wish: Wish) -> Answer | None:
    """The loop has taken the node up again, or has set it aside with its reason."""
    node = nodes.get_node(connection, wish.name)
    if node is None:
        return _removed()
    status, reason = node["status"], _escaped(node["status_reason"])
    if status == NodeStatus.PAUSED:
        return Answer(f"paused after {{after}}: {reason}", good=False)
    settled = status in (NodeStatus.STARTING, NodeStatus.RUNNING, NodeStatus.WAITING)
    if status == NodeStatus.IDLE:
        settled = node["next_run_at"] is not None or not node["schedule"]
    if not settled:
        return None
    following = f", next run at {node['next_run_at']:%Y-%m-%d %H:%M:%S} UTC" if node["next_run_at"] else ""
    return Answer(f"{status} after {{after}}{f': {reason}' if reason else ''}{following}")


def ran(connection: Connection, wish: Wish) -> Answer | None:
    """The tick of the requested run has come to its end, over all its parts and attempts."""
    if wish.blocked:
        return Answer("run requested, but it is stopped: run `supervisor start`", good=False)
    node = nodes.get_node(connection, wish.name)
    if node is None:
        return _removed()
    run = runs.requested_run(connection, wish.node_id, after=wish.newest_run_id, since=wish.since)
    if run is None or run["finished_at"] is None or node["open_tick"] == run["tick"]:
        return None
    return Answer("after {after}: " + _of_run(run), good=run["status"] == RunStatus.OK)


def redriven(letters: dict[int, int]) -> Judge:
    """A judge of retried dead letters, node → letter: the tick of the retry has come to its end."""

    def judge(connection: Connection, wish: Wish) -> Answer | None:
        letter = dead_letters.get_dead_letter(connection, letters[wish.node_id])
        if letter is None or letter["node_id"] is None:
            return _removed()
        if letter["retry_run_id"] is None and letter["node_stop_requested"]:
            return Answer("its retry waits, because the node is stopped: run `supervisor start`", good=False)
        run = None if letter["retry_open"] else runs.get_run(connection, letter["retry_run_id"])
        if run is None:
            return None
        again = f"; dead again, see letter {letter['again_as']}" if letter["again_as"] else ""
        return Answer(f"after {{after}}: {_of_run(run)}{again}", good=letter["retry_status"] == RunStatus.OK)

    return judge


def _last_run(connection: Connection, wish: Wish) -> int:
    """The run that was under way, or one that began between the look and the flag."""
    newest = runs.newest_run_id(connection, wish.node_id)
    return newest if newest > wish.newest_run_id else wish.open_run_id or 0


def _of_run(run: DictRow) -> str:
    """`stopped/requested, 3 pages stored, 41 postings found, 12 new`, and the sentence of a failure."""
    pages = "1 page" if run["pages_count"] == 1 else f"{run['pages_count']} pages"
    facts = f"{run['status']}/{run['cause']}, {pages} stored"
    if run["fetched_count"]:
        facts += f", {run['fetched_count']} postings found, {run['inserted_count']} new"
    wanted = run["error"] and run["status"] in (RunStatus.ERROR, RunStatus.SKIPPED)
    return facts + (f"; {_escaped(run['error'])}" if wanted else "")


def _still(connection: Connection, wish: Wish) -> str:
    node = nodes.get_node(connection, wish.name) or {}
    reason = f" ({one_line(node['status_reason'])})" if node.get("status_reason") else ""
    return f"still {node.get('status', 'removed')}{reason}"


def _removed() -> Answer:
    return Answer("was removed meanwhile", good=False)


def _escaped(text: str | None) -> str:
    """Free text inside a sentence that is formatted later."""
    return one_line(text or "").replace("{", "{{").replace("}", "}}")
