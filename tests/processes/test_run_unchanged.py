"""A second look at a site that has not changed: asked for conditionally, and stored as seen again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.fix_supervisor import Nodes, Start
from tests.fix_validating_site import LONG_AGO, Sheet, ValidatingSite

HTML = b'<ul><li><a href="/job/1">Cook</a></li><li><a href="/job/2">Waiter</a></li></ul><a class="next" href="/2">2</a>'
LAST = b'<ul><li><a href="/job/3">Baker</a></li></ul>'
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><link>http://x/</link><description/>
<item><title>Cook</title><link>http://example.org/1</link></item>
<item><title>Waiter</title><link>http://example.org/2</link></item></channel></rss>"""
POSTING = {"@context": "https://schema.org", "@type": "JobPosting", "title": "Cook", "url": "http://example.org/cook"}
LINKED = f'<script type="application/ld+json">{json.dumps(POSTING)}</script>'.encode()


def sheets() -> dict[str, Sheet]:
    """A site for each of the built-ins; one page is known by its date only."""
    return {
        "/jobs": Sheet(etag='"1"', body=HTML),
        "/2": Sheet(modified=LONG_AGO, body=LAST),
        "/feed": Sheet(etag='W/"1"', body=FEED, headers={"Content-Type": "application/rss+xml"}),
        "/posting": Sheet(etag='"1"', modified=LONG_AGO, body=LINKED),
    }


PARAMS: dict[str, dict[str, Any]] = {
    "html": {"start": "/jobs", "next": "a.next", "items": "li", "fields": {"title": "a", "url": "a@href"}},
    "feed": {"url": "/feed"},
    "jobposting": {"start": "/posting"},
}


def run_again(nodes: Nodes, name: str, ends: int) -> DictRow:
    nodes.update(name, run_requested=True)
    return nodes.wait_for_ends(name, ends)[-1]


def stored(nodes: Nodes) -> list[DictRow]:
    """The rows of jobs with the transaction that wrote each last."""
    return nodes.connection.execute("select xmin::text as writer, * from jobs order by id").fetchall()


def pages_of(nodes: Nodes, run: DictRow) -> list[tuple[Any, ...]]:
    query = "select status, http_status, bytes, postings from run_pages where run_id = %s order by id"
    return [tuple(row.values()) for row in nodes.connection.execute(query, (run["id"],)).fetchall()]


@pytest.mark.parametrize(("scraper", "jobs"), [("html", 3), ("feed", 2), ("jobposting", 1)])
def test_an_unchanged_site_sends_nothing_and_its_jobs_are_seen_again(
    scraper: str, jobs: int, nodes: Nodes, supervise: Start, validating_site: ValidatingSite
) -> None:
    site = validating_site
    site.pages |= sheets()
    given = PARAMS[scraper]
    nodes.add("site", scraper, {key: f"{site.url}{v}" if str(v).startswith("/") else v for key, v in given.items()})
    supervise()
    (first,) = nodes.wait_for_ends("site")
    assert (first["cause"], first["inserted_count"]) == ("done", jobs)
    asked = len(site.take())
    before = stored(nodes)

    second = run_again(nodes, "site", 2)
    assert (second["cause"], second["unchanged_count"], second["upserted_count"]) == ("done", jobs, 0)
    visits = site.take()
    assert [(visit.status, visit.sent) for visit in visits] == [(304, 0)] * asked
    assert {page[:3] for page in pages_of(nodes, second)} == {("unchanged", 304, 0)}
    assert stored(nodes) == before
    seen = nodes.connection.execute("select last_run_id from job_seen").fetchall()
    assert [row["last_run_id"] for row in seen] == [second["id"]] * jobs

    for sheet in site.pages.values():
        sheet.body = sheet.body.replace(b"Cook", b"Chef").replace(b"Baker", b"Chef")
        sheet.etag, sheet.modified = (sheet.etag and '"2"'), (sheet.modified and "Tue, 14 Nov 2023 23:00:00 GMT")
    third = run_again(nodes, "site", 3)
    assert {visit.status for visit in site.take()} == {200}
    assert third["updated_count"] == (2 if scraper == "html" else 1)
    assert "Chef" in {row["title"] for row in stored(nodes)}
