"""Every class of failure under a real supervisor: what it spends, where it goes on, and what becomes of it at last."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.fix_supervisor import Nodes, Start
from tests.wait import wait_for

ATTEMPTS = 2
# node → scraper, params, limits; each commits one page and then fails of its own cause, at every attempt.
POISONS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "exception": ("zoo:raises", {}, {}),
    "blocked": ("failures:blocked", {}, {}),
    "timeout": ("zoo:sleeps", {}, {"timeout_s": 1.5}),
    "stalled": ("zoo:sleeps", {}, {"stall_s": 1.5}),
    "stale": ("zoo:holds_the_gil", {}, {}),
    "memory": ("zoo:bursts", {}, {"memory_mb": 100}),
    "crashed": ("failures:vanishes", {}, {}),
    "killed": ("failures:reads_nothing", {"signal": 9}, {}),
}


@pytest.fixture
def letters(nodes: Nodes) -> Any:
    """Asks for the dead letters of a node, oldest first; waits for that many."""

    def read(name: str, count: int = 1, limit_s: float = 30) -> list[DictRow]:
        def found() -> list[DictRow]:
            query = "select * from dead_letters where source = %s order by id"
            rows = nodes.connection.execute(query, [name]).fetchall()
            return rows if len(rows) >= count else []

        return wait_for(found, limit_s, f"{count} letters of {name}: {nodes.get(name)}")

    return read


def test_every_class_of_failure_is_retried_from_its_checkpoint_and_dead_lettered_after_exactly_its_attempts(
    supervise: Start, nodes: Nodes, letters: Any
) -> None:
    """P9."""
    for cause, (scraper, params, limits) in POISONS.items():
        nodes.add(cause, scraper, params, max_attempts=ATTEMPTS, **{"memory_mb": 128, **limits})
    supervise(heartbeat__every_s=0.5, heartbeat__stale_after_s=3)
    for cause in POISONS:
        (letter,) = letters(cause)
        runs = nodes.runs(cause)
        assert [(run["attempt"], run["part"], run["cause"]) for run in runs] == [(1, 0, cause), (2, 0, cause)]
        assert [run["start_checkpoint"] for run in runs] == [None, {"page": 2}]
        told = [(each["run_id"], each["attempt"], each["cause"], each["error"]) for each in letter["causes"]]
        assert told == [(run["id"], run["attempt"], cause, run["error"]) for run in runs]
        assert all(run["error"] for run in runs)
        assert (letter["checkpoint"], letter["scraper"], letter["count"]) == ({"page": 2}, POISONS[cause][0], 1)
        assert (nodes.get(cause)["open_tick"], nodes.get(cause)["status"]) == (None, "idle")


def test_what_no_retry_can_mend_is_dead_lettered_after_attempt_one(
    supervise: Start, nodes: Nodes, letters: Any
) -> None:
    hopeless: dict[str, tuple[str, dict[str, Any]]]
    hopeless = {"absent": ("broken:scrape", {}), "params": ("feed", {"url": 7}), "half": ("html", {"start": "x"})}
    for name, (scraper, params) in hopeless.items():
        nodes.add(name, scraper, params)
    supervise()
    for name, (scraper, params) in hopeless.items():
        (letter,) = letters(name)
        assert [(each["attempt"], each["cause"]) for each in letter["causes"]] == [(1, "exception")]
        assert (letter["scraper"], letter["params"]) == (scraper, params)


def test_a_delay_outlives_the_supervisor_that_chose_it(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    nodes.add("flaky", "zoo:raises_until", {"count": str(tmp_path / "count"), "tries": 2})
    delays = {"retry__base_s": 5, "retry__cap_s": 5}
    doomed = supervise(**delays)
    (first,) = nodes.wait_for_ends("flaky")
    due = nodes.wait_for_status("flaky", "waiting")["retry_at"]
    doomed.kill()
    assert timedelta(seconds=2.5) <= due - first["finished_at"] <= timedelta(seconds=5)
    assert nodes.get("flaky")["retry_at"] == due
    supervise(**delays)
    second = nodes.wait_for_ends("flaky", 2)[1]
    assert (second["attempt"], second["part"], second["start_checkpoint"]) == (2, 0, {"tried": 0})
    assert second["started_at"] >= due


def test_a_dead_letter_that_is_retried_goes_on_where_it_died_over_a_kill_of_the_supervisor(
    supervise: Start, nodes: Nodes, letters: Any, tmp_path: Path
) -> None:
    """Mended, asked for by SQL, killed in the middle: every page once, and each run names the letter."""
    params = {"pages": 30, "at": 6, "pause_s": 0.05, "mended": str(tmp_path / "mended")}
    nodes.add("poison", "failures:breaks", params, max_attempts=ATTEMPTS)
    first = supervise()
    (letter,) = letters("poison")
    assert letter["checkpoint"] == {"page": 6}
    (tmp_path / "mended").touch()
    nodes.connection.execute("update dead_letters set state = 'retried'")
    run = wait_for(lambda: [run for run in nodes.runs("poison")[ATTEMPTS:] if run["pages_count"] > 2], 15, "a page")[0]
    first.kill()
    supervise()
    wait_for(lambda: nodes.last("poison")["cause"] == "done", 30, "its end")
    retries = nodes.runs("poison")[ATTEMPTS:]
    assert [(each["attempt"], each["part"]) for each in retries] == [(1, part) for part in range(len(retries))]
    assert (retries[0]["cause"], {each["dead_letter_id"] for each in retries}) == ("lost", {letter["id"]})
    assert (retries[0]["id"], retries[0]["start_checkpoint"]) == (run["id"], {"page": 6})
    (decided,) = letters("poison")
    assert (decided["state"], decided["redriven_run_id"]) == ("retried", run["id"])
    assert sum(each["inserted_count"] for each in nodes.runs("poison")) == nodes.jobs() == 90
    assert sum(each["pages_count"] for each in nodes.runs("poison")) == 30


def test_a_retry_waits_for_a_stopped_node_and_comes_once_when_it_starts(
    supervise: Start, nodes: Nodes, letters: Any
) -> None:
    nodes.add("poison", "zoo:raises", max_attempts=1)
    supervise()
    letters("poison")
    nodes.update("poison", stop_requested=True)
    nodes.wait_for_status("poison", "stopped")
    nodes.connection.execute("update dead_letters set state = 'retried'")
    nodes.add("other", "zoo:pages")
    nodes.wait_for_ends("other")
    assert len(nodes.runs("poison")) == 1
    nodes.update("poison", stop_requested=False)
    first, second = letters("poison", 2)
    assert (second["again_of"], second["state"], first["redriven_run_id"]) == (
        first["id"],
        "open",
        nodes.last("poison")["id"],
    )
    assert len(nodes.runs("poison")) == 2


def test_a_node_is_set_aside_after_its_dead_letters_in_a_row_and_goes_on_when_it_is_started(
    supervise: Start, nodes: Nodes, letters: Any, tmp_path: Path
) -> None:
    params = {"pages": 2, "at": 2, "mended": str(tmp_path / "mended")}
    nodes.add("poison", "failures:breaks", params, max_attempts=1, pause_after=2, schedule="every 1s")
    supervisor = supervise()
    node = nodes.wait_for_status("poison", "paused")
    assert (node["dead_in_a_row"], node["next_run_at"]) == (2, None)
    assert "2 dead letters in a row" in node["status_reason"]
    assert "`supervisor start poison`" in node["status_reason"]
    (letter,) = letters("poison")
    assert (letter["count"], len(letter["earlier"])) == (2, 1)
    # Whoever asks for a run of it gets one, and it stays aside while that ends badly.
    nodes.update("poison", run_requested=True)
    wait_for(lambda: nodes.get("poison")["dead_in_a_row"] == 3, 15, "a further death")
    assert nodes.wait_for_status("poison", "paused")["next_run_at"] is None
    rows = len(nodes.runs("poison"))
    (tmp_path / "mended").touch()
    nodes.update("poison", status="idle", enabled=True)
    wait_for(lambda: [run for run in nodes.runs("poison")[rows:] if run["cause"] == "done"], 15, "a good end")
    assert nodes.get("poison")["dead_in_a_row"] == 0
    assert supervisor.terminate() == 0
    begun = nodes.get("poison")["schedule_since"]
    assert all(run["tick"] >= begun for run in nodes.runs("poison")[rows:]), "the ticks of the pause are not owed"
