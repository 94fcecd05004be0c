from __future__ import annotations

from typing import Any

import pytest

from supervisor.commands.node_rows import COLUMNS, complaints
from workers.records import ScraperSettings

NODE: dict[str, Any] = {"name": "a", "scraper": "feed", "params": {"url": "http://127.0.0.1/"}}


def judged(**changes: Any) -> list[str]:
    return list(complaints(NODE | changes, ScraperSettings()))


def test_a_row_with_name_and_scraper_is_enough() -> None:
    assert judged() == []
    assert list(complaints({"name": "a", "scraper": "feed"}, ScraperSettings())) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": "every 15m", "timezone": "Europe/Berlin"},
        {"schedule": None, "memory_mb": None, "max_attempts": None, "gap_s": None, "proxy_pool": None},
        {"pause_after": None},
        {"pause_after": 1},
        {"timeout_s": 0.5, "gap_s": 0, "jitter_s": 0.0, "priority": -3, "enabled": False, "data_limit": False},
    ],
)
def test_good_values_are_let_through(changes: dict[str, Any]) -> None:
    assert judged(**changes) == []


@pytest.mark.parametrize(
    ("changes", "beginning"),
    [
        ({"name": " "}, "name: should be"),
        ({"name": "a\nb"}, "name: should be"),
        ({"name": "x" * 201}, "name: should be"),
        ({"name": None}, "name: is missing"),
        ({"params": []}, "params: should be"),
        ({"params": {"url": "a\0b"}}, "params: should be"),
        ({"params": {"url": float("nan")}}, "params: should be"),
        ({"timeout_s": 0}, "timeout_s: should be"),
        ({"timeout_s": True}, "timeout_s: should be"),
        ({"timeout_s": float("inf")}, "timeout_s: should be"),
        ({"timeout_s": 1e10}, "timeout_s: should be"),
        ({"timeout_s": None}, "timeout_s: should be"),
        ({"stall_s": "5m"}, "stall_s: should be"),
        ({"memory_mb": 1.5}, "memory_mb: should be"),
        ({"memory_mb": 2**31}, "memory_mb: should be"),
        ({"pause_after": 0}, "pause_after: should be"),
        ({"jitter_s": -1}, "jitter_s: should be"),
        ({"enabled": 1}, "enabled: should be"),
        ({"schedule": "every day"}, 'The schedule "every day"'),
        ({"schedule": "every 5m", "timezone": "Mars/Base"}, "The time zone"),
        ({"shedule": "every 5m"}, '"shedule": no such column; did you mean schedule?'),
        ({"scraper": "fead"}, 'there is no scraper "fead": did you mean feed?'),
        ({"scraper": "mine:scrape"}, 'scraper "mine:scrape" is not allowed'),
        ({"params": {}}, "feed: url is missing"),
    ],
)
def test_a_bad_value_gets_one_sentence_that_begins_with_its_column(changes: dict[str, Any], beginning: str) -> None:
    found = [line for line in judged(**changes) if line.startswith(beginning)]
    assert len(found) == 1, judged(**changes)


def test_all_complaints_come_at_once() -> None:
    assert len(judged(timeout_s=0, memory_mb=-1, scraper="fead", nonsense=1)) == 4


def test_a_huge_value_is_shown_shortened() -> None:
    [line] = judged(timeout_s="x" * 10_000)
    assert len(line) < 200


def test_every_column_has_its_words() -> None:
    assert all(column.wanted for column in COLUMNS.values())
