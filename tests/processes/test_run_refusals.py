"""Scrapers that keep quiet about refusals: their run has not found "0 jobs, ok"."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fix_supervisor import Nodes, Start
from tests.hostile_server import HostileServer


@pytest.mark.parametrize(
    ("paths", "jobs", "end"),
    [
        (["status/403"], 0, ("error", "blocked")),
        (["status/503", "reset"], 0, ("error", "exception")),
        (["status/404"], 0, ("ok", "done")),
        (["status/403", "ok"], 0, ("ok", "done")),
        (["status/403"], 1, ("ok", "done")),
        ([], 0, ("ok", "done")),
    ],
)
def test_a_run_all_of_whose_requests_were_refused_and_that_found_nothing_is_no_good_one(
    supervise: Start, nodes: Nodes, hostile_server: HostileServer, paths: list[str], jobs: int, end: tuple[str, str]
) -> None:
    params: dict[str, Any] = {"urls": [f"{hostile_server.url}/{path}" for path in paths], "jobs": jobs}
    nodes.add("n", "reluctant:keeps_quiet", params, max_attempts=1)
    supervise()
    (run,) = nodes.wait_for_ends("n")
    assert (run["status"], run["cause"]) == end, run["error"]
