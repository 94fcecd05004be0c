"""Which events a person is told of, in which words; and that the docs name every kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from supervisor.alerts.kinds import KINDS, LASTING, Kind, kind_of, told
from supervisor.alerts.lasting import LIMITS_S, OVER_S, Lasting
from workers.states import Cause, status_of

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")
RUN = {"run_id": 7, "node": "acme"}
EVENTS: list[tuple[str, dict[str, Any], str | None]] = [
    ("run_ended", {"cause": "timeout"}, "stuck_run"),
    ("run_ended", {"cause": "stalled"}, "stuck_run"),
    ("run_ended", {"cause": "stale"}, "stuck_run"),
    ("run_ended", {"cause": "memory"}, "memory_kill"),
    ("run_ended", {"cause": "oom"}, "memory_kill"),
    ("run_ended", {"cause": "boot_failed"}, "boot_failed"),
    ("dead_letter", {"cause": "exception", "attempt": 3}, "dead_letter"),
    ("breaker_opened", {"host": "x.test", "failures": 5}, "breaker_open"),
    ("proxy_leak", {"cause": "blocked"}, "proxy_leak"),
    ("suspiciously_empty", {"reason": "found nothing"}, "suspiciously_empty"),
    ("memory_awaited", {"waited_min": 15, "reason": "memory"}, "no_memory"),
    ("node_refused", {"cause": "too_big", "reason": "too big"}, "too_big"),
    ("node_refused", {"cause": "no_slot", "reason": "no slot"}, None),
    ("node_paused", {"reason": "its scraper is gone"}, "node_paused"),
    ("gave_up", {"failures": 3, "seconds": 60.0}, "gave_up"),
    ("guard_failed", {}, "guard_failed"),
    ("scales_failed", {}, "guard_failed"),
    ("database_failed", {}, None),
    ("row_failed", {}, None),
    ("alert_failed", {"receiver": "webhook", "kind": "stuck_run"}, None),
    ("alert_sent", {"receiver": "webhook", "kind": "stuck_run"}, None),
]


@pytest.mark.parametrize(("event", "facts", "kind"), EVENTS, ids=lambda value: str(value)[:40])
def test_an_event_is_an_alert_of_its_kind_or_none(event: str, facts: dict[str, Any], kind: str | None) -> None:
    found = kind_of(event, {**RUN, "error": "why", **facts})
    assert (found.name if found else None) == kind
    if found:
        sentence = found.sentence(1, ["acme"], {**RUN, "error": "why", **facts}, more=False)
        assert "-" not in re.sub(r"`[^`]*`", "", sentence), f"a fact is missing: {sentence}"


@pytest.mark.parametrize("cause", [cause for cause in Cause if status_of(cause) != "skipped"])
def test_a_run_that_ended_is_an_alert_only_if_it_was_stuck_too_large_or_never_came_up(cause: Cause) -> None:
    kind = kind_of("run_ended", {**RUN, "cause": str(cause)})
    assert (kind is not None) == (cause in {"timeout", "stalled", "stale", "memory", "oom", "boot_failed"})


def test_a_death_that_left_no_word_gets_the_sentence_of_its_cause() -> None:
    assert told("run_ended", {**RUN, "cause": "oom", "error": None})["error"].startswith("killed by the kernel")
    assert told("run_ended", {**RUN, "cause": "oom", "error": "said"})["error"] == "said"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_sentence_ends_with_the_next_step_and_the_docs_name_the_kind(kind: Kind) -> None:
    for count in (1, 12):
        sentence = kind.sentence(count, ["a", "b"], RUN, more=True)
        assert sentence.count("\n") == 0
        assert re.search(r"; [^;]+$", sentence)
        assert "{" not in sentence
    assert kind.level in ("warning", "error", "critical")
    assert f"| `{kind.name}` | {kind.level} |" in PAGE or kind.name == "test"


def test_one_failure_is_no_news_and_one_that_lasts_is_told_once() -> None:
    lasting = Lasting()
    told_at = [now for now in range(600) if lasting.heed("database_failed", {"error": "gone"}, now)]
    assert told_at == [LIMITS_S["database_failed"]]
    assert lasting.heed("database_back", {}, 600) is None
    told_at = [now for now in range(601, 800) if lasting.heed("database_failed", {"error": "gone"}, now)]
    assert told_at == [601 + LIMITS_S["database_failed"]]


def test_failures_far_apart_are_not_one_that_lasts() -> None:
    lasting = Lasting()
    apart_s = int(OVER_S["row_failed"]) + 1
    assert not any(lasting.heed("row_failed", {"node": "n"}, now) for now in range(0, 10_000, apart_s))


def test_a_snapshot_that_fails_at_each_of_its_tries_is_told() -> None:
    lasting = Lasting()
    tries_s = range(0, 1_000, 80)  # a minute's pause, the upkeep's ten seconds, and ten for the try itself
    assert [now for now in tries_s if lasting.heed("row_failed", {"node": "snapshots"}, now)] == [320]


def test_each_row_lasts_by_itself_and_their_number_is_bounded() -> None:
    lasting = Lasting()
    told_of = [
        number
        for now in range(0, 400, 10)
        for number in range(2_000)
        if lasting.heed("row_failed", {"node": number}, now)
    ]
    assert told_of == list(range(1_000))
    assert lasting.heed("row_failed", {"node": "n"}, 10_000) is None
    assert len(lasting._troubles) == 1


def test_all_that_is_told_when_it_lasts_has_a_kind() -> None:
    assert set(LASTING) == set(LIMITS_S) == set(OVER_S)
