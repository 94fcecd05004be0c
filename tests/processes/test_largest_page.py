"""What a scrape's own process weighs while it reads the largest real page, against the bare parser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fix_supervisor import Nodes, Start
from tests.fix_validating_site import Sheet, ValidatingSite

HERE = Path(__file__).resolve()
PAGE = next(
    (
        up / "shared/realdata/open/html/hn-whoishiring-2015-03.html"
        for up in HERE.parents[3:5]
        if (up / "shared/realdata").is_dir()
    ),
    HERE.parent / "absent",
)
FIELDS = {"title": "div.comment span", "url": "span.age a@href", "description": "div.comment"}
BARE = """
import sys
from lxml import html
from workers.processes import rss_mb
import os
text = open(sys.argv[1], encoding="utf-8").read()
before = rss_mb(os.getpid())
tree = html.fromstring(text)
print(rss_mb(os.getpid()) - before)
"""

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="shared/realdata absent: put it beside the checkout")


def bare_parser_mb() -> float:
    """The tree alone."""
    done = subprocess.run([sys.executable, "-c", BARE, str(PAGE)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_the_largest_real_page_costs_a_scrape_a_few_times_its_tree(
    nodes: Nodes, supervise: Start, validating_site: ValidatingSite
) -> None:
    body = PAGE.read_bytes()
    small = b'<table><tr class="athing"><td><span class="age"><a href="/item?id=1">1</a></span>'
    small += b'<div class="comment"><span>Cook</span></div></td></tr></table>'
    validating_site.pages |= {"/large": Sheet(body=body), "/small": Sheet(body=small)}
    supervise()
    peaks = {}
    for name, jobs in (("small", 1), ("large", 690)):
        nodes.add(name, "html", {"start": f"{validating_site.url}/{name}", "items": "tr.athing", "fields": FIELDS})
        (run,) = nodes.wait_for_ends(name)
        assert run["cause"] == "done"
        assert run["inserted_count"] >= jobs
        peaks[name] = run["peak_rss_mb"]
    floor = bare_parser_mb()
    grown = peaks["large"] - peaks["small"]
    assert floor < grown < 3 * floor + 4 * len(body) / 2**20, (floor, peaks)
