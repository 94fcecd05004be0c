"""Ticks and attempts: each accounted for once, whatever dies; and clocks that are wrong."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path

from psycopg.rows import DictRow

from supervisor.chaos.kills import kill_and_count
from supervisor.chaos.leases import two_at_once
from supervisor.chaos.stage import Stage
from supervisor.chaos.trial import Found
from supervisor.chaos.troupe import Supervised
from supervisor.tables import chaos, dead_letters
from supervisor.throwaway import environment
from workers import database
from workers.states import Cause

ATTEMPTS = 3
CLICKS = 10
HOUR_S = 3600
WRONG_CLOCK = Path(__file__).with_name("wrong_clock")


def under_kills(stage: Stage) -> Found:
    """A node of every second, and a supervisor that is killed again and again, with downtime between."""
    stage.rows.add("busy", "steady", {"pages": 1, "pause_s": 0.1}, schedule="every 1s")
    rounds = stage.rounds(2, 12)
    for _ in range(rounds):
        before = len(stage.rows.runs("busy"))
        supervised = stage.supervise()
        stage.until(partial(_has_more_runs, stage, before), 30, "a run of this supervisor's")
        stage.pause(stage.chance.uniform(0.5, 2))
        kill_and_count(stage, supervised)
        stage.pause(stage.chance.uniform(0, 2.5))
    supervised = stage.supervise()
    before = len(stage.rows.ended("busy"))
    stage.until(lambda: len(stage.rows.ended("busy")) >= before + 3, 30, "three more runs")
    code = supervised.end()
    rows = stage.rows.ticks("busy")
    gaps, doubles = judge(rows, stage.rows.node("busy"))
    skipped = sum(row["tick_count"] for row in rows if row["attempt"] == 0)
    runs = len({row["tick"] for row in rows if row["attempt"] > 0})
    figure = f"{runs} ticks run, {skipped} skipped with a row; {gaps} without one, {doubles} twice"
    return Found(rounds=rounds, kept=(gaps, doubles, code) == (0, 0, 0), figure=figure)


def _has_more_runs(stage: Stage, before: int) -> bool:
    return len(stage.rows.runs("busy")) > before


def judge(rows: list[DictRow], node: DictRow) -> tuple[int, int]:
    """Ticks that no row accounts for, and those that two account for; one tick a second from the node's creation."""
    covered: list[int] = []
    for row in rows:
        first = round((row["tick"] - node["created_at"]).total_seconds())
        if row["attempt"] <= 1 and row["part"] == 0:
            covered += range(first, first + row["tick_count"])
    once = set(covered)
    return len(set(range(max(once, default=0))) - once), len(covered) - len(once)


def poison(stage: Stage) -> Found:
    """A node that fails each time becomes a dead letter after exactly its attempts, with all causes."""
    stage.rows.add("poison", "poison", max_attempts=ATTEMPTS)
    stage.supervise()
    letters = stage.until(lambda: chaos.read_letters(stage.rows.connection, "poison"), 40, "a dead letter")
    stage.pause(1)
    runs = stage.rows.runs("poison")
    kept = [(cause["attempt"], cause["cause"]) for cause in letters[0]["causes"]]
    wanted = [(attempt, str(Cause.EXCEPTION)) for attempt in range(1, ATTEMPTS + 1)]
    figure = f"{len(runs)} attempts of {ATTEMPTS}, {len(letters)} dead letter with {len(kept)} causes"
    return Found(kept=kept == wanted and len(runs) == ATTEMPTS and len(letters) == 1, figure=figure)


def double_clicks(stage: Stage) -> Found:
    """Ten people ask for the retry of one dead letter at the same moment: one is heard, and one tick follows."""
    stage.rows.add("poison", "poison", max_attempts=ATTEMPTS)
    stage.supervise()
    letter = stage.until(lambda: chaos.read_letters(stage.rows.connection, "poison"), 40, "a dead letter")[0]
    together = threading.Barrier(CLICKS)
    with ThreadPoolExecutor(CLICKS) as pool:
        heard = sum(pool.map(partial(_click, stage.rows.url, letter["id"], together), range(CLICKS)))
    stage.until(lambda: len(stage.rows.ended("poison")) >= 2 * ATTEMPTS, 40, "the end of the retry")
    stage.pause(1)
    retries = [run for run in stage.rows.runs("poison") if run["dead_letter_id"] == letter["id"]]
    from_checkpoint = bool(retries) and retries[0]["start_checkpoint"] == letter["checkpoint"]
    ticks = len({run["tick"] for run in retries})
    figure = f"{CLICKS} clicks, {heard} heard, {ticks} retry from its checkpoint in {len(retries)} attempts"
    return Found(kept=(heard, ticks, len(retries)) == (1, 1, ATTEMPTS) and from_checkpoint, figure=figure)


def _click(url: str, letter_id: int, together: threading.Barrier, _number: int) -> bool:
    with database.connect(url, application="scrapewarden chaos") as connection:
        together.wait(10)
        return dead_letters.retry_dead_letter(connection, letter_id, fresh=False) is not None


def wrong_clocks(stage: Stage) -> Found:
    """Two supervisors whose clocks are an hour ahead and an hour behind, on one database."""
    path = os.pathsep.join(filter(None, [str(WRONG_CLOCK), environment().get("PYTHONPATH")]))
    ahead, behind = ({"PYTHONPATH": path, "CHAOS_CLOCK_OFF_S": str(off)} for off in (HOUR_S, -HOUR_S))
    found = two_at_once(stage, (ahead, behind))
    names = [f"n{number}" for number in range(4)]
    judged = [judge(stage.rows.ticks(name), stage.rows.node(name)) for name in names]
    gaps, doubles = (sum(column) for column in zip(*judged, strict=True))
    off = [_hours_off(supervised) for supervised in stage.supervisors]
    figure = f"{found.figure}; {gaps} ticks without a row, {doubles} twice; clocks {off[0]:+d} h and {off[1]:+d} h"
    good = found.kept and (gaps, doubles, off) == (0, 0, [1, -1])
    return Found(rounds=found.rounds, kept=good, figure=figure)


def _hours_off(supervised: Supervised) -> int:
    """By how much its clock was wrong, as the times in its log tell."""
    said = datetime.strptime(supervised.log.read_text("utf-8")[:20], "%Y-%m-%d %H:%M:%S%z")
    return round((said - supervised.began_at).total_seconds() / HOUR_S)
