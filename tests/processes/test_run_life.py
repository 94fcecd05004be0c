"""The life of runs under a real supervisor: launch, commit, end, retry, dead letter, recycling."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.rows import DictRow

from supervisor import processes
from tests.fix_supervisor import Connection, Nodes, Start, alive, pids_in
from tests.wait import wait_for


def test_a_requested_run_stores_its_jobs_and_ends_done(supervise: Start, nodes: Nodes) -> None:
    node_id = nodes.add("fine", "zoo:pages")
    supervise()
    (run,) = nodes.wait_for_ends("fine")
    assert (run["status"], run["cause"], run["ended_by"]) == ("ok", "done", "self")
    assert (run["attempt"], run["part"], run["pages_count"], run["error"]) == (1, 0, 3, None)
    assert (run["fetched_count"], run["inserted_count"], run["upserted_count"]) == (15, 15, 15)
    assert nodes.jobs() == 15
    assert nodes.connection.execute("select * from checkpoints where node_id = %s", (node_id,)).fetchall() == []
    assert nodes.get("fine")["status"] == "idle"


def test_a_second_run_of_unchanged_postings_inserts_nothing(supervise: Start, nodes: Nodes) -> None:
    nodes.add("fine", "zoo:pages")
    supervise()
    nodes.wait_for_ends("fine")
    nodes.update("fine", run_requested=True)
    second = nodes.wait_for_ends("fine", 2)[1]
    assert (second["inserted_count"], second["updated_count"], second["unchanged_count"]) == (0, 0, 15)


def test_exactly_one_process_runs_each_scrape(supervise: Start, nodes: Nodes) -> None:
    nodes.add("fine", "zoo:pages", {"pages": 200, "pause_s": 0.05})
    supervisor = supervise()
    run = nodes.wait_for_pages("fine", 3)
    parents = [pid for pid in supervisor.tree() if run["pid"] in processes.children_of(pid)]
    assert len(parents) == 1
    assert processes.children_of(parents[0]) == [run["pid"]]


def test_a_retry_comes_from_the_checkpoint_after_its_delay(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    nodes.add("flaky", "zoo:raises_until", {"count": str(tmp_path / "count"), "tries": 3})
    supervise()
    first, second, third = nodes.wait_for_ends("flaky", 3)
    assert [run["attempt"] for run in (first, second, third)] == [1, 2, 3]
    assert [run["cause"] for run in (first, second, third)] == ["exception", "exception", "done"]
    assert second["start_checkpoint"] == {"tried": 0}
    delay = (second["started_at"] - first["finished_at"]).total_seconds()
    assert delay >= 0.05  # at least half of retry.base_s


def test_a_poison_node_is_dead_lettered_after_exactly_its_attempts(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    nodes.add("poison", "zoo:raises", max_attempts=2)
    supervise()
    nodes.wait_for_ends("poison", 2)
    letter = _letter(nodes, 1)
    assert [(cause["attempt"], cause["cause"]) for cause in letter["causes"]] == [(1, "exception"), (2, "exception")]
    assert "the board is upside down" in letter["causes"][0]["error"]
    assert letter["checkpoint"] == {"page": 2}
    assert (letter["state"], letter["count"]) == ("open", 1)
    assert connection.execute("select * from checkpoints").fetchall() == []
    nodes.update("poison", run_requested=True)
    assert len(nodes.wait_for_ends("poison", 4)) == 4
    assert _letter(nodes, 2)["id"] == letter["id"]


def _letter(nodes: Nodes, count: int) -> DictRow:
    letter = wait_for(lambda: nodes.one("select * from dead_letters where count = %s", count), 5, "the letter")
    assert letter is not None
    return letter


@pytest.mark.parametrize("scraper", ["broken:scrape", "zoo:no_such_function"])
def test_a_scraper_that_does_not_import_is_dead_lettered_after_attempt_one(
    supervise: Start, nodes: Nodes, scraper: str
) -> None:
    nodes.add("broken", scraper)
    supervise()
    (run,) = nodes.wait_for_ends("broken")
    assert (run["status"], run["cause"]) == ("error", "exception")
    reason = wait_for(lambda: nodes.get("broken")["status_reason"], 5, "its reason")
    assert reason.startswith("dead letter after attempt 1")
    assert len(nodes.runs("broken")) == 1


def test_a_leaking_scraper_completes_by_recycling_without_losing_or_repeating_a_job(
    supervise: Start, nodes: Nodes
) -> None:
    nodes.add("leaks", "zoo:leaks", {"pages": 500, "leak_mb": 2}, memory_mb=128)
    supervise()
    wait_for(lambda: any(run["cause"] == "done" for run in nodes.runs("leaks")), 40, "its end")
    runs = nodes.runs("leaks")
    assert len(runs) >= 2
    assert {run["cause"] for run in runs[:-1]} == {"recycled"}
    assert [run["part"] for run in runs] == list(range(len(runs)))
    assert {run["attempt"] for run in runs} == {1}
    assert sum(run["inserted_count"] for run in runs) == nodes.jobs() == 2500
    assert all(run["updated_count"] + run["unchanged_count"] == 0 for run in runs)


def test_a_leak_without_a_checkpoint_ends_as_memory(supervise: Start, nodes: Nodes) -> None:
    nodes.add("bursts", "zoo:bursts", memory_mb=100, max_attempts=1)
    supervise()
    (run,) = nodes.wait_for_ends("bursts")
    assert (run["status"], run["cause"]) == ("error", "memory")
    assert run["error"]


def test_recycling_that_gets_nowhere_ends_as_memory(supervise: Start, nodes: Nodes) -> None:
    nodes.add("stuck", "zoo:heavy", {"mb": 75, "at": {"page": 1}}, memory_mb=120, max_attempts=1)
    supervise()
    first, second = nodes.wait_for_ends("stuck", 2)
    assert (first["status"], first["cause"], first["part"], first["pages_count"]) == ("ok", "recycled", 0, 1)
    assert (second["status"], second["cause"], second["part"], second["pages_count"]) == ("error", "memory", 1, 1)
    assert "again at the checkpoint it started from" in second["error"]
    reason = wait_for(lambda: nodes.get("stuck")["status_reason"], 5, "its reason")
    assert reason.startswith("dead letter after attempt 1")


def test_a_run_without_a_checkpoint_is_not_recycled(supervise: Start, nodes: Nodes) -> None:
    nodes.add("heavy", "zoo:heavy", {"mb": 75}, memory_mb=120, max_attempts=1)
    supervise()
    (run,) = nodes.wait_for_ends("heavy")
    assert (run["status"], run["cause"], run["pages_count"]) == ("ok", "done", 5), run["error"]
    assert run["peak_rss_mb"] > 120 * 0.85


def test_a_burst_meets_the_data_limit_and_nobody_is_killed(supervise: Start, nodes: Nodes) -> None:
    nodes.add("bursts", "zoo:bursts", memory_mb=100, max_attempts=1)
    supervise()
    (run,) = nodes.wait_for_ends("bursts")
    assert (run["status"], run["cause"], run["ended_by"]) == ("error", "memory", "self")
    assert run["error"].startswith("ran out of memory: MemoryError at its data limit")
    assert run["peak_rss_mb"] < 100


def test_the_kernel_would_choose_a_scrape_before_its_supervisor(supervise: Start, nodes: Nodes, tmp_path: Path) -> None:
    nodes.add("family", "zoo:with_grandchildren", {"pids": str(tmp_path / "pids"), "pages": 60, "pause_s": 0.05})
    supervisor = supervise()
    run = nodes.wait_for_pages("family")
    scores = [int(Path(f"/proc/{pid}/oom_score_adj").read_text(encoding="ascii")) for pid in pids_in(tmp_path / "pids")]
    assert run["pid"] in pids_in(tmp_path / "pids")
    assert scores == [900] * 4
    assert int(Path(f"/proc/{supervisor.pid}/oom_score_adj").read_text(encoding="ascii")) <= 0


def test_a_burst_that_the_data_limit_may_not_stop_is_killed_by_its_tree_memory(supervise: Start, nodes: Nodes) -> None:
    nodes.add("bursts", "zoo:bursts", {"burst_mb": 400}, memory_mb=100, max_attempts=1, data_limit=False)
    nodes.add("neighbour", "zoo:pages", {"pages": 40, "pause_s": 0.05})
    supervisor = supervise()
    (run,) = nodes.wait_for_ends("bursts")
    assert (run["status"], run["cause"], run["ended_by"]) == ("error", "memory", "kill")
    assert "of 100 MB" in run["error"]
    assert supervisor.process.poll() is None
    (other,) = nodes.wait_for_ends("neighbour")
    assert other["cause"] == "done"


@pytest.mark.parametrize(
    ("scraper", "params", "cause", "words"),
    [
        ("zoo:segfaults", {}, "crashed", "SIGSEGV"),
        ("zoo:killed", {}, "killed", "SIGKILL"),
        ("zoo:killed", {"signal": 15}, "killed", "SIGTERM"),
        ("zoo:exits", {"code": 3}, "exception", "sys.exit(3)"),
        ("zoo:exits", {"hard": True, "code": 3}, "crashed", "status 3"),
        ("zoo:exits", {"hard": True, "code": 0}, "crashed", "status 0"),
        ("zoo:raises", {}, "exception", "ValueError: the board is upside down"),
        ("zoo:no_generator", {}, "exception", "generator"),
        ("zoo:rubbish", {"kind": "text"}, "exception", "Page"),
        ("zoo:rubbish", {"kind": "posting"}, "exception", "Posting"),
    ],
)
def test_each_kind_of_death_has_its_cause_and_its_sentence(
    supervise: Start, nodes: Nodes, scraper: str, params: dict[str, object], cause: str, words: str
) -> None:
    nodes.add("dies", scraper, params, max_attempts=1)
    supervise()
    (run,) = nodes.wait_for_ends("dies")
    assert (run["status"], run["cause"]) == ("error", cause)
    assert words in run["error"]


@pytest.mark.parametrize(("kind", "jobs", "rejected"), [("nul", 1, 0), ("giant", 1, 0), ("untitled", 0, 3)])
def test_strange_postings_cost_only_themselves(
    supervise: Start, nodes: Nodes, kind: str, jobs: int, rejected: int
) -> None:
    nodes.add("strange", "zoo:rubbish", {"kind": kind}, memory_mb=512)
    supervise()
    (run,) = nodes.wait_for_ends("strange")
    assert (run["cause"], run["rejected_count"]) == ("done", rejected), run["error"]
    assert nodes.jobs() == jobs


def test_what_a_run_prints_logs_and_writes_to_stderr_is_in_its_log(
    supervise: Start, nodes: Nodes, connection: Connection
) -> None:
    nodes.add("talks", "zoo:talks", {"length": 50_000_000}, memory_mb=512)
    supervise()
    (run,) = nodes.wait_for_ends("talks")
    assert run["cause"] == "done"
    lines = connection.execute("select * from run_logs where run_id = %s order by id", (run["id"],)).fetchall()
    found = {(line["event"], line["message"]) for line in lines}
    assert ("stdout", "printed") in found
    assert ("stderr", "to stderr") in found
    assert any(line["event"] == "told" and line["facts"] == {"answer": 42} for line in lines)
    assert max(len(line["message"] or "") for line in lines) < 10_000


def test_a_process_that_outlives_its_result_is_ended_and_its_grandchildren_too(
    supervise: Start, nodes: Nodes, tmp_path: Path
) -> None:
    nodes.add("threads", "zoo:threads")
    nodes.add("family", "zoo:with_grandchildren", {"pids": str(tmp_path / "pids")})
    supervise()
    (run,) = nodes.wait_for_ends("family")
    assert run["cause"] == "done"
    assert alive(pids_in(tmp_path / "pids")) == []
    (run,) = nodes.wait_for_ends("threads")
    assert run["cause"] == "done"
    assert not processes.is_alive(run["pid"])
