"""Which options of `supervisor runs` go together."""

from __future__ import annotations

from typing import Any

import click
import pytest

from supervisor.commands import runs

NOTHING: dict[str, Any] = {
    "node": None, "by_source": False, "run_id": None, "status": None, "cause": None, "after": None, "limit": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"run_id": 1, "status": "stopped"}, "no page is stopped: it is ok, unchanged, blocked, error"),
        ({"run_id": 1, "by_source": True}, "--pages goes with --status, --after and --limit only"),
        ({"run_id": 1, "node": "n"}, "--pages goes with --status, --after and --limit only"),
        ({"run_id": 1, "cause": "done"}, "--pages goes with --status, --after and --limit only"),
        ({"status": "blocked"}, "no run is blocked, only a page can be: name the run with --pages"),
        ({"after": 7}, "--after goes with --pages"),
        ({"by_source": True, "cause": "done"}, "--by-source goes without --status, --cause and --limit"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_said(given: dict[str, Any], told: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        runs.check_options(**{**NOTHING, **given})
    assert caught.value.message == told


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"node": "n", "status": "error", "cause": "timeout", "limit": 5},
        {"node": "n", "by_source": True},
        {"run_id": 1, "status": "error", "after": 7, "limit": 1000},
        {"run_id": 1, "status": "unchanged"},
    ],
    ids=str,
)
def test_the_rest_goes_together(given: dict[str, Any]) -> None:
    runs.check_options(**{**NOTHING, **given})
