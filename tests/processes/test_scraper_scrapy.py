"""The extra `scrapy`: real spiders in fresh processes against a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fix_site import WrittenSite
from tests.fix_supervisor import GUESTS, ROOT

Write = Callable[[dict[str, Any]], WrittenSite]
RUN = """
import json, sys
from tests.fix_scrape import PlainScrape
from workers.records import FetchSettings, ScraperSettings
from workers.scrapers.scrapy import scrape as run
params, checkpoint, guests = json.loads(sys.argv[1])
scrape = PlainScrape(params, checkpoint)
scrape.guests = ScraperSettings(allow=("spiders",), path=(guests,))
scrape.limits = FetchSettings()
pages, error = [], None
try:
    for page in run(scrape):
        pages.append([[posting.title for posting in page.postings], page.checkpoint])
except Exception as raised:
    error = f"{type(raised).__name__}: {raised}"
print(json.dumps([pages, error]))
"""


def board(number: int, last: int = 3) -> str:
    onward = "<a class=next href=x>next</a>" if number < last else ""
    return f"<html><a class=job href=/j{number}>Engineer {number}</a>{onward}</html>"


def run(
    url: str, spider: str = "Jobs", *, module: str = "spiders", checkpoint: Any = None, **params: Any
) -> tuple[Any, Any]:
    """Pages and error of one crawl, in a process of its own: a reactor runs once."""
    given = {"spider": f"{module}:{spider}", "args": {"base": url}, "fields": {"company": "firm"}, **params}
    order = json.dumps([given, checkpoint, str(GUESTS)])
    done = subprocess.run(
        [sys.executable, "-c", RUN, order], cwd=Path(ROOT), capture_output=True, text=True, timeout=60, check=True
    )
    pages, error = json.loads(done.stdout.splitlines()[-1])
    return pages, error


def titles(pages: Any) -> list[str]:
    return [title for found, _ in pages for title in found]


def test_items_of_a_spider_become_postings(write_site: Write) -> None:
    site = write_site({f"/p{number}": board(number) for number in (1, 2, 3)})
    pages, error = run(site.url)
    assert (titles(pages), error) == (["Engineer 1", "Engineer 2", "Engineer 3"], None)
    assert "/robots.txt" in site.asked


def test_a_spider_goes_on_from_its_checkpoint(write_site: Write) -> None:
    site = write_site({f"/p{number}": board(number) for number in (1, 2, 3)})
    whole, _ = run(site.url, batch=1)
    (saved,) = [saved for found, saved in whole if found == ["Engineer 2"]]
    rest, error = run(site.url, checkpoint=saved, batch=1)
    assert (titles(rest), error) == (["Engineer 2", "Engineer 3"], None)


@pytest.mark.parametrize("spider", ["Jobs", "Asynchronous", "Choosy"])
def test_each_item_goes_with_the_checkpoint_that_it_was_yielded_at(spider: str, write_site: Write) -> None:
    jobs = [f"<a class=job href=/j{number}>Engineer {number}</a>" for number in range(1, 13)]
    pages = {f"/p{at + 1}": "".join(jobs[4 * at : 4 * at + 4]) + "<a class=next href=x>next</a>" for at in range(3)}
    found, error = run(write_site({**pages, "/p4": board(13, 1)}).url, spider, batch=1)
    marks = {int(title.split()[1].strip("!")): saved["page"] for titles, saved in found for title in titles if saved}
    # Scrapy has taken three items from a callback, or has left it, when it hands on the first.
    if spider == "Choosy":
        assert marks == {1: 0, 4: 3, 5: 0, 8: 3, 9: 0, 12: 3, 13: 0}
        assert "raised 3 times, last OSError: Engineer 11" in error
    else:
        assert marks == {number: (number - 1) // 4 + 1 for number in range(5, 14)}
        assert error is None


def test_a_spider_that_raises_or_reaches_nothing_has_failed(write_site: Write) -> None:
    site = write_site({"/p1": board(1)})
    assert "KeyError" in run(site.url, "Raises")[1]
    assert "every request" in run(f"{site.url}/away")[1]
    allowed = write_site({"/robots.txt": "User-agent: *\nAllow: /", "/p1": 503})
    assert "every request of the spider failed (503)" in run(allowed.url)[1], "robots.txt is no request of the spider's"


def test_a_spider_of_a_package_that_is_not_allowed_is_refused(write_site: Write) -> None:
    assert "not allowed" in run(write_site({}).url, "Jobs", module="os")[1]
