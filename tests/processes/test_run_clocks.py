"""Wall clocks an hour wrong, in opposite directions, and jumping: nothing of what is done or stored changes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from tests.fix_database import connect
from tests.fix_supervisor import ROOT, Nodes, Start, Supervised
from tests.fix_tcp_postgres import TcpPostgres, new_database
from tests.fix_wrong_clock import HOUR_S, WrongClock
from tests.scratch import scratch_folder
from tests.wait import wait_for

NEVER = ["lease_expired", "lease_passed_on", "run_rescued", "run_fenced", "phantom_closed"]
CLOSE = timedelta(seconds=30)
EVERY = timedelta(seconds=2)


def test_two_supervisors_whose_clocks_are_an_hour_wrong_and_jump_do_as_if_they_were_right(
    supervise: Start, nodes: Nodes, wrong_clock_library: Path, tmp_path: Path
) -> None:
    fast = WrongClock(wrong_clock_library, tmp_path / "fast", HOUR_S)
    slow = WrongClock(wrong_clock_library, tmp_path / "slow", -HOUR_S)
    flags = {"supervisor__renew_s": 2, "supervisor__poll_s": 0.5, "heartbeat__every_s": 1}
    both = [supervise(through=clock.through, heartbeat__stale_after_s=10, **flags) for clock in (fast, slow)]
    two = "select from supervisors having count(*) = 2"
    wait_for(lambda: nodes.one(two) is not None, 15, "both")  # ticks before that would be missed, and rightly
    nodes.add("long", "zoo:chatty", {"pages": 90, "pause_s": 0.1})
    nodes.add("dated", "clocks:dated", schedule="every 2s")
    nodes.add("retried", "zoo:raises", max_attempts=2)
    nodes.wait_for_pages("long", 20)
    fast.jump(-HOUR_S)
    slow.jump(HOUR_S)
    nodes.wait_for_pages("long", 40)
    fast.jump(2 * HOUR_S)
    (run,) = nodes.wait_for_ends("long", 1, 40)
    assert (run["cause"], run["attempt"], run["part"], run["inserted_count"]) == ("done", 1, 0, 450), run["error"]
    now = _now(nodes)
    nodes.update("dated", stop_requested=True)
    wait_for(lambda: not [run for run in nodes.runs("dated") if run["finished_at"] is None], 10, "the last tick")
    accounted = nodes.runs("dated")  # a loop that this machine held up may have missed a tick, and says so
    ended = [run for run in accounted if run["attempt"]]
    assert len(ended) >= 4
    assert {run["cause"] for run in accounted} <= {"done", "requested", "still_running", "missed"}
    for earlier, later in pairwise(accounted):
        assert later["tick"] - earlier["tick"] == EVERY * (earlier["tick_count"] or 1)
    assert all(timedelta(0) <= run["started_at"] - run["tick"] < CLOSE for run in ended)
    told = [datetime.fromisoformat(run["stage"]) for run in ended if run["stage"]]
    assert told
    assert all(abs(at - now) < CLOSE for at in told)
    posted = nodes.one("select posted_at from jobs where url = 'http://board.test/dated'")
    assert posted is not None
    assert abs(posted["posted_at"] - (now - timedelta(days=3))) < timedelta(days=1)
    retries = nodes.runs("retried")
    assert [run["attempt"] for run in retries] == [1, 2]
    assert retries[1]["started_at"] - retries[0]["finished_at"] < CLOSE
    lines = nodes.connection.execute("select min(at) as first, max(at) as last from run_logs").fetchone()
    assert lines is not None
    assert now - 2 * CLOSE < lines["first"] <= lines["last"] < now + CLOSE
    for supervised in both:
        assert not [event for event in supervised.events if event["event"] in NEVER]
        assert supervised.terminate() == 0


def test_check_says_how_wrong_the_clock_is(database_url: str, wrong_clock_library: Path, tmp_path: Path) -> None:
    clock = WrongClock(wrong_clock_library, tmp_path / "clock", -HOUR_S)
    done = subprocess.run(
        [*clock.through, sys.executable, "-m", "supervisor", "check", "--json", "--database-url", database_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    (found,) = [row for row in json.loads(done.stdout) if row["check"] == "clock"]
    assert found["verdict"] == "warn"
    assert found["found"].startswith("the database's clock is 3600.")
    assert found["found"].endswith("s ahead of this machine's")


def test_a_database_whose_clock_is_set_an_hour_ahead_costs_no_attempt_and_no_job(wrong_clock_library: Path) -> None:
    """By its clock every lease is over, so somebody else might run the node: it ends, and goes on at once."""
    with scratch_folder("sw-clock-") as home:
        library = home / "wrong_clock.so"
        shutil.copy(wrong_clock_library, library)
        clock = WrongClock(library, home / "offset", 0)
        server = TcpPostgres(home)
        server.environment = clock.environment
        server.start()
        new_database(server, "scrapes")
        supervised = Supervised(server.socket_url("scrapes"), {"supervisor.renew_s": 1, "heartbeat.every_s": 1}, None)
        try:
            with connect(server.socket_url("scrapes")) as connection:
                nodes = Nodes(connection)
                nodes.add("long", "zoo:pages", {"pages": 30, "pause_s": 0.1})
                nodes.wait_for_pages("long", 5)
                clock.jump(HOUR_S)
                first, second = nodes.wait_for_ends("long", 2)
                assert (first["cause"], first["attempt"], first["part"]) == ("lost", 1, 0), first["error"]
                assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1), second["error"]
                assert first["inserted_count"] + second["inserted_count"] == nodes.jobs() == 150
            assert supervised.terminate() == 0
        finally:
            if supervised.process.poll() is None:
                supervised.kill()
            server.stop()


def _now(nodes: Nodes) -> datetime:
    row = nodes.one("select clock_timestamp() as at")
    assert row is not None
    at: datetime = row["at"]
    return at
