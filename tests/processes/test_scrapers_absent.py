"""Scrapers whose extra is not installed, in a process that cannot import it, say which one to install."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

# `None` is how Python itself marks a module that cannot be imported.
BLOCKED = """
import json, sys
name, params = json.loads(sys.argv[1])
sys.modules[name] = None
from tests.fix_scrape import PlainScrape
from workers.errors import ScraperRefused
from workers.records import ScraperSettings
from workers.scrapers import find_scraper
scrape = PlainScrape(params)
try:
    list(find_scraper(name, ScraperSettings())(scrape))
except ScraperRefused as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("scraper", "params"), [("scrapy", {"spider": "spiders:Jobs"}), ("jobspy", {"search_term": "baker"})]
)
def test_what_is_not_installed_is_named_with_the_extra_that_brings_it(scraper: str, params: dict[str, Any]) -> None:
    order = json.dumps([scraper, params])
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, order], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f'scraper "{scraper}" is not installed: pip install "scrapewarden[{scraper}]"\n', done.stderr
