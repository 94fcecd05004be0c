"""Guards behind guards: what holds when the supervisor is stopped, a hint or an answer is lost, a row is held."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from supervisor import processes
from tests.fix_claims import Hand
from tests.fix_database import connect
from tests.fix_supervisor import Connection, Nodes, Start, alive, none_alive, pids_in
from tests.wait import wait_for

BROKEN_AT_BIRTH = """
import os
from pathlib import Path

if b"multiprocessing.forkserver" in Path("/proc/self/cmdline").read_bytes():
    os.register_at_fork(after_in_child=lambda: os._exit(9))
"""


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_the_kernel_ends_a_scrape_at_its_deadline_when_the_supervisor_is_stopped(
    supervise: Start, nodes: Nodes, method: str
) -> None:
    nodes.add("hung", "zoo:holds_the_gil", timeout_s=4, max_attempts=1)
    supervisor = supervise(launcher__start_method=method)
    run = nodes.wait_for_pages("hung")
    supervisor.process.send_signal(signal.SIGSTOP)
    left = 4 - (_database_seconds(nodes) - run["started_at"].timestamp())
    wait_for(lambda: not processes.is_alive(run["pid"]), left + 1, "its death by the kernel's timer")
    assert _database_seconds(nodes) - run["started_at"].timestamp() > 4.4
    supervisor.process.send_signal(signal.SIGCONT)
    (run,) = nodes.wait_for_ends("hung")
    assert (run["cause"], run["exit_signal"]) == ("timeout", signal.SIGKILL)


def _database_seconds(nodes: Nodes) -> float:
    row = nodes.one("select extract(epoch from clock_timestamp())::float as now")
    assert row is not None
    return float(row["now"])


def test_a_person_who_holds_a_nodes_row_delays_only_the_end_of_its_run(
    supervise: Start, nodes: Nodes, database_url: str, tmp_path: Path
) -> None:
    nodes.add("held", "zoo:pages", {"pages": 20, "pause_s": 0.05, "board": 1})
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")}, timeout_s=4, max_attempts=1)
    supervisor = supervise(supervisor__lease_s=8, supervisor__renew_s=1)
    held = nodes.wait_for_pages("held")
    pids = pids_in(tmp_path / "pids")
    with connect(database_url) as person:
        with person.transaction():
            person.execute("update nodes set priority = 1 where name = 'held'")
            wait_for(lambda: not processes.is_alive(held["pid"]), 10, "the end of its process")
            ended = time.monotonic()
            nodes.add("other", "zoo:pages", {"pages": 2, "board": 2})
            (other,) = nodes.wait_for_ends("other")
            assert other["cause"] == "done"
            wait_for(lambda: none_alive(pids), 6, "the timeout of the deaf one")
            (deaf,) = nodes.wait_for_ends("deaf")
            assert deaf["cause"] == "timeout"
            wait_for(lambda: time.monotonic() - ended > 8.5, 10, "the end of a lease that nobody renews")
            assert nodes.last("held")["finished_at"] is None
            (lease,) = nodes.connection.execute(
                "select lease_until > clock_timestamp() as live from scrape_leases where source = 'held'"
            ).fetchall()
            assert lease["live"]
        (run,) = nodes.wait_for_ends("held")
    assert (run["id"], run["cause"], run["pages_count"]) == (held["id"], "done", 20)
    assert supervisor.terminate() == 0


def test_a_notification_carries_a_wish_to_a_scraper_that_does_not_yield(supervise: Start, nodes: Nodes) -> None:
    nodes.add("sleeps", "zoo:sleeps")
    supervise(kill__soft_s=0.1, supervisor__poll_s=30)
    nodes.wait_for_pages("sleeps")
    nodes.wait_for_status("sleeps", "running")
    asked = time.monotonic()
    nodes.update("sleeps", stop_requested=True)
    (run,) = nodes.wait_for_ends("sleeps")
    assert time.monotonic() - asked < 1.5
    assert (run["cause"], run["ended_by"]) == ("requested", "term")


def test_a_wish_whose_notification_is_lost_is_seen_at_the_next_poll(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    nodes.add("sleeps", "zoo:sleeps")
    supervise(kill__soft_s=0.1, supervisor__poll_s=1)
    nodes.wait_for_pages("sleeps")
    nodes.wait_for_status("sleeps", "running")
    connection.execute("alter table nodes disable trigger nodes_notify_update")
    asked = time.monotonic()
    nodes.update("sleeps", stop_requested=True)
    (run,) = nodes.wait_for_ends("sleeps")
    assert time.monotonic() - asked < 4  # without a poll it would wait for the upkeep, every ten seconds
    assert (run["cause"], run["ended_by"]) == ("requested", "term")


def test_a_page_answers_with_a_wish_that_nobody_has_seen_yet(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    nodes.add("long", "zoo:pages", {"pages": 1000, "pause_s": 0.05})
    supervise(supervisor__poll_s=30)
    nodes.wait_for_pages("long")
    nodes.wait_for_status("long", "running")
    connection.execute("alter table nodes disable trigger nodes_notify_update")
    asked = time.monotonic()
    nodes.update("long", stop_requested=True)
    (run,) = nodes.wait_for_ends("long")
    assert time.monotonic() - asked < 1.5
    assert (run["cause"], run["ended_by"]) == ("requested", "soft")


def test_a_listener_that_was_thrown_out_listens_again(supervise: Start, nodes: Nodes, connection: Connection) -> None:
    supervise()
    first = wait_for(lambda: _listeners(connection), 10, "the listener")
    connection.execute("select pg_terminate_backend(%s)", (first[0],))
    second = wait_for(lambda: [pid for pid in _listeners(connection) if pid != first[0]], 15, "a new listener")
    nodes.add("long", "zoo:pages", {"pages": 1000, "pause_s": 0.05})
    nodes.wait_for_pages("long")
    assert len(second) == 1


def _listeners(connection: Connection) -> list[int]:
    rows = connection.execute(
        "select pid from pg_stat_activity where application_name = 'scrapewarden listen' "
        "and datname = current_database() and query like 'listen%'"
    ).fetchall()
    return [row["pid"] for row in rows]


def test_a_scrape_holds_two_connections_at_most(supervise: Start, nodes: Nodes, connection: Connection) -> None:
    for number in range(3):
        params = {"pages": 60, "pause_s": 0.05, "board": number}
        nodes.add(f"n{number}", "zoo:chatty", params)
    supervise(heartbeat__every_s=0.1, heartbeat__stale_after_s=20)
    nodes.wait_for_pages("n2", 5)
    most = 0
    while nodes.last("n2")["pages_count"] < 50:
        rows = connection.execute(
            "select count(*) as n from pg_stat_activity where datname = current_database() "
            "and application_name in ('scrapewarden scrape', 'scrapewarden beat')"
        ).fetchall()
        most = max(most, rows[0]["n"])
    assert 3 < most <= 6
    assert {nodes.wait_for_ends(f"n{number}")[0]["cause"] for number in range(3)} == {"done"}


def test_three_processes_that_never_come_up_within_a_minute_end_the_supervisor_with_exit_70(
    supervise: Start, nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The template lives, but whatever is forked from it dies at birth."""
    (tmp_path / "sitecustomize.py").write_text(BROKEN_AT_BIRTH, encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    nodes.add("unlucky", "zoo:pages", max_attempts=5)
    supervisor = supervise()
    tree = wait_for(supervisor.tree, 5, "its tree")
    assert supervisor.wait(20) == 70
    assert supervisor.happened("gave_up")
    runs = nodes.runs("unlucky")
    assert [(run["cause"], run["attempt"], run["pid"]) for run in runs] == [
        ("boot_failed", attempt, None) for attempt in (1, 2, 3)
    ]
    # It dies a moment after its birth, or so soon that the launch itself fails.
    assert all(run["error"].startswith(("its process ended before", "could not start: ")) for run in runs)
    wait_for(lambda: none_alive(tree), 2, "nothing is left")


def test_a_process_or_two_that_do_not_come_up_end_nothing(
    supervise: Start, nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN_AT_BIRTH, encoding="ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    nodes.add("unlucky", "zoo:pages", max_attempts=2)
    supervisor = supervise()
    wait_for(lambda: len(nodes.runs("unlucky")) == 2 and nodes.get("unlucky")["status"] == "idle", 15, "its letter")
    assert (nodes.get("unlucky")["status_reason"] or "").startswith("dead letter after attempt 2")
    assert supervisor.terminate() == 0


def test_a_claim_whose_answer_never_arrived_is_closed_and_goes_on(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    supervisor = supervise()
    row = wait_for(lambda: nodes.one("select id from supervisors"), 10, "its row")
    node_id = nodes.add("phantom", "zoo:pages", stop_requested=True)
    hand = Hand(connection)
    hand.supervisor_id = str(row["id"]) if row else ""
    with connection.transaction():  # nobody else sees the node before it is claimed
        nodes.update("phantom", stop_requested=False)
        claim = hand.claimed(node_id)
    first, second = nodes.wait_for_ends("phantom", 2, 25)
    assert (first["id"], first["status"], first["cause"]) == (claim["run_id"], "error", "lost")
    assert "answer to the claim never arrived" in first["error"]
    assert (second["cause"], second["attempt"], second["part"]) == ("done", 1, 1)
    assert supervisor.happened("phantom_closed", node="phantom")


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("epoch = nextval('lease_epochs'), lease_until = clock_timestamp() + interval '5 s'", "fenced"),
        ("lease_until = clock_timestamp()", "lost"),
    ],
    ids=["passed on", "expired"],
)
def test_a_lease_that_is_no_longer_ours_ends_a_scrape_that_says_nothing(
    supervise: Start, nodes: Nodes, change: str, cause: str
) -> None:
    """It could write nothing any more, but it would go on fetching beside the next holder."""
    up = "select clock_timestamp() > pg_postmaster_start_time() + interval '8 s' as long_enough"
    wait_for(lambda: (nodes.one(up) or {})["long_enough"], 10, "the end of the grace after the database's start")
    nodes.add("sleeps", "zoo:sleeps")
    supervise(supervisor__lease_s=8, supervisor__renew_s=1, heartbeat__every_s=60, heartbeat__stale_after_s=600)
    run = nodes.wait_for_pages("sleeps")
    statement = f"update scrape_leases set lease_owner = gen_random_uuid(), {change} where source = 'sleeps'"  # noqa: S608 - the test's own
    nodes.connection.execute(statement.encode())
    wait_for(lambda: not processes.is_alive(run["pid"]), 3, "its end")
    first = nodes.wait_for_ends("sleeps")[0]
    assert (first["id"], first["status"], first["cause"], first["ended_by"]) == (run["id"], "error", cause, "kill")
    second = wait_for(lambda: [run for run in nodes.runs("sleeps") if run["part"] == 1], 15, "the next part")[0]
    assert second["attempt"] == 1


def test_a_scrape_whose_run_is_closed_ends_itself_at_its_next_beat(supervise: Start, nodes: Nodes) -> None:
    """Its supervisor is stopped, and its lease runs on: nobody else would end it."""
    nodes.add("sleeps", "zoo:sleeps")
    supervisor = supervise(heartbeat__every_s=0.5)
    run = nodes.wait_for_pages("sleeps")
    supervisor.process.send_signal(signal.SIGSTOP)
    nodes.connection.execute(
        "update scrape_runs set status = 'error', cause = 'lost', finished_at = clock_timestamp() where id = %s",
        (run["id"],),
    )
    wait_for(lambda: not processes.is_alive(run["pid"]), 3, "its end")
    supervisor.process.send_signal(signal.SIGCONT)


def test_sigterm_starts_nothing_that_waits_and_lets_nobody_take_longer_than_the_drain(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")})
    nodes.add("long", "zoo:pages", {"pages": 1000, "pause_s": 0.05})
    supervisor = supervise(supervisor__max_concurrent=2, supervisor__drain_s=2, kill__soft_s=60)
    nodes.wait_for_pages("deaf")
    nodes.wait_for_pages("long")
    nodes.add("waits", "zoo:pages")
    nodes.wait_for_status("waits", "waiting")
    asked = time.monotonic()
    assert supervisor.terminate(8) == 0
    assert time.monotonic() - asked >= 3  # drain_s + kill.term_s
    assert [(nodes.last(name)["cause"], nodes.last(name)["ended_by"]) for name in ("long", "deaf")] == [
        ("shutdown", "soft"),
        ("shutdown", "kill"),
    ]
    assert nodes.last("long")["finished_at"] < nodes.last("deaf")["finished_at"]
    assert nodes.runs("waits") == []
    assert nodes.get("waits")["run_requested"] is True


def test_a_scrape_that_beats_lives_however_far_apart_its_pages_are(supervise: Start, nodes: Nodes) -> None:
    nodes.add("slow", "zoo:pages", {"pages": 1, "pause_s": 6}, max_attempts=1)
    supervise(heartbeat__every_s=0.5, heartbeat__stale_after_s=3)
    (run,) = nodes.wait_for_ends("slow")
    assert (run["cause"], run["pages_count"]) == ("done", 1), run["error"]


def test_once_beside_a_daemon_touches_nothing_of_its_runs_and_carries_the_rest(supervise: Start, nodes: Nodes) -> None:
    nodes.add("daemons", "zoo:pages", {"pages": 150, "pause_s": 0.05, "board": 1})  # outlasts the start of another
    daemon = supervise(supervisor__max_concurrent=1)
    nodes.wait_for_pages("daemons", 2)
    nodes.add("waits", "zoo:pages", {"board": 2})
    nodes.wait_for_status("waits", "waiting")
    once = supervise(once_wait_s=5)
    assert once.wait(20) == 0
    (waited,) = nodes.wait_for_ends("waits")
    assert waited["cause"] == "done"
    (run,) = nodes.wait_for_ends("daemons")
    assert (run["cause"], run["pages_count"]) == ("done", 150)
    assert waited["finished_at"] < run["finished_at"]
    assert daemon.terminate() == 0


def test_spawned_scrapes_die_with_all_below_them_at_their_timeout(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    # The time runs from the launch: a spawned process that imports everything on a busy machine needs seconds of it.
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")}, timeout_s=10, max_attempts=1)
    supervise(launcher__start_method="spawn")
    pids = pids_in(tmp_path / "pids")
    assert len(alive(pids)) == 4
    (run,) = nodes.wait_for_ends("deaf")
    assert (run["cause"], run["exit_signal"]) == ("timeout", signal.SIGKILL)
    assert alive(pids) == []


def test_the_death_of_a_spawned_scrape_is_seen_at_once_though_its_grandchildren_hold_its_pipe(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")}, max_attempts=1)
    supervise(launcher__start_method="spawn")
    run = nodes.wait_for_pages("deaf")
    pids = pids_in(tmp_path / "pids")
    died = time.monotonic()
    processes.send_pid(run["pid"], signal.SIGKILL)
    (run,) = nodes.wait_for_ends("deaf")
    assert time.monotonic() - died < 3
    assert (run["cause"], run["exit_signal"]) == ("killed", signal.SIGKILL)
    assert alive(pids) == []


def test_after_kill_9_of_the_supervisor_no_spawned_scrape_is_alive_within_two_seconds(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    nodes.add("deaf", "zoo:deaf", {"pids": str(tmp_path / "pids")})
    supervisor = supervise(launcher__start_method="spawn")
    pids = pids_in(tmp_path / "pids")
    tree = supervisor.tree()
    supervisor.kill()
    wait_for(lambda: none_alive(pids + tree), 2, f"the death of all: {alive(pids + tree)}")


def test_exit_codes_are_never_confused(supervise: Start, nodes: Nodes) -> None:
    """Two threads wait for each death; the one that comes second must not put its own code into the row."""
    for number in range(40):
        nodes.add(f"n{number}", "zoo:exits", {"hard": True, "code": 7}, max_attempts=1)
    supervise(supervisor__max_concurrent=4)
    ended = "select count(*) as n from scrape_runs where finished_at is not null"
    wait_for(lambda: _count(nodes, ended) == 40, 40, "forty ends")
    wrong = nodes.connection.execute("select id, cause, exit_code from scrape_runs where exit_code is distinct from 7")
    assert wrong.fetchall() == []
    assert _count(nodes, "select count(*) as n from scrape_runs where cause = 'crashed'") == 40


def _count(nodes: Nodes, query: str) -> int:
    row = nodes.one(query)
    return int(row["n"]) if row else 0
