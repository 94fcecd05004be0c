"""Metrics as Prometheus reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.metrics import Metrics, as_objects
from supervisor.prometheus import CONTENT_TYPE, expose
from tests.exposition import read

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOW: dict[str, Any] = {
    "nodes": 3, "queued": 2, "retrying": 1, "processing": 1, "nodes_paused": 0, "nodes_stopped": 0,
    "nodes_disabled": 0, "oldest_wait_s": 12.5, "breakers_open": 0, "dead_letters_open": 4, "supervisors_alive": 1,
    "at": NOON,
}  # fmt: skip
SUMS: dict[str, Any] = {
    "total": 10, "completed": 6, "failed": 2, "stopped": 1, "skipped": 1, "continued": 0, "per_minute": 3.0,
    "error_rate": 0.25, "average_s": 4.0, "p95_s": 9.0,
}  # fmt: skip
NONE_YET: dict[str, Any] = {**dict.fromkeys(SUMS, 0), "error_rate": None, "average_s": None, "p95_s": None}
CAUSE = {"result": "failed", "cause": "timeout", "runs": 2, "average_s": 4.0, "p95_s": 9.0}
SUPERVISOR: dict[str, Any] = {
    "id": "5ca1ab1e", "host": "here", "pid": 7, "version": "1", "memory_source": "cgroup v2 limit 512 MB at /",
    "memory_available_mb": 100.5, "memory_limit_mb": 512.0, "memory_reserved_mb": None, "fds": 20, "threads": 9,
    "rss_mb": 60.0, "running": 1, "started_at": NOON, "seen_at": NOON,
}  # fmt: skip


def metrics(**changes: Any) -> Metrics:
    given: dict[str, Any] = {
        "now": NOW,
        "overall": {"window_s": 86400.0, **SUMS},
        "causes": [CAUSE],
        "nodes": [{"node": "a", **SUMS, "causes": {"done": 6, "timeout": 2}}, {"node": "b", **NONE_YET, "causes": {}}],
        "supervisors": [SUPERVISOR],
    }
    return Metrics(**{**given, **changes})


def test_the_figures_stand_under_their_names_in_base_units() -> None:
    families = read(expose(metrics()))
    assert families["scrapewarden_queue_depth"].of() == 2
    assert families["scrapewarden_runs_ended"].of(result="failed") == 2
    assert families["scrapewarden_results_per_second"].of() == pytest.approx(0.05)
    assert families["scrapewarden_error_ratio"].of() == 0.25
    assert families["scrapewarden_cause_runs_ended"].of(result="failed", cause="timeout") == 2
    assert families["scrapewarden_node_runs_ended"].of(node="b", result="completed") == 0
    assert families["scrapewarden_node_cause_runs_ended"].of(node="a", cause="done") == 6
    available = families["scrapewarden_supervisor_memory_available_bytes"].of(supervisor="5ca1ab1e")
    assert available == 100.5 * 1024 * 1024
    assert families["scrapewarden_supervisor_seen_timestamp_seconds"].of(supervisor="5ca1ab1e") == NOON.timestamp()
    told = {name: str(SUPERVISOR[name]) for name in ("host", "pid", "version", "memory_source")}
    assert families["scrapewarden_supervisor_info"].of(supervisor="5ca1ab1e", **told) == 1
    assert CONTENT_TYPE.startswith("text/plain; version=0.0.4")


def test_what_is_not_known_has_no_line_and_is_not_nought() -> None:
    families = read(expose(metrics(overall={"window_s": 60.0, **NONE_YET})))
    assert families["scrapewarden_error_ratio"].samples == {}
    assert families["scrapewarden_node_run_duration_p95_seconds"].samples == {(("node", "a"),): 9.0}
    assert families["scrapewarden_supervisor_memory_reserved_bytes"].samples == {}


def test_nothing_is_a_counter_because_windows_slide_and_retention_deletes() -> None:
    families = read(expose(metrics()))
    assert {family.kind for family in families.values()} == {"gauge"}
    assert [name for name in families if name.endswith(("_total", "_count", "_sum", "_bucket"))] == []
    assert all(name.startswith("scrapewarden_") for name in families)
    assert all(not name.endswith(("_mb", "_s", "_ms", "_percent", "_minutes")) for name in families)


def test_without_nodes_runs_or_supervisors_the_same_families_are_there() -> None:
    empty = metrics(overall={"window_s": 60.0, **NONE_YET}, causes=[], nodes=[], supervisors=[])
    assert set(read(expose(empty))) == set(read(expose(metrics())))


@given(st.text())
def test_a_label_comes_back_as_it_was(text: str) -> None:
    node = {"node": text, **SUMS, "causes": {}}
    families = read(expose(metrics(nodes=[node])))
    assert families["scrapewarden_node_error_ratio"].of(node=text) == 0.25


@pytest.mark.parametrize("value", [0, 1, 1e-9, 1e300, 123456789.123, -0.5])
def test_a_value_comes_back_as_it_was(value: float) -> None:
    families = read(expose(metrics(now={**NOW, "oldest_wait_s": value})))
    assert families["scrapewarden_queue_oldest_wait_seconds"].of() == value


@pytest.mark.parametrize(
    "broken",
    [
        "scrapewarden_x 1\n",
        "# HELP scrapewarden_x X.\n# TYPE scrapewarden_x gauge\nscrapewarden_x 1",
        '# HELP scrapewarden_x X.\n# TYPE scrapewarden_x gauge\nscrapewarden_x{a="b"c"} 1\n',
        "# HELP scrapewarden_x X.\n# TYPE scrapewarden_x gauge\nscrapewarden_x None\n",
        "# HELP scrapewarden_x X.\n# TYPE scrapewarden_x gauge\nscrapewarden_x 1\nscrapewarden_x 1\n",
        "# HELP scrapewarden_x X.\n# TYPE scrapewarden_x gauges\nscrapewarden_x 1\n",
    ],
)
def test_the_reader_of_these_tests_refuses_what_prometheus_would(broken: str) -> None:
    with pytest.raises((AssertionError, KeyError, ValueError)):
        read(broken)


def test_as_objects_the_whole_comes_first_and_has_no_name() -> None:
    whole, *nodes = as_objects(metrics())
    assert whole["node"] is None
    assert (whole["queued"], whole["total"], whole["causes"]) == (2, 10, {"timeout": 2})
    assert whole["supervisors"][0]["fds"] == 20
    assert [node["node"] for node in nodes] == ["a", "b"]
    assert nodes[0]["causes"] == {"done": 6, "timeout": 2}
