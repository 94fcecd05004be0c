from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fix_scrape import NewScrape
from tests.fix_site import WrittenSite
from workers.records import Posting
from workers.scrapers import feed
from workers.scrapers.jobxml import job_records, read_xml

WriteSite = Callable[[dict[str, Any]], WrittenSite]

ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Jobs</title>
<entry><id>tag:a.test,1</id><title>Dev</title><link href="/jobs/1"/><updated>2026-01-02T03:04:05Z</updated>
<content type="html">&lt;p&gt;All&lt;/p&gt;</content><summary>Short</summary></entry></feed>"""
RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Jobs</title></channel>
<item rdf:about="http://a.test/1"><title>Dev</title><link>http://a.test/1</link><dc:date>2026-01-02</dc:date></item></rdf:RDF>"""
RSS = b"""<rss version="2.0" xmlns:job="urn:job"><channel>
<item><title>Acme: Dev</title><guid isPermaLink="true">http://a.test/1</guid><job:location>Oslo</job:location>
<job:company>Own</job:company><pubDate>Wed, 28 Oct 2020 21:35:29 +0000</pubDate><type>Full-Time</type></item>
<item><title>No link</title><guid isPermaLink="false">17</guid></item></channel></rss>"""
EXPORT = b"""<export><meta><job>not one</job></meta>
<stellen><stelle id="1"><titel>Koch</titel><firma>Gasthof</firma><ort>Graz</ort><link>http://a.test/1</link></stelle></stellen></export>"""


def postings_of(write_site: WriteSite, new_scrape: NewScrape, body: Any, **params: Any) -> list[Posting]:
    site = write_site({"/feed": body})
    [page] = feed.scrape(new_scrape({"url": f"{site.url}/feed", **params}))
    return page.postings


def test_atom_links_are_absolute_and_content_goes_before_summary(write_site: WriteSite, new_scrape: NewScrape) -> None:
    [found] = postings_of(write_site, new_scrape, ATOM)
    assert found.url is not None
    assert found.url.endswith("/jobs/1")
    assert found.url.startswith("http://127.0.0.1:")
    assert (found.title, found.posted, found.description) == ("Dev", "2026-01-02T03:04:05Z", "<p>All</p>")
    assert found.external_id == "tag:a.test,1"


def test_rss_1_is_read(write_site: WriteSite, new_scrape: NewScrape) -> None:
    [found] = postings_of(write_site, new_scrape, RDF)
    assert (found.url, found.title, found.posted) == ("http://a.test/1", "Dev", "2026-01-02")


def test_rss_names_of_a_namespace_are_understood_and_no_link_is_none(
    write_site: WriteSite, new_scrape: NewScrape
) -> None:
    first, second = postings_of(write_site, new_scrape, RSS)
    assert (first.url, first.company, first.location, first.job_type) == ("http://a.test/1", "Own", "Oslo", "Full-Time")
    assert (second.title, second.url) == ("No link", None)


def test_titles_are_taken_apart_and_blanks_filled(write_site: WriteSite, new_scrape: NewScrape) -> None:
    first, second = postings_of(
        write_site,
        new_scrape,
        RSS,
        title_regex="^(?P<company>[^:]+): (?P<title>.+)",
        defaults={"company": "Default", "location": "Anywhere"},
        fields={"salary": "type"},
    )
    assert (first.company, first.title, first.location, first.salary) == ("Acme", "Dev", "Oslo", "Full-Time")
    assert (second.company, second.title, second.location) == ("Default", "No link", "Anywhere")


def test_an_export_in_another_language_is_read_by_its_names(write_site: WriteSite, new_scrape: NewScrape) -> None:
    [found] = postings_of(write_site, new_scrape, EXPORT)
    assert (found.title, found.company, found.location, found.url) == ("Koch", "Gasthof", "Graz", "http://a.test/1")


def test_the_element_of_an_export_may_be_named(write_site: WriteSite, new_scrape: NewScrape) -> None:
    body = b"<all><thing><name>A</name><where>Rome</where></thing><thing><name>B</name></thing></all>"
    found = postings_of(write_site, new_scrape, body, item="thing", fields={"location": "where"})
    assert [(posting.title, posting.location) for posting in found] == [("A", "Rome"), ("B", None)]


@pytest.mark.parametrize(
    "body", ["<html><body>Please log in</body></html>", b"", b"\0\1\2", b"<a><b/></a>", b"/etc/passwd"]
)
def test_what_is_no_feed_is_an_error_and_not_zero_jobs(write_site: WriteSite, new_scrape: NewScrape, body: Any) -> None:
    with pytest.raises(ValueError, match="check url"):
        postings_of(write_site, new_scrape, body)


def test_an_empty_feed_is_no_error(write_site: WriteSite, new_scrape: NewScrape) -> None:
    assert postings_of(write_site, new_scrape, b'<rss version="2.0"><channel><title>x</title></channel></rss>') == []


def test_several_feeds_are_resumed_at_the_next(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site({"/a": ATOM, "/b": RSS})
    params = {"url": [f"{site.url}/a", f"{site.url}/b"]}
    pages = list(feed.scrape(new_scrape(params)))
    assert [(len(page.postings), page.done, page.total) for page in pages] == [(1, 1, 2), (2, 2, 2)]
    site.asked.clear()
    list(feed.scrape(new_scrape(params, pages[0].checkpoint)))
    assert site.asked[-1:] == ["/b"]
    assert "/a" not in site.asked


def test_entities_do_not_multiply() -> None:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><jobs><job><title>&a9;</title></job></jobs>'.encode()
    root = read_xml(bomb)
    assert root is None or sum(len(text) for record in job_records(root) for _, text in record) < 1_000


def test_a_file_of_this_machine_is_not_read_into_a_posting(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    body = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]><jobs><job><title>a &e;</title></job></jobs>'
    [record] = job_records(read_xml(body.encode()))
    assert "hunter2" not in str(record)
