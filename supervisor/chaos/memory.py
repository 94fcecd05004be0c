"""Memory that leaks, and memory that is taken at one go."""

from __future__ import annotations

from functools import partial

from supervisor.chaos.stage import Stage
from supervisor.chaos.trial import Found
from workers.states import Cause

LEAK_MB = 8
BUDGET_MB = 96
BURST_BUDGET_MB = 96
BURST_MB = 300


def leak(stage: Stage) -> Found:
    """A crawl that leaks several times its budget: it recycles, and finds every job once."""
    stage.needs_mb(BUDGET_MB * 2)
    pages = stage.rounds(24, 150)
    stage.rows.add("leaks", "leaks", {"pages": pages, "leak_mb": LEAK_MB}, memory_mb=BUDGET_MB)
    stage.supervise()
    stage.until(lambda: stage.rows.is_done("leaks"), 240, "the end of the leaking crawl")
    runs = stage.rows.runs("leaks")
    recycled = sum(run["cause"] == Cause.RECYCLED for run in runs)
    peak = max(run["peak_rss_mb"] or 0 for run in runs)
    account = stage.rows.account("leaks", pages)
    figure = f"leaked {pages * LEAK_MB} MB in {len(runs)} processes, peak {peak:.0f} of {BUDGET_MB} MB; {account}"
    return Found(rounds=recycled, kept=account.clean and recycled > 0 and peak <= BUDGET_MB, figure=figure)


def burst(stage: Stage) -> Found:
    """Two scrapes take far more than their budgets, with and without a data limit; a neighbour works on."""
    stage.needs_mb(BURST_MB + 4 * BURST_BUDGET_MB)
    params = {"swell_mb": BURST_MB}
    stage.rows.add("neighbour", "steady", {"pages": 40, "pause_s": 0.1})
    supervised = stage.supervise()
    stage.until(lambda: stage.rows.working("neighbour"), 20, "the neighbour at work")
    limits = {"memory_mb": BURST_BUDGET_MB, "max_attempts": 1}
    stage.rows.add("limited", "swells", params, **limits)
    stage.rows.add("unlimited", "swells", params, data_limit=False, **limits)
    for name in ("limited", "unlimited"):
        stage.until(partial(stage.rows.ended, name, 1), 30, f"the end of {name}")
    stage.until(lambda: stage.rows.is_done("neighbour"), 30, "the end of the neighbour")
    ends = {name: stage.rows.ended(name)[0]["cause"] for name in ("limited", "unlimited")}
    (neighbour,) = stage.rows.runs("neighbour")
    lives = supervised.process.poll() is None and neighbour["attempt"] == 1
    figure = f"causes {', '.join(sorted(ends.values()))}; the supervisor and the neighbour live"
    return Found(rounds=2, kept=lives and set(ends.values()) == {Cause.MEMORY}, figure=figure)
