"""The demo's board serves what it says, and misbehaves where it says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest
import requests
from lxml import etree, html

from workers.demo.board import Board
from workers.demo.site import make_job, make_jobs

JOBS = 240
NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture(scope="module")
def board() -> Iterator[str]:
    """The address of a board that is up for the whole file."""
    with Board(seed=1, jobs=JOBS) as url:
        yield url


def get(url: str, **options: Any) -> requests.Response:
    return requests.get(url, timeout=5, **options)


def tree_of(answer: requests.Response) -> Any:
    return html.fromstring(answer.text)


def links(url: str) -> Iterator[str]:
    """Addresses of all postings, page after page."""
    following: str | None = url
    while following:
        tree = tree_of(get(following))
        yield from (urljoin(url, link) for link in tree.xpath("//article[@class='job']/h2/a/@href"))
        following = next((urljoin(url, link) for link in tree.xpath("//a[@rel='next']/@href")), None)


def test_the_same_seed_makes_the_same_postings_and_another_one_others() -> None:
    assert make_jobs(7, 20) == make_jobs(7, 40)[:20]
    assert make_jobs(7, 20) != make_jobs(8, 20)


def test_descriptions_are_about_600_characters_and_no_posting_is_there_twice() -> None:
    jobs = make_jobs(1, JOBS)
    assert all(500 <= len(job.description) <= 750 for job in jobs)
    assert len({(job.title, job.company, job.place) for job in jobs}) == JOBS
    assert {True, False} == {job.remote for job in jobs}
    assert len({job.country.code for job in jobs}) >= 5


def test_walking_the_listing_finds_every_posting_once(board: str) -> None:
    found = list(links(f"{board}/jobs"))
    assert len(found) == len(set(found)) == JOBS


def test_a_field_of_work_has_its_own_listing_that_keeps_its_size_from_page_to_page(board: str) -> None:
    url = f"{board}/jobs?field=data&size=7"
    assert len(tree_of(get(url)).xpath("//article")) == 7
    assert len(set(links(url))) == JOBS // 8


def test_a_detail_page_and_its_json_ld_tell_what_the_listing_told(board: str) -> None:
    article = tree_of(get(f"{board}/jobs")).xpath("//article")[0]
    page = get(urljoin(board, article.xpath(".//a/@href")[0]))
    tree = tree_of(page)
    (script,) = tree.xpath("//script[@type='application/ld+json']/text()")
    posting = json.loads(script)
    assert posting["@type"] == "JobPosting"
    assert posting["url"] == page.url
    assert posting["title"] == article.xpath("string(.//a)") == tree.xpath("string(//h1)")
    assert posting["hiringOrganization"]["name"] == article.xpath("string(.//*[@class='company'])")
    assert len(tree.xpath("//div[@class='description']/p")) == 3


def test_every_json_ld_has_a_place_or_says_that_it_is_remote(board: str) -> None:
    for number in range(1, 41):
        tree = tree_of(get(f"{board}/jobs/{number}"))
        posting = json.loads(tree.xpath("string(//script[@type='application/ld+json'])"))
        job = make_job(1, number)
        assert (posting.get("jobLocationType") == "TELECOMMUTE") is job.remote
        assert job.remote or posting["jobLocation"]["address"]["addressLocality"] == job.city
        assert ("baseSalary" in posting) is (job.pay is not None)


def test_the_sitemap_lists_every_posting(board: str) -> None:
    tree: Any = etree.fromstring(get(f"{board}/sitemap.xml").content)
    locations = tree.xpath("//s:loc/text()", namespaces=NAMESPACE)
    assert set(locations) == set(links(f"{board}/jobs"))


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_feed_parses_and_names_company_and_date(board: str, kind: str) -> None:
    feed = feedparser.parse(get(f"{board}/feed.{kind}?field=health").content)
    assert not feed.bozo
    assert len(feed.entries) == JOBS // 8
    assert all(entry.published_parsed and entry.author and entry.title for entry in feed.entries)
    assert {entry.link for entry in feed.entries} == set(links(f"{board}/jobs?field=health"))


def test_an_rss_item_names_place_and_kind_of_work_as_the_listing_does(board: str) -> None:
    entry = feedparser.parse(get(f"{board}/feed.rss").content).entries[0]
    article = tree_of(get(f"{board}/jobs")).xpath("//article")[0]
    assert (entry.title, entry.company, entry.location) == tuple(
        article.xpath(f"string({path})") for path in (".//a", ".//*[@class='company']", ".//*[@class='place']")
    )


def test_the_json_interface_leads_from_page_to_page(board: str) -> None:
    pages, url = [], f"{board}/api/jobs?page=1"
    while url:
        pages.append(get(url).json())
        url = pages[-1]["next"]
    assert [len(page["jobs"]) for page in pages] == [20] * 12
    assert {page["found"] for page in pages} == {JOBS}


def test_a_posting_looks_the_same_at_every_visit(board: str) -> None:
    assert get(f"{board}/feed.rss").content == get(f"{board}/feed.rss").content


def test_the_front_page_needs_nothing_from_outside(board: str) -> None:
    tree = tree_of(get(f"{board}/"))
    assert tree.xpath("//*[@src] | //link[not(starts-with(@href, '/'))]") == []
    for link in tree.xpath("//a/@href"):
        if link not in ("/stall", "/endless", "/refused/jobs", "/slow/jobs"):
            assert get(board + link).status_code == 200, link


@pytest.mark.parametrize("path", ["/nowhere", "/jobs/0", "/jobs/241", "/jobs/x", "/jobs?page=13", "/jobs?page=-1",
                                  "/jobs?size=0", "/jobs?field=magic", "/jobs?" + "&".join(["a=1"] * 20)])  # fmt: skip
def test_an_address_that_means_nothing_is_a_404_with_a_sentence(board: str, path: str) -> None:
    answer = get(board + path)
    assert answer.status_code == 404
    assert len(tree_of(answer).xpath("string(//main/p)")) > 20


def test_the_refused_part_is_a_403_with_an_explanation(board: str) -> None:
    answer = get(f"{board}/refused/jobs?page=1")
    assert answer.status_code == 403
    assert "not for programs" in answer.text


def test_lies_look_like_successes(board: str) -> None:
    claimed, encoded, empty = (get(f"{board}/lies{path}") for path in ("", "/charset", "/empty"))
    assert [answer.status_code for answer in (claimed, encoded, empty)] == [200, 200, 200]
    assert claimed.headers["Content-Type"] == "application/json"
    with pytest.raises(requests.exceptions.JSONDecodeError):
        claimed.json()
    assert "utf-8" in encoded.headers["Content-Type"]
    with pytest.raises(UnicodeDecodeError):
        encoded.content.decode("utf-8")
    assert "240 jobs" in empty.text
    assert tree_of(empty).xpath("//article") == []


def test_a_slow_page_takes_a_second_and_leads_to_slow_pages(board: str) -> None:
    answer = get(f"{board}/slow/jobs?size=100&page=2")
    assert answer.elapsed.total_seconds() >= 0.9
    assert tree_of(answer).xpath("//a[@rel='next']/@href") == ["/slow/jobs?size=100&page=3"]


def test_a_stalled_request_is_never_answered_while_others_are(board: str) -> None:
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{board}/stall", timeout=0.5)
    assert get(f"{board}/robots.txt").status_code == 200


def test_the_endless_page_goes_on_past_any_limit(board: str) -> None:
    with get(f"{board}/endless", stream=True) as answer:
        body = 0
        for chunk in answer.iter_content(65_536):
            body += len(chunk)
            if body > 5_000_000:
                break
    assert body > 5_000_000
