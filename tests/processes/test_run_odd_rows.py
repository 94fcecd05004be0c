"""One odd row, lock or scraper costs only itself."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import psycopg
import pytest

from supervisor import processes
from tests.fix_supervisor import Connection, Nodes, Start
from tests.wait import wait_for

SECRET = "s3cret/with+odd=signs"


@pytest.mark.parametrize(
    "params", ['{"a": 1' + "0" * 5000 + "}", '{"a": ' + "[" * 3000 + "]" * 3000 + "}"], ids=["digits", "nesting"]
)
def test_params_that_python_cannot_hold_cost_only_their_own_node(
    supervise: Start, nodes: Nodes, connection: Connection, params: str
) -> None:
    nodes.add("odd", "zoo:pages", schedule="every 1s")
    connection.execute("update nodes set params = %s::jsonb where name = 'odd'", (params,))
    nodes.add("good", "zoo:pages", {"pages": 1})
    supervisor = supervise()
    (run,) = nodes.wait_for_ends("good")
    assert run["cause"] == "done"
    ended = "select cause from scrape_runs where source = 'odd' and finished_at is not null"
    wait_for(lambda: nodes.one(ended), 20, "the end of the odd one")
    assert supervisor.process.poll() is None
    assert supervisor.happened("database_failed") == []


def test_a_row_whose_writes_fail_costs_only_itself(supervise: Start, nodes: Nodes, connection: Connection) -> None:
    connection.execute(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no, never'; end $$"
    )
    connection.execute(
        "create trigger zz_refuse before update on nodes for each row when (old.name = 'odd') execute function refuse()"
    )
    nodes.add("odd", "zoo:pages", schedule="every 1s")
    nodes.add("good", "zoo:pages", {"pages": 1})
    supervisor = supervise()
    nodes.wait_for_ends("good")
    failed = supervisor.wait_for_event("row_failed", node="odd")
    assert "no, never" in failed["error"]
    assert supervisor.happened("database_failed") == []


def test_a_person_who_locks_the_table_does_not_keep_the_supervisor_from_leaving(
    supervise: Start, nodes: Nodes, database_url: str
) -> None:
    nodes.add("long", "zoo:pages", {"pages": 1000, "pause_s": 0.05})
    supervisor = supervise()
    run = nodes.wait_for_pages("long", 2)
    with psycopg.connect(database_url) as person:
        person.execute("lock table nodes in access exclusive mode")
        supervisor.process.send_signal(signal.SIGTERM)
        supervisor.wait_for_event("draining", 20, force=False)
        supervisor.process.send_signal(signal.SIGTERM)
        assert supervisor.wait(30) == 0
        assert not processes.is_alive(run["pid"])


def test_sigterm_ends_a_supervisor_whose_database_is_gone(
    supervise: Start, nodes: Nodes, administrator: Connection, database_url: str
) -> None:
    nodes.add("sleeps", "zoo:sleeps")
    supervisor = supervise()
    run = nodes.wait_for_pages("sleeps")
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    administrator.execute(f"alter database {name} with allow_connections false".encode())
    try:
        administrator.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
            (name,),
        )
        supervisor.wait_for_event("database_failed")
        assert supervisor.terminate(25) == 0
        assert not processes.is_alive(run["pid"])
        assert len(supervisor.happened("database_failed")) < 100  # it waits between its tries
    finally:
        administrator.execute(f"alter database {name} with allow_connections true".encode())


def test_values_of_the_environment_are_written_nowhere_and_other_secrets_are_not_seen(
    supervise: Start, nodes: Nodes, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOARD_KEY", SECRET)
    monkeypatch.setenv("SCRAPEWARDEN_PASSWORD", "of the dashboard")
    nodes.add("tells", "zoo:tells_secrets", {"key": "${BOARD_KEY}"}, max_attempts=2)
    supervise(scrapers__env=["BOARD_KEY"])
    first, second = nodes.wait_for_ends("tells", 2)
    assert first["cause"] == "exception"
    assert "${BOARD_KEY}" in first["error"]
    dump = json.dumps(
        [
            connection.execute(f"select to_jsonb(t) as row from {table} t".encode()).fetchall()  # noqa: S608 - ours
            for table in ("nodes", "scrape_runs", "run_logs", "run_pages", "checkpoints", "dead_letters", "jobs")
        ],
        default=str,
    )
    assert "BOARD_KEY" in dump
    assert SECRET not in dump
    assert "s3cret%2Fwith" not in dump
    assert "of the dashboard" not in dump
    assert second["start_checkpoint"] == {"key": "${BOARD_KEY}"}


def test_a_leak_at_a_checkpoint_that_never_moves_ends_as_memory_not_in_a_circle(supervise: Start, nodes: Nodes) -> None:
    nodes.add("circle", "zoo:odd_checkpoint", memory_mb=100, max_attempts=1)
    supervise()
    wait_for(lambda: [run for run in nodes.runs("circle") if run["cause"] == "memory"], 20, "its end")
    assert [run["cause"] for run in nodes.runs("circle")] == ["recycled", "memory"]
    assert "checkpoint" in nodes.last("circle")["error"]


@pytest.mark.parametrize("scraper", ["zoo:closes_stdout", "zoo:odd_stage"])
def test_an_odd_but_successful_scraper_is_done(supervise: Start, nodes: Nodes, scraper: str) -> None:
    nodes.add("odd", scraper)
    supervise()
    (run,) = nodes.wait_for_ends("odd")
    assert run["cause"] == "done", run["error"]


def test_once_runs_a_node_with_jitter_and_gives_up_on_one_that_no_longer_fits(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    nodes.add("jitter", "zoo:pages", {"pages": 1}, schedule="every 1h", jitter_s=3)
    assert supervise(once_wait_s=20).wait(40) == 0
    assert nodes.last("jitter")["cause"] == "done"
    nodes.add("grown", "zoo:raises_until", {"count": str(tmp_path / "n"), "tries": 2})
    supervisor = supervise(once_wait_s=3, retry__base_s=1, retry__cap_s=2)
    nodes.wait_for_ends("grown")
    nodes.update("grown", memory_mb=10_000_000)
    assert supervisor.wait(30) == 1


def test_a_big_node_that_could_not_fit_anyway_holds_nobody_back(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "self/cgroup").write_text("", encoding="ascii")
    text = "MemTotal: 4194304 kB\nMemFree: 819200 kB\nMemAvailable: 819200 kB\n"
    (proc / "meminfo").write_text(text, encoding="ascii")
    nodes.add("big", "zoo:pages", memory_mb=2000)
    supervise(memory__proc_root=str(proc), memory__cgroup_root=str(tmp_path / "none"), supervisor__ageing_s=1)
    nodes.wait_for_status("big", "waiting")
    wait_for(lambda: nodes.get("big")["waiting_cause"] == "no_memory", 5, "its cause")
    for number in range(3):
        nodes.add(f"small{number}", "zoo:pages", {"pages": 1, "pause_s": 0.7}, memory_mb=80)
        nodes.wait_for_ends(f"small{number}")
