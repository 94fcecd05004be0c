from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.fix_scrape import NewScrape, PlainScrape
from tests.fix_site import WrittenSite
from workers.records import Page
from workers.scrapers import jobposting, sitemaps

WriteSite = Callable[[dict[str, Any]], WrittenSite]


def job(name: str) -> str:
    value = json.dumps({"@type": "JobPosting", "title": name, "hiringOrganization": {"name": "Firm"}})
    return f'<html><head><script type="application/ld+json">{value}</script></head><body>{name}</body></html>'


def sitemap(kind: str, *urls: str) -> bytes:
    inner = "".join(f"<x><loc> {url} </loc></x>" for url in urls)
    return f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</{kind}>'.encode()


def crawl(scrape: PlainScrape) -> list[Page]:
    return list(jobposting.scrape(scrape))


def titles(pages: list[Page]) -> list[Any]:
    return [posting.title for page in pages for posting in page.postings]


def test_links_from_listing_pages_are_followed_over_all_pages(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site({
        "/1": "<a href=/job/a>A</a><a href=/about>no</a><a class=next href=/2>next</a>",
        "/2": "<a href=/job/b>B</a>",
        "/job/a": job("a"),
        "/job/b": job("b"),
    })  # fmt: skip
    params = {"start": f"{site.url}/1", "follow": "a", "match": "/job/", "next": "a.next"}
    pages = crawl(new_scrape(params))
    assert titles(pages) == ["a", "b"]
    assert pages[0].postings[0].url == f"{site.url}/job/a"
    assert titles(crawl(new_scrape(params, pages[0].checkpoint))) == ["b"]


def test_a_posting_may_be_the_start(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site({"/job/a": job("a")})
    assert titles(crawl(new_scrape({"start": f"{site.url}/job/a"}))) == ["a"]


def test_sitemaps_are_walked_in_groups_and_resumed_at_each(
    write_site: WriteSite, new_scrape: NewScrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobposting, "GROUP", 2)
    board: dict[str, Any] = {f"/job/{name}": job(name) for name in "abcdefg"}
    site = write_site(board)
    jobs = [f"{site.url}/job/{name}" for name in "abcdefg"]
    board["/index.xml"] = sitemap("sitemapindex", f"{site.url}/one.xml", f"{site.url}/two.xml.gz")
    board["/one.xml"] = sitemap("urlset", *jobs[:3], f"{site.url}/about")
    board["/two.xml.gz"] = gzip.compress(sitemap("sitemapindex", f"{site.url}/three.xml"))
    board["/three.xml"] = sitemap("urlset", *jobs[3:6])
    board["/last"] = job("g")
    params = {"start": [f"{site.url}/index.xml", f"{site.url}/last"], "match": "/job/|/last"}
    pages = crawl(new_scrape(params))
    assert titles(pages) == list("abcdefg")
    assert [(page.done, page.total) for page in pages[:2]] == [(2, 3), (3, 3)]
    for at, page in enumerate(pages):
        rest = crawl(new_scrape(params, json.loads(json.dumps(page.checkpoint))))
        assert titles(pages[: at + 1]) + titles(rest) == list("abcdefg")
    site.asked.clear()
    crawl(new_scrape(params, pages[2].checkpoint))
    assert "/one.xml" not in site.asked  # what is done is not fetched again
    limited = params | {"max_pages": 3}
    assert titles(crawl(new_scrape(limited))) == list("abcde")
    assert titles(crawl(new_scrape(limited, pages[1].checkpoint))) == list("de")


def test_an_index_that_names_itself_ends(write_site: WriteSite, new_scrape: NewScrape) -> None:
    board: dict[str, Any] = {}
    site = write_site(board)
    board["/s.xml"] = sitemap("sitemapindex", f"{site.url}/s.xml")
    scrape = new_scrape({"start": f"{site.url}/s.xml"})
    assert crawl(scrape) == []
    assert scrape.events() == ["no_job_postings"]


def test_an_unreadable_script_is_logged_and_costs_nothing_else(write_site: WriteSite, new_scrape: NewScrape) -> None:
    broken = '<script type="application/ld+json">{nonsense</script>'
    site = write_site({"/job": job("a").replace("<body>", f"<body>{broken}")})
    scrape = new_scrape({"start": f"{site.url}/job"})
    assert titles(crawl(scrape)) == ["a"]
    assert scrape.logged[0][0] == "jsonld_unreadable"


def test_a_bomb_of_compressed_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_BYTES", 10_000)
    with pytest.raises(ValueError, match="unpacks to more"):
        sitemaps.read_sitemap(gzip.compress(sitemap("urlset") + b" " * 100_000))


def test_a_broken_address_in_a_sitemap_costs_only_itself() -> None:
    body = sitemap("urlset", "http://[broken", "/relative", "ftp://a.test/", "http://a.test/1", "http://a.test/1#again")
    assert sitemaps.read_sitemap(body) == ([], ["http://a.test/1"])


@pytest.mark.parametrize("body", [gzip.compress(b"not a sitemap", mtime=0), b"\x1f\x8bbroken"])
def test_a_gzipped_file_that_is_no_sitemap_is_said_so(body: bytes) -> None:
    with pytest.raises(ValueError, match="sitemap"):
        sitemaps.read_sitemap(body)


def test_entities_of_a_sitemap_are_not_expanded() -> None:
    body = b'<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://a.test/&x;</loc></url></urlset>'
    assert sitemaps.read_sitemap(body) == ([], ["http://a.test/"])
