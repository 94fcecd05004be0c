"""The database goes away: at once, or by saying nothing any more."""

from __future__ import annotations

import os
import signal
import time

from supervisor import processes
from supervisor.chaos.stage import Stage
from supervisor.chaos.trial import Found
from supervisor.embedded import EmbeddedPostgres
from supervisor.sightings import Pid, pid_of
from supervisor.tables import chaos
from workers.states import Cause

PAGES, PAUSE_S = 50, 0.1
LEASE_S = 8
LEASES = {"supervisor.lease_s": LEASE_S, "supervisor.renew_s": 1}


def immediate_stop(stage: Stage) -> Found:
    """Postgres is stopped without a farewell in mid-run and started again: the run goes on."""
    rounds = stage.rounds(1, 4)
    pages = PAGES * rounds
    with stage.house.own_server() as (server, url):
        stage.play_on(url)
        stage.rows.add("long", "steady", {"pages": pages, "pause_s": PAUSE_S})
        supervised = stage.supervise()
        for _ in range(rounds):
            stage.until(lambda: stage.rows.working("long", 3), 30, "the scrape at work")
            _kill_server(stage, server)
            stage.pause(stage.chance.uniform(0, 2))
            stage.house.mend(server)
        stage.until(lambda: stage.rows.is_done("long"), 120, "the end of the crawl")
        account = stage.rows.account("long", pages)
        code = supervised.end()
        stage.close()
    return Found(rounds=rounds, kept=account.clean and code == 0, figure=str(account))


def _kill_server(stage: Stage, server: EmbeddedPostgres) -> None:
    """SIGQUIT, which Postgres calls an immediate stop: no farewell to anybody, recovery at the next start."""
    pid = pid_of(server.server_pid or 0)
    os.kill(pid.pid, signal.SIGQUIT)
    stage.until(lambda: not pid.alive, 20, "the server's end")


def silence(stage: Stage) -> Found:
    """The whole server is stopped for longer than a lease: it answers nobody, and nobody can tell why."""
    with stage.house.own_server() as (server, url):
        stage.play_on(url)
        stage.rows.add("long", "steady", {"pages": PAGES, "pause_s": PAUSE_S})
        supervised = stage.supervise(LEASES)
        run = stage.until(lambda: stage.rows.working("long", 3), 30, "the scrape at work")
        scrape = pid_of(run["pid"])
        lease = chaos.read_lease(stage.rows.connection, "long")
        left = (lease["lease_until"] - lease["now_at"]).total_seconds()
        died_after, left_then = _be_silent(stage, server, scrape, left)
        stage.until(lambda: stage.rows.is_done("long"), 90, "the end of the crawl")
        account = stage.rows.account("long", PAGES)
        first = stage.rows.runs("long")[0]
        code = supervised.end()
        stage.close()
    figure = f"dead {died_after:.1f} s into the silence, {left_then:.1f} s before its lease ended; {account}"
    good = left_then > 0 and account.clean and first["cause"] == Cause.LOST and code == 0
    return Found(kept=good, figure=figure)


def _be_silent(stage: Stage, server: EmbeddedPostgres, scrape: Pid, left_s: float) -> tuple[float, float]:
    """Seconds of silence until the scrape is dead, and what its lease had left then."""
    postmaster = server.server_pid or 0
    stopped = [postmaster, *processes.descendants_of(postmaster)]
    began = time.monotonic()
    try:
        for pid in stopped:
            processes.send_pid(pid, signal.SIGSTOP)
        while scrape.alive and time.monotonic() - began < left_s + LEASE_S:
            stage.pause(0.01)
        died_after = time.monotonic() - began
        stage.pause(max(0.0, LEASE_S + 1 - died_after))
    finally:
        for pid in stopped:
            processes.send_pid(pid, signal.SIGCONT)
    return died_after, left_s - died_after
