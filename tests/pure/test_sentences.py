"""Every end of a run as a sentence that a person understands."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from supervisor import sentences
from workers.states import CAUSES_OF, Cause, RunStatus

FIGURES = {
    "pages_count": 41,
    "progress_done": 41,
    "progress_total": 120,
    "heartbeat_age_s": 3.2,
    "peak_mb": 212.4,
    "budget_mb": 256,
}
ENDS = [cause for cause in Cause if cause not in CAUSES_OF[RunStatus.SKIPPED]]


def test_a_timeout_tells_what_how_far_and_how_heavy() -> None:
    assert sentences.of_end(Cause.TIMEOUT, "killed after 600 s: hard timeout", FIGURES) == (
        "killed after 600 s: hard timeout; last page 41 of 120, last heartbeat 3 s earlier, peak 212 MB of 256 MB"
    )


@pytest.mark.parametrize("cause", [cause for cause in ENDS if cause is not Cause.DONE])
def test_every_cause_has_a_sentence_of_its_own(cause: Cause) -> None:
    sentence = sentences.of_end(cause, None, {})
    assert sentence
    assert " " in sentence or cause is Cause.EXCEPTION
    assert not sentence.endswith((".", ";", " "))
    others = [sentences.of_end(other, None, {}) for other in ENDS if other is not cause]
    assert sentence not in others


def test_a_good_end_needs_no_sentence() -> None:
    assert sentences.of_end(Cause.DONE, None, FIGURES) is None


@pytest.mark.parametrize("cause", [Cause.REQUESTED, Cause.SHUTDOWN, Cause.RECYCLED])
def test_an_end_in_good_order_is_told_without_figures(cause: Cause) -> None:
    assert sentences.of_end(cause, "as it was told", FIGURES) == "as it was told"


@pytest.mark.parametrize(
    ("facts", "tail"),
    [
        ({}, ""),
        ({"pages_count": 0}, "; last page 0"),
        ({"pages_count": 5, "progress_done": None, "progress_total": 9}, "; last page 5 of 9"),
        ({"pages_count": 5, "progress_done": 7}, "; last page 7"),
        ({"heartbeat_age_s": 0.2}, "; last heartbeat 0 s earlier"),
        ({"heartbeat_age_s": None, "peak_mb": 0.0, "budget_mb": 9}, ""),
        ({"peak_mb": 10.6, "budget_mb": 9}, "; peak 11 MB of 9 MB"),
    ],
)
def test_only_what_is_known_is_told(facts: dict[str, Any], tail: str) -> None:
    assert sentences.of_end(Cause.CRASHED, "it ended", facts) == f"it ended{tail}"


def test_a_signal_without_a_name_is_told_by_its_number() -> None:
    assert sentences.of_signal(signal.SIGSEGV, core=True) == "crashed: SIGSEGV in its own code"
    assert sentences.of_signal(200) == "killed: signal 200 from a stranger, not from us"
