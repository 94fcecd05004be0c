"""The demo's guests and its feeder against the board itself; those that end badly need a launcher around them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from lxml import html

from supervisor.demo_nodes import demo_nodes, node_row
from workers.demo import scrapers
from workers.demo.board import Board
from workers.states import Cause

ROOT = Path(__file__).parents[2]
FEEDER = [sys.executable, "-m", "workers.demo.feeder"]


class PlainScrape:
    """As much of a Scrape as the guests use; it fetches for real."""

    def __init__(self, params: dict[str, Any], checkpoint: dict[str, Any] | None = None) -> None:
        """Begin at the checkpoint, if there is one."""
        self.params = params
        self.checkpoint = checkpoint

    def fetch(self, url: str) -> Any:
        """One response; HTTPError for a refusal."""
        response = requests.get(url, timeout=5)
        response.raise_for_status()
        return SimpleNamespace(url=response.url, html=html.fromstring(response.text))


@pytest.fixture(scope="module")
def board() -> Iterator[str]:
    """The address of a board that is up for the whole file."""
    with Board(jobs=80) as url:
        yield url


@pytest.fixture
def unleaked() -> Iterator[None]:
    """Give back what the leaking guest kept."""
    yield
    scrapers.leaked.clear()


def run(function: Any, params: dict[str, Any], checkpoint: dict[str, Any] | None = None) -> Iterator[Any]:
    return iter(function(PlainScrape({"pause_s": 0, **params}, checkpoint)))


@pytest.mark.usefixtures("unleaked")
def test_the_leak_is_memory_that_is_really_there(board: str) -> None:
    before = psutil.Process().memory_info().rss
    list(run(scrapers.leaks, {"url": f"{board}/jobs?size=40", "leak_mb": 40}))
    assert psutil.Process().memory_info().rss - before > 70 * 1024 * 1024


@pytest.mark.usefixtures("unleaked")
def test_the_leaking_guest_goes_on_from_any_checkpoint_without_losing_or_repeating_a_page(board: str) -> None:
    params = {"url": f"{board}/jobs?size=16", "leak_mb": 1}
    whole = [posting.url for page in run(scrapers.leaks, params) for posting in page.postings]
    assert len(set(whole)) == len(whole) == 80
    pieces, checkpoint = [], None
    for _ in range(6):  # five pages, each in a part of its own, and a part that finds nothing left
        for page in run(scrapers.leaks, params, checkpoint):
            pieces += [posting.url for posting in page.postings]
            checkpoint = page.checkpoint
            break
    assert pieces == whole
    assert list(run(scrapers.leaks, params, checkpoint)) == []


def test_the_raising_guest_fails_after_two_pages_and_again_from_its_checkpoint(board: str) -> None:
    params = {"url": f"{board}/jobs?size=5"}
    pages = run(scrapers.raises, params)
    assert next(pages).postings
    second = next(pages)
    with pytest.raises(ValueError, match="page 3"):
        next(pages)
    with pytest.raises(ValueError, match="page 3"):
        next(run(scrapers.raises, params, second.checkpoint))


def test_a_posting_of_a_guest_carries_what_the_listing_shows(board: str) -> None:
    page = next(run(scrapers.raises, {"url": f"{board}/jobs?field=data"}))
    assert len(page.postings) == 10
    for posting in page.postings:
        assert posting.url.startswith(f"{board}/jobs/")
        assert posting.title
        assert posting.company
        assert posting.location
        assert posting.posted


def test_the_feeder_prints_a_line_per_page_and_ends_well(board: str) -> None:
    url = f"{board}/api/jobs?field=logistics&size=4"
    done = subprocess.run([*FEEDER, url], cwd=ROOT, capture_output=True, timeout=20, check=True)
    pages = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(page["postings"]) for page in pages] == [4, 4, 2]
    assert all(posting["url"] and posting["title"] for page in pages for posting in page["postings"])


def test_the_feeder_says_in_a_sentence_that_the_board_is_not_there(board: str) -> None:
    done = subprocess.run([*FEEDER, f"{board}/lies"], cwd=ROOT, capture_output=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().count("\n") == 1


def test_every_demo_node_has_a_name_of_its_own_a_sentence_and_known_causes(board: str) -> None:
    nodes = demo_nodes(board, FEEDER)
    assert len(nodes) == len({node["name"] for node in nodes}) >= 10
    for node in nodes:
        assert node["shows"].endswith(".")
        assert {Cause(cause) for cause in node["expect"]}
        assert not {"shows", "expect"} & set(node_row(node))
        module, _, function = node["scraper"].partition(":")
        assert not function or (module == "workers.demo.scrapers" and callable(getattr(scrapers, function)))


def test_the_leaking_node_leaks_more_than_twice_what_its_budget_leaves(board: str) -> None:
    (node,) = (node for node in demo_nodes(board, FEEDER) if node["name"] == "leaks")
    pages = -(-(240 // 8) // 3)
    room = node["memory_mb"] * 0.85 - 35
    assert pages * node["params"]["leak_mb"] > 2 * room
    assert node["memory_mb"] * 0.85 + node["params"]["leak_mb"] < node["memory_mb"]


@pytest.mark.parametrize("name", ["html", "slow", "jobposting", "feed"])
def test_params_of_nodes_of_built_ins_are_accepted(board: str, name: str) -> None:
    (node,) = (node for node in demo_nodes(board, FEEDER) if node["name"] == name)
    built_in = pytest.importorskip(f"workers.scrapers.{node['scraper']}")
    assert built_in.read(node["params"])


def test_what_fails_in_the_demo_is_on_another_host_than_what_does_not(board: str) -> None:
    hosts = {
        node["name"]: urlsplit(node["params"]["start"]).netloc
        for node in demo_nodes(board, FEEDER)
        if "start" in node["params"]
    }
    ill = {hosts.pop(name) for name in ("refused", "stalls", "endless")}
    assert ill.isdisjoint(hosts.values()), "after five failures the breaker would close the board for all"
