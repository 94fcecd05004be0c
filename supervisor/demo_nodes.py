"""The nodes of `supervisor demo`: what each is, what it shows, and how its runs should end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

# Settings the table counts on: with the default 30 s the stalling and endless nodes outlast a short demo.
DEMO_FETCH: dict[str, float] = {"timeout_s": 3.0, "max_body_mb": 4.0}
# What config.toml must allow for it.
DEMO_SCRAPERS: dict[str, Any] = {"allow": ["workers.demo.scrapers"], "allow_command": True}

GUESTS = "workers.demo.scrapers"
LISTING_FIELDS = {
    "title": "h2 a",
    "company": ".company",
    "location": ".place",
    "salary": ".salary",
    "posted": ".posted",
}
LISTING: dict[str, Any] = {
    "items": "article.job",
    "link": "h2 a@href",
    "next": "a[rel=next]@href",
    "fields": LISTING_FIELDS,
}
DETAIL = {
    "description": ".description",
    "job_type": ".type",
    "external_id": {"select": ".number", "regex": r"(BW-\d+)"},
}


class DemoNode(TypedDict):
    """A row for table `nodes`, and two keys for the demo's summary."""

    name: str
    scraper: str
    params: dict[str, Any]
    schedule: str
    timeout_s: int
    stall_s: int
    memory_mb: int
    max_attempts: int
    priority: int
    shows: str  # one sentence
    expect: list[str]  # causes of its finished runs: each is seen at least once, no other but `shutdown` at the end


def node_row(node: DemoNode) -> dict[str, Any]:
    """What of a demo node belongs into table `nodes`."""
    return {key: value for key, value in node.items() if key not in ("shows", "expect")}


def demo_nodes(board_url: str, feeder_argv: Sequence[str]) -> list[DemoNode]:
    """All nodes of the demo against the board at `board_url` (no slash at the end).

    `feeder_argv` starts the feeder, such as `[sys.executable, "-m", "workers.demo.feeder"]`; its address is appended.
    """
    return [*healthy(board_url, feeder_argv), *hungry(board_url), *hostile(board_url), *failing(board_url)]


def healthy(board_url: str, feeder_argv: Sequence[str]) -> list[DemoNode]:
    """One of each built-in, and a slow one; each has a field of work of its own."""
    html = {"start": f"{board_url}/jobs?field=engineering", **LISTING, "detail": DETAIL, "max_pages": 10}
    slow = {"start": f"{board_url}/slow/jobs?field=office&size=5", **LISTING, "max_pages": 10}
    postings = {"start": f"{board_url}/sitemap.xml?field=health"}
    feed = {"url": f"{board_url}/feed.rss?field=data"}
    command = {"argv": [*feeder_argv, f"{board_url}/api/jobs?field=logistics"]}
    return [
        _node("html", "html", html, "Reads listing and detail pages with selectors.", priority=1),
        _node("jobposting", "jobposting", postings, "Follows a sitemap to postings with JSON-LD.", priority=1),
        _node("feed", "feed", feed, "Reads an RSS feed.", priority=1),
        _node("command", "command", command, "Runs a program that writes JSON lines.", priority=1),
        _node("slow", "html", slow, "Needs a second a page; slow is not stuck, so it is left alone.", priority=1),
    ]


def hungry(board_url: str) -> list[DemoNode]:
    """Those that want more memory than they may have."""
    # A child of about 35 MB passes 85 % of 96 MB after its fourth page: ten pages need two further processes,
    # and the page that crosses that line still fits under the budget itself.
    leaks = {"url": f"{board_url}/jobs?field=hospitality&size=3", "leak_mb": 12}
    recycles = "Leaks past its budget and finishes all the same, by recycling."
    bursts = "Grabs 2 GB at one go; only the scrape dies of it."
    return [
        _node("leaks", f"{GUESTS}:leaks", leaks, recycles, ["recycled", "done"], memory_mb=96),
        _node("bursts", f"{GUESTS}:bursts", _trades(board_url, 1), bursts, ["memory"], every="60s", memory_mb=96),
    ]


def hostile(board_url: str) -> list[DemoNode]:
    """Those that a polite request does not end."""
    hangs = "Hangs in C code, holding the GIL; killed at its limit."
    stubborn = "Ignores SIGTERM and hides grandchildren; the whole tree is killed at its limit."
    crashes = "Crashes its interpreter; told by the signal, and nobody else notices."
    pages = [_trades(board_url, page) for page in (2, 3, 4)]
    return [
        _node("hangs", f"{GUESTS}:hangs_in_c", pages[0], hangs, ["timeout"], every="60s", timeout_s=8),
        _node("stubborn", f"{GUESTS}:stubborn", pages[1], stubborn, ["timeout"], every="60s", timeout_s=6),
        _node("segfaults", f"{GUESTS}:segfaults", pages[2], crashes, ["crashed"], every="60s"),
    ]


def failing(board_url: str) -> list[DemoNode]:
    """Those whose board or code is at fault."""
    # By another name of this machine it is another host, whose circuit breaker opens after five failures: the good
    # part of the board is not left alone for its bad part.
    ill_url = board_url.replace("127.0.0.1", "localhost")
    refused, stalls, endless = (
        {"start": f"{ill_url}{path}", **LISTING, "max_pages": 2} for path in ("/refused/jobs", "/stall", "/endless")
    )
    raises = {"url": f"{board_url}/jobs?field=education&size=5"}
    capped = "Meets a page without end; gives up at the limit of size or time."
    retried = "Fails after page 2, is retried from there, and ends as a dead letter."
    return [
        _node("refused", "html", refused, "Is refused with a 403, and says so.", ["blocked"], every="60s"),
        _node("stalls", "html", stalls, "Meets a board that never answers.", ["exception"], every="60s"),
        _node("endless", "html", endless, capped, ["exception"], every="60s"),
        _node("raises", f"{GUESTS}:raises", raises, retried, ["exception"], every="60s", max_attempts=3),
    ]


def _trades(board_url: str, page: int) -> dict[str, Any]:
    """Params of a guest that commits one page of its own before it turns bad."""
    return {"url": f"{board_url}/jobs?field=trades&size=5", "page": page}


def _node(
    name: str,
    scraper: str,
    params: dict[str, Any],
    shows: str,
    expect: Sequence[str] = ("done",),
    *,
    every: str = "20s",
    **limits: int,
) -> DemoNode:
    return {
        "name": name,
        "scraper": scraper,
        "params": params,
        "schedule": f"every {every}",
        "timeout_s": limits.get("timeout_s", 60),
        "stall_s": 30,
        "memory_mb": limits.get("memory_mb", 128),
        "max_attempts": limits.get("max_attempts", 2),
        "priority": limits.get("priority", 0),
        "shows": shows,
        "expect": list(expect),
    }
