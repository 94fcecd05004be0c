"""A real supervisor with nodes that fail for real: who is told, of what, and how often."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from supervisor import processes
from tests.fix_alerts import KEY, Alert, Alerting, Inbox
from tests.fix_supervisor import Nodes, command_line, pids_in
from tests.footprint import footprint_of
from tests.wait import wait_for


def test_a_stuck_run_and_a_dead_letter_reach_sentry_as_real_envelopes(
    alerting: Alert, nodes: Nodes, inbox: Inbox
) -> None:
    nodes.add("stuck", "zoo:sleeps", timeout_s=0.8, max_attempts=1)
    supervisor = alerting(alerts__every_s=2, SENTRY_DSN=inbox.dsn)
    wait_for(lambda: len(inbox.got) >= 2, 40, f"two envelopes; {supervisor.text}")
    header, _ = inbox.got[0].envelope()
    assert header["event_id"]
    assert inbox.got[0].path == "/api/42/envelope/"
    assert f"sentry_key={KEY}" in inbox.got[0].headers["x-sentry-auth"]
    events = {event["tags"]["kind"]: event for event in inbox.events()}
    assert set(events) == {"stuck_run", "dead_letter"}
    stuck = events["stuck_run"]
    run = nodes.last("stuck")
    assert stuck["level"] == "error"
    assert stuck["fingerprint"] == ["scrapewarden", "stuck_run"]
    assert stuck["release"].startswith("scrapewarden@")
    assert stuck["message"].startswith(f"stuck: run {run['id']} was stuck (timeout): killed after 0.8 s: hard timeout")
    assert stuck["tags"]["node"] == "stuck"
    assert stuck["tags"]["run_id"] == str(run["id"])
    assert stuck["tags"]["supervisor"] == str(run["supervisor_id"])
    assert stuck["extra"]["count"] == 1
    assert not {"breadcrumbs", "user", "request", "modules", "exception", "threads"} & set(stuck)
    assert supervisor.terminate() == 0
    assert KEY not in supervisor.text


def test_a_storm_is_one_message_with_the_count_and_the_first_names(
    alerting: Alert, nodes: Nodes, inbox: Inbox, tmp_path: Path
) -> None:
    gale = tmp_path / "gale"
    names = [f"n{number:02}" for number in range(12)]
    wait = ["sh", "-c", f"while [ ! -e {gale} ]; do sleep 0.05; done; exit 1"]
    for name in names:
        nodes.add(name, "command", {"argv": wait}, max_attempts=1, memory_mb=100)
    supervisor = alerting(
        alerts__every_s=600, alerts__webhook_url=f"http://{inbox.host}/", supervisor__max_concurrent=12
    )
    running = "select count(*) as n from scrape_runs where pid is not null"
    wait_for(lambda: nodes.one(running) == {"n": 12}, 40, "all run")
    gale.touch()
    for name in names:
        nodes.wait_for_ends(name, limit_s=40)
    letters = inbox.wait_for_kind("dead_letter")
    assert supervisor.terminate() == 0
    assert sum(message["count"] for message in inbox.of_kind("dead_letter")) == 12
    assert inbox.kinds == ["dead_letter"]
    assert set(letters["nodes"]) == set(names)
    assert len(letters["run_ids"]) == 12
    named = ", ".join(letters["nodes"][:5])
    assert letters["sentence"].startswith(f"12 ticks failed for good ({named} and others); ")
    assert letters["first_at"] <= letters["last_at"] <= datetime.now(UTC).isoformat()


def test_a_memory_kill_reaches_the_webhook_with_what_it_was(alerting: Alert, nodes: Nodes, inbox: Inbox) -> None:
    nodes.add("burst", "zoo:bursts", {"mb": 600}, memory_mb=100, max_attempts=1)
    alerting(alerts__every_s=0.2, alerts__webhook_url=f"http://user:secret@{inbox.host}/hook/token-in-path")
    message = inbox.wait_for_kind("memory_kill", 40)
    assert message["level"] == "error"
    assert message["nodes"] == ["burst"]
    assert message["run_ids"] == [nodes.last("burst")["id"]]
    assert message["facts"]["cause"] == "memory"
    assert message["text"] == f"[error] {message['sentence']}"
    assert message["supervisor"] == str(nodes.last("burst")["supervisor_id"])
    assert message["host"]
    assert (inbox.got[0].method, inbox.got[0].path) == ("POST", "/hook/token-in-path")
    assert inbox.got[0].headers["content-type"] == "application/json"


def test_a_program_is_told_on_stdin_and_no_sweep_of_orphans_takes_it_for_one(
    alerting: Alert, nodes: Nodes, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    script = tmp_path / "tell.py"
    script.write_text(TELL, encoding="utf-8")
    supervisor = alerting(
        alerts__every_s=0.2,
        alerts__command=shlex.join([sys.executable, str(script), str(told)]),
        SCRAPEWARDEN_TOKEN="made-up-token",
        SENTRY_DSN="",
        MINE="seen",
    )
    nodes.add("stuck", "zoo:sleeps", timeout_s=0.5, max_attempts=1)
    wait_for((tmp_path / "told.began").exists, 40, f"the program runs; {supervisor.text}")
    nodes.add("busy", "zoo:pages", {"pages": 1}, schedule="every 1s")  # each end is a sweep
    wait_for(told.exists, 40, "the program's last word")
    message, last = told.read_text("utf-8").splitlines()
    names = set(last.split())
    assert '"kind": "stuck_run"' in message
    assert "MINE" in names
    assert {"SCRAPEWARDEN_RUN", "DATABASE_URL", "SCRAPEWARDEN_TOKEN"} & names == set()
    assert len(nodes.wait_for_ends("busy", 2)) >= 2
    supervisor.wait_for_line("an alert (stuck_run, 1 in one) was sent by command")


def test_scrapes_and_rows_know_nothing_of_the_addresses(alerting: Alert, nodes: Nodes, inbox: Inbox) -> None:
    nodes.add("tells", "zoo:tells_secrets", {"key": "none"}, max_attempts=1)
    address = f"http://me:{KEY}@{inbox.host}/{KEY}"
    supervisor = alerting(alerts__every_s=0.2, alerts__webhook_url=address, SENTRY_DSN=f"http://{KEY}@127.0.0.1:9/1")
    inbox.wait_for_kind("dead_letter", 40)
    row = nodes.one("select facts from run_logs where event = 'environment'")
    assert row is not None
    assert {"SENTRY_DSN", "SCRAPEWARDEN_ALERTS_WEBHOOK_URL"} & set(row["facts"]["names"]) == set()
    tables = ("scrape_runs", "run_logs", "dead_letters", "nodes", "supervisors", "alerts_told")
    for table in tables:
        assert nodes.one(f"select t from {table} t where t::text like %s", f"%{KEY}%") is None, table  # noqa: S608 - ours
    assert all(KEY.encode() not in command_line(pid) for pid in processes.descendants_of(supervisor.process.pid))
    supervisor.wait_for_line("an alert (dead_letter) could not be sent by sentry: no connection to 127.0.0.1:9")
    assert KEY not in supervisor.text


# Takes longer than several runs of a neighbour; says at the end what it got and what it could see.
TELL = """
import os, pathlib, sys, time
message = sys.stdin.read()
pathlib.Path(sys.argv[1] + ".began").touch()
time.sleep(2.5)
found = " ".join(os.environ)
pathlib.Path(sys.argv[1] + ".new").write_text(message + "\\n" + found)
os.rename(sys.argv[1] + ".new", sys.argv[1])
"""


def test_a_dead_endpoint_holds_up_neither_the_loop_nor_the_end(alerting: Alert, nodes: Nodes, inbox: Inbox) -> None:
    inbox.silent = True
    nodes.add("stuck", "zoo:sleeps", timeout_s=0.5, max_attempts=1)
    supervisor = alerting(alerts__every_s=0.2, alerts__webhook_url=f"http://{inbox.host}/", SENTRY_DSN=inbox.dsn)
    wait_for(lambda: len(inbox.got) >= 2, 40, "both have asked and wait for an answer")
    nodes.add("next", "zoo:pages", {"pages": 1})
    assert nodes.wait_for_ends("next", limit_s=5)[-1]["cause"] == "done"
    began = time.monotonic()
    assert supervisor.terminate() == 0
    assert time.monotonic() - began < 5.0 + 4.5  # the limit for alerts, and the rest of the way out; the try has ten


def test_a_signal_ends_the_wait_for_a_dead_endpoint_and_takes_a_program_along(
    alerting: Alert, nodes: Nodes, inbox: Inbox, tmp_path: Path
) -> None:
    inbox.silent = True
    pid = tmp_path / "pid"
    command = shlex.join(["sh", "-c", f"echo $$ > {pid}; exec sleep 60"])
    nodes.add("stuck", "zoo:sleeps", timeout_s=0.5, max_attempts=1)
    supervisor = alerting(
        alerts__every_s=0.2, alerts__webhook_url=f"http://{inbox.host}/", alerts__command=command, SENTRY_DSN=""
    )
    (program,) = pids_in(pid)
    supervisor.process.send_signal(signal.SIGTERM)
    supervisor.wait_for_line("supervisor ended")
    began = time.monotonic()
    assert supervisor.terminate() == 0
    assert time.monotonic() - began < 4.5  # not the five seconds
    wait_for(lambda: not processes.is_alive(program), 2, "the program is gone")


def test_run_once_sends_what_is_pending_before_it_leaves(alerting: Alert, nodes: Nodes, inbox: Inbox) -> None:
    nodes.add("stuck", "zoo:sleeps", timeout_s=0.5, max_attempts=1)
    supervisor = alerting("--once", alerts__every_s=3600, alerts__webhook_url=f"http://{inbox.host}/")
    assert supervisor.wait() == 1
    assert sorted(inbox.kinds) == ["dead_letter", "stuck_run"]


def test_alerts_leave_threads_and_descriptors_as_they_were(alerting: Alert, nodes: Nodes, inbox: Inbox) -> None:
    supervisor = alerting(
        alerts__every_s=0.1,
        alerts__webhook_url=f"http://{inbox.host}/",
        alerts__command="/bin/cat",
        SENTRY_DSN=inbox.dsn,
    )
    counts = []
    for number in (1, 2, 3):
        nodes.add(f"n{number}", "zoo:raises", max_attempts=1)
        wait_for(partial(_has_sent, supervisor, 3 * number), 40, "three receivers got it")
        counts.append(wait_for(lambda: _at_rest(supervisor.process.pid), 15, "rest"))
    assert counts[1] == counts[2] == counts[0], counts


def _has_sent(supervisor: Alerting, messages: int) -> bool:
    return supervisor.text.count(") was sent by") >= messages


def _at_rest(pid: int) -> tuple[int, int, int] | None:
    """What it holds, once twenty looks in a row agree."""
    seen = []
    for _ in range(20):
        seen.append(footprint_of(pid).counts)
        time.sleep(0.01)  # between two looks
    return seen[0] if len(set(seen)) == 1 else None
