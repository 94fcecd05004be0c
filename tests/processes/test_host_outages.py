"""Asking about hosts when the database does not answer, or a signal comes in between: nobody waits, nothing is torn."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.fix_claims import Hand
from tests.fix_database import Connection, connect
from tests.fix_hosts import GAP_S, WatchedSite, visiting
from tests.wait import wait_for
from workers.errors import FetchError

NewSite = Callable[..., WatchedSite]
SCRIPT = """
import sys
from workers.errors import StopScrape
from workers.line import Line
from workers.politeness import Politeness
from workers.records import FetchSettings
from workers.stop import StopSwitch
from tests.fix_hosts import assignment_of

line = Line(assignment_of(int(sys.argv[2]), sys.argv[1]))
switch = StopSwitch()
switch.install()
polite = Politeness(FetchSettings(gap_loopback_s=5), line=line, shielded=switch.uninterruptible)
polite.turn("http://127.0.0.1:9/", lambda s: None)
print("connected", flush=True)
sys.stdin.readline()
try:
    with switch.interruptible():
        polite.turn("http://127.0.0.1:9/", lambda s: print("went on"))
except StopScrape:
    print("stopped")
print(line.ask("beat", idle_s=0, stage=None, rss_mb=1))
"""


def test_without_a_database_a_run_goes_on_with_its_own_gaps_and_says_so_once(watched_site: NewSite) -> None:
    site = watched_site({"/": "ok"})
    waits: list[float] = []
    told: list[str] = []
    began = time.monotonic()
    with visiting("postgresql://x@127.0.0.1:9/x", waits, told) as fetcher:
        assert [fetcher.fetch(f"{site.url}/").text for _ in range(3)] == ["ok"] * 3
        with pytest.raises(FetchError):
            fetcher.fetch("http://127.0.0.1:9/")
    assert [round(wait) for wait in waits[:3]] == [0, GAP_S, 2 * GAP_S]
    assert told == ["hosts_not_asked"]
    assert time.monotonic() - began < 3


def test_turns_that_the_database_gave_count_after_it_has_gone(
    watched_site: NewSite, database_url: str, connection: Connection
) -> None:
    site = watched_site({"/": "ok"})
    waits: list[float] = []
    with visiting(database_url, waits, []) as fetcher:
        fetcher.fetch(f"{site.url}/")
        ours = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        connection.execute(f"{ours} and application_name = 'scrapewarden scrape'".encode())
        fetcher.fetch(f"{site.url}/")
    assert [round(wait) for wait in waits] == [0, GAP_S]


def test_a_person_who_holds_a_hosts_row_delays_a_request_by_half_a_second_only(
    watched_site: NewSite, database_url: str, connection: Connection
) -> None:
    site = watched_site({"/": "ok"})
    told: list[str] = []
    with visiting(database_url, [], told) as fetcher, connect(database_url) as person:
        fetcher.fetch(f"{site.url}/")
        person.execute("begin")
        person.execute("update politeness set host = host")
        began = time.monotonic()
        fetcher.fetch(f"{site.url}/")
        assert time.monotonic() - began < 3
        person.execute("rollback")
        before = connection.execute("select next_allowed_at from politeness").fetchone()
        fetcher.fetch(f"{site.url}/")
        assert connection.execute("select next_allowed_at from politeness").fetchone() != before, "asked again at once"
    assert told == []


def test_a_soft_stop_in_the_middle_of_a_statement_waits_for_its_end(hand: Hand, database_url: str) -> None:
    claim = hand.start("n")
    hand.connection.execute("update scrape_runs set epoch = 0")
    command = [sys.executable, "-c", SCRIPT, database_url, str(claim["run_id"])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as child, connect(database_url) as person:  # type: ignore[call-overload] # a mapping of pipes
        assert child.stdout.readline() == "connected\n"
        person.execute("begin")
        person.execute("update politeness set host = host")
        child.stdin.write("\n")
        child.stdin.flush()
        blocked = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        wait_for(lambda: hand.connection.execute(blocked).rowcount, 5, "its statement waits")
        child.send_signal(signal.SIGUSR1)
        out, err = child.communicate(timeout=10)
        person.execute("rollback")
    assert (out, err) == (f"stopped\n{{'id': {claim['run_id']}}}\n", "")
