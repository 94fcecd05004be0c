"""Schedules, requests, waits and skips under a real supervisor."""

from __future__ import annotations

import random
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.accounting import account_of
from tests.fix_supervisor import Connection, Nodes, Start
from tests.wait import wait_for

NAMES = ("busy", "brief", "poison")


def test_a_new_schedule_starts_with_its_creation_and_stays_on_the_grid(supervise: Start, nodes: Nodes) -> None:
    nodes.add("often", "zoo:pages", {"pages": 1}, schedule="every 1s")
    supervise()
    runs = nodes.wait_for_ends("often", 4)
    created = nodes.get("often")["created_at"]
    started = [run for run in runs if run["attempt"] > 0]
    assert runs[0]["tick"] == created  # run, or missed when the supervisor took its time to come up
    for run in runs:
        assert (run["tick"] - created) % timedelta(seconds=1) == timedelta(0)
    assert nodes.get("often")["next_run_at"] > started[-1]["tick"]


def test_every_tick_is_accounted_for_once(supervise: Start, nodes: Nodes) -> None:
    """Over kills of the supervisor in mid-run, a downtime, retries and dead letters, by two supervisors at times."""
    schedule: dict[str, Any] = {"schedule": "every 1s", "max_attempts": 2}
    nodes.add("busy", "zoo:pages", {"pages": 1, "pause_s": 1.6}, **schedule)
    nodes.add("brief", "zoo:pages", {"pages": 1}, **schedule)
    nodes.add("poison", "zoo:raises", **schedule)
    chance = random.Random(7)
    for number in range(3):
        doomed = [supervise() for _ in range(1 + number % 2)]
        before = len(_begun(nodes))
        wait_for(lambda before=before: len(_begun(nodes)) > before + 2, 20, "runs of this one")  # type: ignore[misc]
        moment = time.monotonic() + chance.uniform(0, 1)
        wait_for(lambda moment=moment: time.monotonic() > moment, 2, "a random moment")  # type: ignore[misc]
        for supervisor in doomed:
            supervisor.kill()
    wait_for(lambda: _seconds_since(nodes, "busy") > 3, 10, "some downtime")
    last = supervise()
    wait_for(lambda: {"missed", "done"} <= _causes(nodes, "busy") & _causes(nodes, "brief"), 30, "good ends of both")
    wait_for(lambda: nodes.one("select from dead_letters") is not None, 15, "a dead letter")
    assert last.terminate() == 0
    accounts = {name: account_of(nodes.connection, name, step_s=1, max_attempts=2) for name in NAMES}
    assert {name: account for name, account in accounts.items() if not account.clean} == {}
    assert all(account.ticks > 5 for account in accounts.values()), accounts
    assert {"still_running", "lost"} <= set().union(*(_causes(nodes, name) for name in NAMES))


def _causes(nodes: Nodes, name: str) -> set[str]:
    return {run["cause"] for run in nodes.runs(name)}


def _begun(nodes: Nodes) -> list[DictRow]:
    return [run for name in NAMES for run in nodes.runs(name) if run["attempt"] > 0]


def _seconds_since(nodes: Nodes, name: str) -> float:
    row = nodes.one(
        "select extract(epoch from clock_timestamp() - max(started_at))::float as s from scrape_runs where source = %s",
        name,
    )
    return float(row["s"]) if row else 0.0


def test_ticks_behind_an_open_run_get_a_still_running_row_each(supervise: Start, nodes: Nodes) -> None:
    nodes.add("slow", "zoo:pages", {"pages": 1, "pause_s": 3.5}, schedule="every 1s")
    supervise()
    runs = wait_for(lambda: [run for run in nodes.runs("slow") if run["cause"] == "still_running"], 15, "rows")
    for run in runs:
        assert (run["attempt"], run["part"], run["pid"], run["tick_count"]) == (0, 0, None, 1)


