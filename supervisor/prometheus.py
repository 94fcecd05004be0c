"""Metrics as Prometheus reads them. Pure: rows in, text out.

All are gauges. Figures of runs are those of a sliding window, and retention deletes rows: nothing counted here never
falls, so nothing is called a counter, and `rate()` is for none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from supervisor.metrics import Metrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
RESULTS = ("completed", "failed", "stopped", "skipped", "continued")
_MB = 2**20
_PREFIX = "scrapewarden_"
Row = Mapping[str, Any]
Labels = dict[str, object]
Sample = tuple[Labels, object]

# name → (column, factor to the base unit, help)
_NOW = {
    "nodes": ("nodes", 1, "Configured nodes."),
    "nodes_paused": ("nodes_paused", 1, "Nodes whose row cannot be run, or that failed too often in a row."),
    "nodes_stopped": ("nodes_stopped", 1, "Nodes that a person stopped."),
    "nodes_disabled": ("nodes_disabled", 1, "Nodes without a schedule in force."),
    "queue_depth": ("queued", 1, "Nodes that want to run and do not yet."),
    "queue_retrying": ("retrying", 1, "Those of them that wait for their next attempt."),
    "queue_oldest_wait_seconds": ("oldest_wait_s", 1, "How long the first of the others has waited."),
    "runs_processing": ("processing", 1, "Runs under way."),
    "dead_letters_open": ("dead_letters_open", 1, "Ticks that failed for good and that nobody has decided about."),
    "breakers_open": ("breakers_open", 1, "Hosts that are left alone, or tried by one run only."),
    "supervisors": ("supervisors_alive", 1, "Supervisors seen within 30 seconds."),
}
_ENDED = {
    "window_seconds": ("window_s", 1, "The time that the figures of ended runs cover, up to now."),
    "results_per_second": ("per_minute", 1 / 60, "Completed and failed runs, over the window."),
    "error_ratio": ("error_rate", 1, "Failed among completed and failed runs, 0 to 1."),
}
_DURATIONS = {
    "run_duration_average_seconds": ("average_s", 1, "Average duration of a run's process."),
    "run_duration_p95_seconds": ("p95_s", 1, "95th percentile of it, at most 1 % too large."),
}
_SUPERVISOR = {
    "memory_available_bytes": ("memory_available_mb", _MB, "Memory that new scrapes could have."),
    "memory_limit_bytes": (
        "memory_limit_mb",
        _MB,
        "The limit that counts; where it comes from is a label of the info.",
    ),
    "memory_reserved_bytes": ("memory_reserved_mb", _MB, "What running scrapes may still take of their budgets."),
    "open_fds": ("fds", 1, "Open file descriptors of the supervisor itself."),
    "threads": ("threads", 1, "Threads of the supervisor itself."),
    "resident_memory_bytes": ("rss_mb", _MB, "Resident memory of the supervisor itself."),
    "runs_processing": ("running", 1, "Its runs under way."),
    "started_timestamp_seconds": ("started_at", 1, "When it started, by the database's clock."),
    "seen_timestamp_seconds": ("seen_at", 1, "When it last said that it lives, by the database's clock."),
}


def expose(metrics: Metrics) -> str:
    """The text of a scrape by Prometheus; a value that is not known has no line."""
    return "".join(_families(metrics))


def _families(metrics: Metrics) -> Iterator[str]:
    whole: list[tuple[Labels, Row]] = [({}, metrics.overall)]
    causes: list[tuple[Labels, Row]] = [({"result": r["result"], "cause": r["cause"]}, r) for r in metrics.causes]
    nodes: list[tuple[Labels, Row]] = [({"node": row["node"]}, row) for row in metrics.nodes]
    yield from _gauges("", _NOW, [({}, metrics.now)])
    yield from _gauges("", _ENDED, whole)
    yield _ended("", whole)
    yield from _gauges("", _DURATIONS, whole)
    yield _family(
        "cause_runs_ended", "Ended runs within the window, by cause.", [(c, row["runs"]) for c, row in causes]
    )
    yield from _gauges("cause_", _DURATIONS, causes)
    yield _ended("node_", nodes)
    each = [({**node, "cause": cause}, runs) for node, row in nodes for cause, runs in row["causes"].items()]
    yield _family("node_cause_runs_ended", "Ended runs within the window, by node and cause.", each)
    yield from _gauges("node_", {"error_ratio": _ENDED["error_ratio"], **_DURATIONS}, nodes)
    yield from _supervisors(metrics.supervisors)


def _supervisors(rows: Iterable[Row]) -> Iterator[str]:
    known: list[tuple[Labels, Row]] = [({"supervisor": row["id"]}, row) for row in rows]
    told = ("host", "pid", "version", "memory_source")
    info = [({**who, **{name: row[name] or "" for name in told}}, 1) for who, row in known]
    yield _family("supervisor_info", "Who it is, and where its memory limit comes from; always 1.", info)
    yield from _gauges("supervisor_", _SUPERVISOR, known)


def _gauges(
    prefix: str, families: Mapping[str, tuple[str, float, str]], rows: Iterable[tuple[Labels, Row]]
) -> Iterator[str]:
    known = list(rows)
    for name, (column, factor, told) in families.items():
        yield _family(prefix + name, told, [(labels, _scaled(row[column], factor)) for labels, row in known])


def _ended(prefix: str, rows: Iterable[tuple[Labels, Row]]) -> str:
    samples = [({**labels, "result": result}, row[result]) for labels, row in rows for result in RESULTS]
    return _family(f"{prefix}runs_ended", "Ended runs within the window, by what their end means.", samples)


def _family(name: str, told: str, samples: Iterable[Sample]) -> str:
    lines = [f"{_PREFIX}{name}{_labels(labels)} {value}\n" for labels, value in samples if value is not None]
    return f"# HELP {_PREFIX}{name} {told}\n# TYPE {_PREFIX}{name} gauge\n" + "".join(lines)


def _scaled(value: Any, factor: float) -> float | None:
    if value is None:
        return None
    number = value.timestamp() if isinstance(value, datetime) else value
    return float(number * factor) if factor != 1 else number


def _labels(labels: Labels) -> str:
    inner = ",".join(f'{name}="{_escaped(str(value))}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
