"""Boards through JobSpy: one that cannot be reached is a failure, never "0 jobs"."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own, as in a run: the proxy goes into its environment, and pandas into its memory.
SEARCH = """
from tests.fix_scrape import PlainScrape
from workers.errors import FetchError
from workers.proxy_env import give_proxy
from workers.scrapers.jobspy import scrape

give_proxy("http://127.0.0.1:9")  # where nobody listens: no board is reached from here
pages = []
try:
    for page in scrape(PlainScrape({"search_term": "rust", "site_name": ["indeed", "linkedin"], "results_wanted": 1})):
        pages.append((page.postings, page.checkpoint))
except FetchError as error:
    print(error)
print(pages)
"""


def test_boards_that_cannot_be_reached_are_failures_and_none_of_them_counts_as_done() -> None:
    asked = subprocess.run([sys.executable, "-c", SEARCH], capture_output=True, text=True, timeout=120, check=False)
    assert asked.stdout.startswith("2 searches failed (indeed: "), asked.stdout + asked.stderr
    assert "linkedin: " in asked.stdout
    assert asked.stdout.endswith("[([], {'done': []}), ([], {'done': []})]\n")
