from __future__ import annotations

import pytest

from supervisor.commands.metrics import MOST_NODES
from tests.exposition import read
from tests.fix_claims import Hand
from tests.fix_command import Run
from tests.fix_database import Connection
from tests.fix_past import Past
from tests.fix_supervisor import Nodes

OVERALL = {"total", "completed", "failed", "stopped", "skipped", "continued", "per_minute", "error_rate", "average_s",
           "p95_s", "causes"}  # fmt: skip


@pytest.fixture
def busy(nodes: Nodes, past: Past) -> None:
    """Two nodes, one of them ill."""
    for name in ("well", "ill"):
        nodes.add(name, "feed", schedule="every 1h")
    for cause in ("done", "done", "done", "recycled"):
        past.run("well", cause, took_s=30)
    for cause in ("timeout", "timeout", "still_running"):
        past.run("ill", cause, took_s=600)
    past.run("ill", "done", ago_s=50 * 3600)


@pytest.mark.usefixtures("busy")
def test_metrics_show_queue_ends_causes_and_the_worst_node_first(good: Run) -> None:
    out = good("metrics").out
    lines = out.splitlines()
    assert lines[0] == "supervisor   none is alive: run `supervisor run`"
    assert "2: 0 processing, 0 queued" in lines[1]
    assert "7 runs ended: 3 completed, 2 failed, 0 stopped, 1 skipped, 1 continued" in out
    assert "error rate 40.0%" in out
    first, second = (line.split() for line in lines[-2:])
    assert (first[0], second[0]) == ("ill", "well")
    assert "####" in lines[-2]
    assert "1 done" not in out  # two days ago


@pytest.mark.usefixtures("busy")
def test_metrics_as_json_are_the_whole_and_each_node(good: Run) -> None:
    whole, *nodes = good("metrics", "--json").json
    assert whole["node"] is None
    assert {"queued", "processing", "dead_letters_open", "breakers_open", "supervisors"} | OVERALL <= set(whole)
    assert [node["node"] for node in nodes] == ["ill", "well"]
    assert set(nodes[0]) >= OVERALL
    assert nodes[0]["causes"] == {"timeout": 2, "still_running": 1}
    assert good("metrics", "--node", "well", "--json").json == [nodes[1]]
    assert "ill" not in good("metrics", "--node", "well").out


@pytest.mark.usefixtures("busy")
def test_metrics_for_prometheus_are_what_prometheus_reads(good: Run) -> None:
    families = read(good("metrics", "--prometheus", "--since", "3d").out)
    assert families["scrapewarden_node_runs_ended"].of(node="ill", result="failed") == 2
    assert families["scrapewarden_node_runs_ended"].of(node="ill", result="completed") == 1


def test_metrics_of_a_supervisor_say_what_it_takes(good: Run, connection: Connection, hand: Hand) -> None:
    hand.start("n")
    connection.execute(
        "insert into supervisors (id, host, boot_id, pid_ns, pid, start_ticks, memory_available_mb, memory_limit_mb,"
        " memory_reserved_mb, memory_source, fds, threads, rss_mb)"
        " values (%s, 'here', 'b', 'n', 7, 1, 300, 512, 64, 'cgroup v2', 21, 9, 60)",
        [hand.supervisor_id],
    )
    line = good("metrics").out.splitlines()[0]
    assert "1 running; memory 300 of 512 MB available (cgroup v2), 64 MB promised" in line
    assert line.endswith("itself 60 MB, 21 fds, 9 threads")
    assert good("metrics", "--json").json[0]["supervisors"][0]["running"] == 1


def test_of_many_nodes_the_worst_are_shown_and_the_rest_is_named(good: Run, connection: Connection, past: Past) -> None:
    connection.execute("insert into nodes (name, scraper) select 'n' || n, 'feed' from generate_series(1, 30) n")
    past.run("n7", "crashed")
    lines = good("metrics").out.splitlines()
    assert lines[-1].startswith(f"and {30 - MOST_NODES} more with fewer failures: see `supervisor metrics --json`")
    assert lines[-1 - MOST_NODES].startswith("n7 ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--node", "wel"), "did you mean well?"),
        (("--prometheus", "--json"), "--prometheus goes without --json and --node"),
    ],
)
@pytest.mark.usefixtures("busy")
def test_what_cannot_be_asked_is_exit_2_with_the_next_step(command: Run, words: tuple[str, ...], told: str) -> None:
    done = command("metrics", *words)
    assert done.code == 2
    assert told in done.err


@pytest.fixture
def crawl(connection: Connection, hand: Hand) -> str:
    """A run of 103 pages; the id as a word."""
    run_id = hand.start("n")["run_id"]
    connection.execute(
        "insert into run_pages (run_id, page_no, url, status, http_status, elapsed_ms, bytes, postings, error)"
        " select %s, n, 'https://x/' || n, case n when 50 then 'blocked' else 'ok' end, case n when 50 then 403"
        " else 200 end, 12, 3456, 5, case n when 50 then 'refused ' || chr(27) end from generate_series(1, 103) n",
        [run_id],
    )
    return str(run_id)


def test_pages_of_a_run_are_shown_a_hundred_at_a_time(good: Run, crawl: str) -> None:
    rows = good("runs", "--pages", crawl, "--json").json
    assert len(rows) == 100
    assert set(rows[0]) == {"id", "page_no", "url", "status", "http_status", "elapsed_ms", "bytes", "postings", "error",
                            "at"}  # fmt: skip
    last = str(rows[-1]["id"])
    assert len(good("runs", "--pages", crawl, "--after", last, "--json").json) == 3
    out = good("runs", "--pages", crawl).out
    assert out.splitlines()[-1] == f"There may be more: add --after {last}."
    assert "\x1b" not in out
    assert good("runs", "--pages", crawl, "--after", str(rows[-1]["id"] + 50)).out == "There are no more such pages.\n"


def test_pages_of_a_run_are_filtered_by_their_status(good: Run, crawl: str) -> None:
    (blocked,) = good("runs", "--pages", crawl, "--status", "blocked", "--json").json
    assert (blocked["http_status"], blocked["url"]) == (403, "https://x/50")
    assert good("runs", "--pages", crawl, "--status", "unchanged").out == "There are no such pages.\n"


def test_pages_of_no_run_are_exit_2_with_the_next_step(command: Run) -> None:
    done = command("runs", "--pages", "99999")
    assert (done.code, done.err) == (2, "there is no run 99999: see `supervisor runs`\n")
