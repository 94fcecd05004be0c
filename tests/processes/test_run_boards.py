"""Boards with pages in real runs: killed between two of them, refused, empty, or not there."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest

from tests.conformance.boards import BOARDS, Board
from tests.fix_boards import ServeBoard
from tests.fix_supervisor import Nodes, Start

PAGED = [board for board in BOARDS if board.skip]
QUICK = {"retry__base_s": 0.1, "retry__cap_s": 0.2}


def titles(nodes: Nodes) -> list[str]:
    return [row["title"] for row in nodes.connection.execute("select title from jobs order by title").fetchall()]


@pytest.mark.parametrize("board", PAGED, ids=lambda board: board.scraper)
def test_a_run_that_is_killed_between_two_pages_goes_on_at_the_second(
    board: Board, nodes: Nodes, supervise: Start, serve_board: ServeBoard
) -> None:
    go_on = threading.Event()
    whole = board.answer(board.jobs(5))
    starts: list[str] = []

    def answer(path: str, query: dict[str, str]) -> Any:
        if path == board.path:
            starts.append(query[board.skip or ""])
            if len(starts) > 1:
                go_on.wait(20)
        return whole(path, query)

    site = serve_board(answer)
    nodes.add("board", board.scraper, {**board.params, **board.pages, "base_url": site.url})
    supervise(**QUICK)
    os.kill(nodes.wait_for_pages("board")["pid"], signal.SIGKILL)
    nodes.wait_for_ends("board")
    go_on.set()
    first, second = nodes.wait_for_ends("board", 2)
    assert (first["cause"], second["status"], second["cause"]) == ("killed", "ok", "done")
    assert titles(nodes) == [f"Baker {number}" for number in range(1, 6)]
    assert (first["inserted_count"], second["inserted_count"], second["unchanged_count"]) == (2, 3, 0)
    assert starts.count(starts[0]) == 1
    assert second["progress_done"] == 5


def test_refusals_are_blocked_errors_are_errors_and_only_an_empty_board_is_ok(
    nodes: Nodes, supervise: Start, serve_board: ServeBoard
) -> None:
    lever = next(board for board in BOARDS if board.scraper == "lever")
    bad = [*lever.jobs(2), 7, {"text": None}]
    answers: dict[str, Any] = {
        "refused": (403, "<title>Forbidden</title>"),
        "gone": (404, {"ok": False, "error": "Document not found"}),
        "login": "<title>Sign in</title>",
        "other": {"results": []},
        "empty": [],
        "mixed": bad,
    }
    site = serve_board(lambda path, _query: answers[path.rpartition("/")[2]])
    for name in answers:
        nodes.add(name, "lever", {"site": name, "base_url": site.url}, max_attempts=1)
    supervise(**QUICK)
    ended = {name: nodes.wait_for_ends(name)[0] for name in answers}
    causes = {name: (run["status"], run["cause"]) for name, run in ended.items()}
    assert causes == {
        "refused": ("error", "blocked"),
        "gone": ("error", "exception"),
        "login": ("error", "exception"),
        "other": ("error", "exception"),
        "empty": ("ok", "done"),
        "mixed": ("ok", "done"),
    }
    assert all("check params site" in ended[name]["error"] for name in ("gone", "login", "other"))
    mixed = ended["mixed"]
    assert (mixed["fetched_count"], mixed["inserted_count"], mixed["rejected_count"]) == (4, 2, 2)
