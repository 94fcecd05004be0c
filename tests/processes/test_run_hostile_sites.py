"""A hostile site costs only the run that meets it, says why in its row, and is never a board without jobs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.fix_site import WrittenSite
from tests.fix_supervisor import Connection, Nodes, Start
from tests.hostile_server import HostileServer

LIMIT_S = 1
SITES = {  # path → scraper, cause, what the row says
    "never": ("html", "exception", f"no complete answer within {LIMIT_S} s (3 tries)"),
    "drip-slowly": ("jobposting", "exception", f"no complete answer within {LIMIT_S} s (3 tries)"),
    "drip-headers": ("feed", "exception", f"no complete answer within {LIMIT_S} s (3 tries)"),
    "endless": ("feed", "exception", "larger than 1 MB"),
    "bomb/10000": ("html", "exception", "larger than 1 MB"),
    "nested/gzip/3": ("jobposting", "exception", "larger than 1 MB"),
    "chunk-of-minus-one": ("feed", "exception", "a length below zero"),
    "headers-endless": ("jobposting", "exception", "more than 100 headers"),
    "redirect-loop": ("html", "exception", "more than 10 redirects"),
    "redirect-to?url=file:///etc/passwd": ("feed", "exception", "only http and https URLs can be fetched"),
    "retry-after?status=429&value=86400": ("html", "blocked", "to be asked again only after 86400 s"),
    "challenge": ("jobposting", "blocked", "a challenge page instead of content"),
    "status/503": ("jobposting", "exception", "HTTP 503 Service Unavailable (3 tries)"),
    "lying-type": ("jobposting", "exception", "is no HTML but application/json"),
    "gzip/short": ("feed", "exception", "the compressed body ends early"),
    "rubbish": ("html", "exception", "the answer is not HTTP"),
}
GOOD = {f"/{page}": f"<article><a href=/job/{page}>Job {page}</a></article><i><a href=/{page + 1}></a></i>"
        for page in range(1, 9)} | {"/9": "<p>no more</p>"}  # fmt: skip


def address(scraper: str, url: str) -> dict[str, Any]:
    if scraper == "html":
        return {"start": url, "items": "article", "link": "a", "fields": {"title": "a"}, "next": "i a"}
    return {"url": url} if scraper == "feed" else {"start": url}


def test_each_hostile_site_ends_its_own_run_with_a_sentence_beside_a_healthy_one(
    supervise: Start,
    nodes: Nodes,
    connection: Connection,
    new_hostile_server: Callable[[], HostileServer],
    write_site: Callable[[dict[str, Any]], WrittenSite],
) -> None:
    for path, (scraper, _, _) in SITES.items():
        # Each a host of its own: what one has done is no fault of the others.
        nodes.add(path, scraper, address(scraper, f"{new_hostile_server().url}/{path}"), max_attempts=1)
    nodes.add("healthy", "html", address("html", f"{write_site(GOOD).url}/1"), schedule="every 1s", gap_s=0.1)
    limits = {"fetch__timeout_s": LIMIT_S, "fetch__max_body_mb": 1, "memory__default_budget_mb": 100}
    supervisor = supervise(**limits, supervisor__max_concurrent=20)
    for path, (_, cause, said) in SITES.items():
        (run,) = nodes.wait_for_ends(path, limit_s=40)
        assert (run["status"], run["cause"]) == ("error", cause), run["error"]
        assert re.search(re.escape(said), run["error"]), run["error"]
        assert "\n" not in run["error"]
        assert run["fetched_count"] == 0
        pages = connection.execute("select status from run_pages where run_id = %s", (run["id"],)).fetchall()
        fetched = "ok" if path == "lying-type" else "blocked" if cause == "blocked" else "error"
        assert [page["status"] for page in pages] == [fetched]
    healthy = [run for run in nodes.wait_for_ends("healthy", 2) if run["status"] != "skipped"]
    assert {run["cause"] for run in healthy if run["finished_at"]} == {"done"}
    assert nodes.jobs() == len(GOOD) - 1
    assert supervisor.process.poll() is None
    assert supervisor.happened("row_failed") == supervisor.happened("database_failed") == []
