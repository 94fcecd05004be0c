"""A program for the `command` node: reads the board's JSON interface, writes a JSON line per page.

It imports nothing but the standard library, as a program in any other language would have to. Each line on stdout
is a `Page`; what it has to say to people goes to stderr; exit status 0 means that all went well.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any

TIMEOUT_S = 10.0


def fetch(url: str) -> dict[str, Any]:
    """One page of the interface; OSError and ValueError tell what is wrong with it."""
    # Straight to loopback: a proxy from the environment cannot know this board.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=TIMEOUT_S) as response:
        page: dict[str, Any] = json.load(response)
        return page


def as_line(url: str, page: dict[str, Any]) -> str:
    """A page of the interface as one line for the `command` scraper."""
    names = ("url", "title", "company", "location", "remote", "job_type", "salary", "description")
    postings = [
        {**{name: job[name] for name in names}, "external_id": job["id"], "posted": job["posted_at"]}
        for job in page["jobs"]
    ]
    return json.dumps({"url": url, "postings": postings, "done": page["page"], "stage": f"page {page['page']}"})


def main(argv: list[str]) -> int:
    """Walk the interface from the address in `argv[0]` to its last page."""
    if len(argv) != 1:
        print("usage: feeder URL-OF-THE-INTERFACE", file=sys.stderr)  # noqa: T201 -- stderr is the log
        return 2
    url: str | None = argv[0]
    while url:
        try:
            page = fetch(url)
        except (OSError, ValueError) as error:
            print(f"{url} cannot be read ({error}); is the board running?", file=sys.stderr)  # noqa: T201 -- the log
            return 1
        print(as_line(url, page), flush=True)  # noqa: T201 -- stdout is the interface
        url = page["next"]
    print("all pages read", file=sys.stderr)  # noqa: T201 -- the log
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
