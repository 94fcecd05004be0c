"""Boards through JobSpy: one that cannot be reached is a failure, never "0 jobs"."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

# In a process of its own, as in a run: the proxy goes into its environment, and pandas into its memory.
SEARCH = """
import json, sys
from tests.fix_scrape import PlainScrape
from workers.errors import FetchError
from workers.proxy_env import give_proxy
from workers.scrapers.jobspy import scrape

give_proxy("http://127.0.0.1:9")  # where nobody listens: no board is reached from here
params, places, checkpoint = json.loads(sys.argv[1])
run = PlainScrape({"search_term": "rust", "results_wanted": 1, **params}, checkpoint)
run.locations = tuple(places)
pages = []
try:
    for page in scrape(run):
        pages.append((page.postings, page.checkpoint, page.stage, page.done, page.total))
except FetchError as error:
    print(error)
print(pages)
"""


def search(params: dict[str, Any], places: tuple[str, ...] = (), checkpoint: Any = None) -> str:
    order = json.dumps([params, places, checkpoint])
    done = subprocess.run(
        [sys.executable, "-c", SEARCH, order], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_boards_that_cannot_be_reached_are_failures_and_none_of_them_counts_as_done() -> None:
    said = search({"site_name": ["indeed", "linkedin"]})
    assert said.startswith("2 searches failed (indeed: "), said
    assert "linkedin: " in said
    assert said.endswith("[([], {'done': []}, None, 1, 1), ([], {'done': []}, None, 1, 1)]\n")


def test_a_pool_is_walked_and_what_is_done_is_not_asked_again() -> None:
    found = {"done": [["indeed", "Ulm"]]}
    said = search({"location": "{location}"}, ("Ulm", "Jena", "Bad Tölz"), found)
    assert said.startswith("2 searches failed (indeed: "), said
    pages: list[Any] = [([], found, "Jena (2 of 3)", 2, 3), ([], found, "Bad Tölz (3 of 3)", 3, 3)]
    assert said.endswith(f"{pages}\n"), said