def test_an_outsiders_lease_keeps_a_node_waiting_with_its_sentence_and_skips_the_older_tick(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    supervise()
    wait_for(lambda: nodes.one("select from supervisors") is not None, 15, "a loop: ticks before it are missed")
    connection.execute("select try_acquire_scrape_lease('mine', %s, 4)", (uuid.uuid4(),))
    nodes.add("mine", "zoo:pages", {"pages": 1}, schedule="every 2s")
    node = nodes.wait_for_status("mine", "waiting")
    assert node["status_reason"].startswith("lease: held by ")
    runs = wait_for(lambda: [run for run in nodes.runs("mine") if run["cause"] == "done"], 15, "its turn")
    skipped = [run for run in nodes.runs("mine") if run["status"] == "skipped"]
    assert {run["cause"] for run in skipped} - {"missed"} == {"lease_held"}  # missed: this machine was too busy
    assert skipped[0]["tick"] < runs[0]["tick"]


def test_nodes_wait_for_a_slot_by_priority(supervise: Start, nodes: Nodes) -> None:
    nodes.add("first", "zoo:pages", {"pages": 4, "pause_s": 0.2}, priority=9)
    nodes.add("low", "zoo:pages", {"pages": 1}, schedule="every 1h")  # due first
    nodes.add("high", "zoo:pages", {"pages": 1}, schedule="every 1h", priority=5)
    supervise(supervisor__max_concurrent=1)
    node = nodes.wait_for_status("low", "waiting")
    assert node["status_reason"] == "all 1 slots are in use"
    (low,) = nodes.wait_for_ends("low")
    (high,) = nodes.wait_for_ends("high")
    assert high["finished_at"] < low["started_at"]


def test_what_gave_its_memory_back_goes_on_before_others_of_its_priority(supervise: Start, nodes: Nodes) -> None:
    nodes.add("leaks", "zoo:leaks", {"pages": 40, "leak_mb": 4, "pause_s": 0.02, "board": 1}, memory_mb=120)
    supervise(supervisor__max_concurrent=1)
    nodes.wait_for_pages("leaks")
    nodes.add("other", "zoo:pages", {"pages": 1, "board": 2}, schedule="every 1h")  # due before the recycling
    (other,) = nodes.wait_for_ends("other", limit_s=40)
    runs = nodes.runs("leaks")
    assert [run["cause"] for run in runs] == ["recycled"] * (len(runs) - 1) + ["done"]
    assert len(runs) >= 2
    assert other["started_at"] >= runs[-1]["finished_at"]


def test_a_node_waits_for_memory_with_the_numbers_and_runs_when_it_is_there(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    """A made-up machine: /proc/meminfo with 400 MB available, no control groups."""
    proc = _made_up_machine(tmp_path, available_mb=400)
    nodes.add("one", "zoo:pages", {"pages": 6, "pause_s": 0.3}, memory_mb=250, priority=1)
    nodes.add("two", "zoo:pages", {"pages": 1}, memory_mb=250)
    supervise(memory__proc_root=str(proc), memory__cgroup_root=str(tmp_path / "none"), memory__reserve_mb=64)
    node = nodes.wait_for_status("two", "waiting")
    assert node["status_reason"].startswith("memory: needs 250 MB, ")
    assert "400 MB available" in node["status_reason"]
    (one,) = nodes.wait_for_ends("one")
    (two,) = nodes.wait_for_ends("two")
    assert one["cause"] == two["cause"] == "done"
    assert two["started_at"] >= one["finished_at"]


def test_two_launches_of_one_look_do_not_share_the_same_memory(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    proc = _made_up_machine(tmp_path, available_mb=400)
    for number in range(3):
        nodes.add(f"n{number}", "zoo:pages", {"pages": 3, "pause_s": 0.3, "board": number}, memory_mb=250)
    supervise(memory__proc_root=str(proc), memory__cgroup_root=str(tmp_path / "none"), memory__reserve_mb=64)
    runs = [nodes.wait_for_ends(f"n{number}")[0] for number in range(3)]
    first, second, third = sorted(runs, key=lambda run: str(run["started_at"]))
    assert first["finished_at"] <= second["started_at"]
    assert second["finished_at"] <= third["started_at"]


def test_small_nodes_pass_a_big_one_until_it_has_waited_too_long(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    proc = _made_up_machine(tmp_path, available_mb=500)
    quick = {"pages": 1}
    nodes.add("runs", "zoo:pages", {"pages": 40, "pause_s": 0.2, "board": 1}, memory_mb=150)
    supervise(
        memory__proc_root=str(proc),
        memory__cgroup_root=str(tmp_path / "none"),
        memory__reserve_mb=64,
        supervisor__ageing_s=3,
    )
    nodes.wait_for_pages("runs")
    nodes.add("big", "zoo:pages", {**quick, "board": 2}, memory_mb=350, schedule="every 1h")
    nodes.wait_for_status("big", "waiting")
    nodes.add("early", "zoo:pages", {**quick, "board": 3}, memory_mb=100)
    (early,) = nodes.wait_for_ends("early")
    wait_for(lambda: _waited_s(nodes, "big") > 3.5, 10, "long enough a wait")
    nodes.add("late", "zoo:pages", {**quick, "board": 4}, memory_mb=100)
    assert nodes.wait_for_status("late", "waiting")["status_reason"] == (
        "memory: big has waited longest and goes first"
    )
    (big,) = nodes.wait_for_ends("big")
    (late,) = nodes.wait_for_ends("late")
    assert early["finished_at"] < big["started_at"] <= late["started_at"]


def _waited_s(nodes: Nodes, name: str) -> float:
    query = "select extract(epoch from clock_timestamp() - next_run_at)::float as s from nodes where name = %s"
    row = nodes.one(query, name)
    return float(row["s"]) if row else 0.0


def test_a_budget_that_can_never_fit_is_refused_with_its_sentence(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    proc = _made_up_machine(tmp_path, available_mb=300)
    nodes.add("big", "zoo:pages", memory_mb=2000, schedule="every 1h")
    nodes.add("asked", "zoo:pages", memory_mb=2000)
    supervise(memory__proc_root=str(proc), memory__cgroup_root=str(tmp_path / "none"))
    for name in ("big", "asked"):
        (run,) = nodes.wait_for_ends(name)
        assert (run["status"], run["cause"], run["attempt"], run["pid"]) == ("skipped", "too_big", 0, None)
        assert "needs 2000 MB" in run["error"]
        wait_for(lambda name=name: "needs 2000 MB" in (nodes.get(name)["status_reason"] or ""), 5, "its reason")  # type: ignore[misc]
    assert nodes.get("asked")["run_requested"] is False
    assert nodes.get("big")["next_run_at"] == nodes.get("big")["created_at"] + timedelta(hours=1)


def _made_up_machine(folder: Path, *, available_mb: int) -> Path:
    proc = folder / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "sys/kernel/random").mkdir(parents=True)
    (proc / "sys/kernel/random/boot_id").write_text("made-up\n", encoding="ascii")
    (proc / "self/cgroup").write_text("", encoding="ascii")
    lines = {"MemTotal": 1024, "MemFree": available_mb, "MemAvailable": available_mb}
    text = "".join(f"{name}: {mb * 1024} kB\n" for name, mb in lines.items())
    (proc / "meminfo").write_text(text, encoding="ascii")
    return proc


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"scraper": "no_such_scraper"}, "no_such_scraper"),
        ({"scraper": "json:loads"}, "allow"),
        ({"scraper": "zoo:pages", "schedule": "every banana"}, "banana"),
        ({"scraper": "zoo:pages", "schedule": "every 1h", "timezone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_a_row_that_cannot_be_run_is_paused_and_read_again_when_it_changes(
    supervise: Start, nodes: Nodes, columns: dict[str, Any], words: str
) -> None:
    nodes.add("odd", **{"schedule": "every 1h", **columns})
    supervise()
    node = nodes.wait_for_status("odd", "paused")
    assert words in node["status_reason"]
    nodes.update("odd", scraper="zoo:pages", schedule="every 1s", timezone="UTC")
    nodes.wait_for_ends("odd", 1)
    assert nodes.runs("odd")[0]["status"] != "skipped"


def test_a_request_during_a_run_starts_one_more_afterwards_and_works_when_disabled(
    supervise: Start, nodes: Nodes
) -> None:
    nodes.add("asked", "zoo:pages", {"pages": 5, "pause_s": 0.2}, enabled=False)
    supervise()
    nodes.wait_for_pages("asked", 1)
    nodes.update("asked", run_requested=True)
    first, second = nodes.wait_for_ends("asked", 2)
    assert second["started_at"] >= first["finished_at"]
    assert second["tick"] > first["tick"]
    wait_for(lambda: nodes.get("asked")["status"] == "idle", 5, "rest")
    assert len(nodes.runs("asked")) == 2


def test_a_request_waits_while_stop_is_requested(supervise: Start, nodes: Nodes) -> None:
    nodes.add("asked", "zoo:pages", {"pages": 1}, stop_requested=True)
    nodes.add("other", "zoo:pages", {"pages": 1})
    supervise()
    nodes.wait_for_ends("other")
    nodes.wait_for_status("asked", "stopped")
    assert nodes.runs("asked") == []
    nodes.update("asked", stop_requested=False)
    nodes.wait_for_ends("asked")


def test_once_carries_what_is_due_to_its_end_retries_included_and_answers_0(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    nodes.add("asked", "zoo:pages", {"board": 1})
    nodes.add("due", "zoo:pages", {"pages": 1, "board": 2}, schedule="every 1s")
    nodes.add("flaky", "zoo:raises_until", {"count": str(tmp_path / "n"), "tries": 2}, schedule="every 1h")
    nodes.add("later", "zoo:pages", {"pages": 1}, run_requested=False)
    supervisor = supervise(once_wait_s=10)
    assert supervisor.wait(30) == 0
    assert [run["cause"] for run in nodes.runs("flaky")] == ["exception", "done"]
    assert [run["cause"] for run in nodes.runs("due") if run["attempt"] > 0] == ["done"]
    assert nodes.last("asked")["cause"] == "done"
    assert nodes.runs("later") == []


def test_once_answers_1_when_a_tick_ended_in_error_and_skips_what_finds_no_room(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    connection.execute("select try_acquire_scrape_lease('held', %s, 600)", (uuid.uuid4(),))
    nodes.add("held", "zoo:pages", schedule="every 1h")
    nodes.add("bad", "zoo:raises", max_attempts=2)
    supervisor = supervise(once_wait_s=2)
    assert supervisor.wait(30) == 1
    assert [run["cause"] for run in nodes.runs("bad")] == ["exception", "exception"]
    (skipped,) = nodes.runs("held")
    assert (skipped["status"], skipped["cause"]) == ("skipped", "lease_held")
