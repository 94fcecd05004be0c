from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.fix_scrape import NewScrape, PlainScrape
from tests.fix_site import WrittenSite
from workers.errors import Blocked, FetchError
from workers.records import Page
from workers.scrapers import crawl as crawl_module
from workers.scrapers import html
from workers.scrapers.crawl import SEEN_LIMIT, Seen

WriteSite = Callable[[dict[str, Any]], WrittenSite]
PARAMS = {"items": "li", "link": "a", "fields": {"title": "a", "company": "b"}, "next": "a.next", "listings": "nav a"}


def listing(*jobs: str, onward: str = "") -> str:
    items = "".join(f'<li><a href="/job/{job}">Job {job}</a><b>Firm</b></li>' for job in jobs)
    return f"<html><body><ul>{items}</ul>{onward and f'<a class=next href={onward}>Next</a>'}</body></html>"


def index(*links: str, onward: str = "") -> str:
    inside = "".join(f'<a href="{link}">x</a>' for link in links)
    return f"<html><body><nav>{inside}</nav>{onward and f'<a class=next href={onward}>Next</a>'}</body></html>"


BOARD = {
    "/": index("/cat/1", "/cat/2", onward="/index2"),
    "/index2": index("/cat/2", "/cat/3"),
    "/cat/1": listing("a", "b", onward="/cat/1/p2"),
    "/cat/1/p2": listing("c", onward="/cat/1/p3"),
    "/cat/1/p3": listing("d", onward="/cat/1"),  # a board that goes round
    "/cat/2": listing("e"),
    "/cat/3": listing("f", "g"),
}
ALL = [f"Job {job}" for job in "abcdefg"]


def crawl(scrape: PlainScrape) -> list[Page]:
    return list(html.scrape(scrape))


def titles(pages: list[Page]) -> list[Any]:
    return [posting.title for page in pages for posting in page.postings]


def test_listings_of_start_pages_and_of_their_next_pages_are_walked_once(
    write_site: WriteSite, new_scrape: NewScrape
) -> None:
    site = write_site(BOARD)
    pages = crawl(new_scrape(PARAMS | {"start": f"{site.url}/"}))
    assert titles(pages) == ALL
    assert sorted(site.asked) == sorted(BOARD)  # each page once, /cat/2 too, and no round trip
    assert pages[0].postings[0].url == f"{site.url}/job/a"
    assert pages[0].postings[0].company == "Firm"
    assert [page.done for page in pages] == [1, 2, 3, 4, 5]
    assert pages[1].stage == "listing 1 of 2, page 2"


def test_from_every_checkpoint_the_rest_follows_and_nothing_twice(write_site: WriteSite, new_scrape: NewScrape) -> None:
    start = f"{write_site(BOARD).url}/"
    pages = crawl(new_scrape(PARAMS | {"start": start}))
    for at, page in enumerate(pages):
        rest = crawl(new_scrape(PARAMS | {"start": start}, json.loads(json.dumps(page.checkpoint))))
        assert titles(pages[: at + 1]) + titles(rest) == ALL
        assert [page.done for page in rest] == list(range(at + 2, len(pages) + 1))


def test_start_pages_without_listings_are_listing_pages(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site(BOARD)
    params = PARAMS | {"start": [f"{site.url}/cat/1", f"{site.url}/cat/3"], "listings": None}
    pages = crawl(new_scrape(params))
    assert titles(pages) == ["Job a", "Job b", "Job c", "Job d", "Job f", "Job g"]
    assert pages[-1].stage == "start 2 of 2, page 4"
    for at, page in enumerate(pages):
        assert titles(pages[: at + 1]) + titles(crawl(new_scrape(params, page.checkpoint))) == titles(pages)


def test_a_listing_that_appeared_before_the_resumed_one_is_still_walked_with_the_rest(
    write_site: WriteSite, new_scrape: NewScrape
) -> None:
    board = dict(BOARD)
    site = write_site(board)
    params = PARAMS | {"start": f"{site.url}/"}
    first = crawl(new_scrape(params))[2]  # behind /cat/1
    board["/"] = index("/cat/2", onward="/index2")  # /cat/1 is gone from the page
    assert titles(crawl(new_scrape(params, first.checkpoint))) == ["Job e", "Job f", "Job g"]


def test_max_pages_counts_over_checkpoints(write_site: WriteSite, new_scrape: NewScrape) -> None:
    params = PARAMS | {"start": f"{write_site(BOARD).url}/", "max_pages": 4}
    pages = crawl(new_scrape(params))
    assert [(page.done, page.total) for page in pages] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert len(crawl(new_scrape(params, pages[1].checkpoint))) == 2
    assert crawl(new_scrape(params, pages[3].checkpoint)) == []


def test_a_board_that_repeats_its_last_page_for_ever_ends(write_site: WriteSite, new_scrape: NewScrape) -> None:
    pages: dict[str, Any] = {f"/p{n}": listing("z", onward=f"/p{n + 1}") for n in range(50)}
    params = PARAMS | {"start": f"{write_site(pages).url}/p0", "listings": None}
    assert len(crawl(new_scrape(params))) == 2


def test_detail_pages_add_and_win(write_site: WriteSite, new_scrape: NewScrape) -> None:
    details: dict[str, Any] = {f"/job/{job}": f"<h1>Long {job}</h1><p>One</p><p>Two</p>" for job in "fg"}
    site = write_site(BOARD | details)
    params = PARAMS | {"start": f"{site.url}/cat/3", "listings": None}
    [page] = crawl(new_scrape(params | {"detail": {"title": "h1", "description": "body", "salary": ".none"}}))
    assert titles([page]) == ["Long f", "Long g"]
    assert page.postings[0].company == "Firm"
    assert page.postings[0].description == "Long f\nOne\nTwo"
    assert page.postings[0].salary is None


def test_a_failed_detail_page_costs_that_posting_only(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site(
        {"/list": listing("a", "b", "c", "d"), "/job/a": "<h1>A</h1>", "/job/b": 500, "/job/d": "<h1>D</h1>"}
    )
    scrape = new_scrape(PARAMS | {"start": f"{site.url}/list", "listings": None, "detail": {"title": "h1"}})
    assert titles(crawl(scrape)) == ["A", "D"]
    assert scrape.events() == ["detail_failed", "detail_failed"]


def test_a_blocked_detail_page_ends_the_run(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site({"/list": listing("a"), "/job/a": 403})
    scrape = new_scrape(PARAMS | {"start": f"{site.url}/list", "listings": None, "detail": {"title": "h1"}})
    with pytest.raises(Blocked):
        crawl(scrape)


@pytest.mark.parametrize(("allowed", "fails"), [("/job/a", False), ("/none", True)])
def test_a_detail_page_that_robots_txt_forbids_costs_that_posting_only_unless_all_are(
    write_site: WriteSite, new_scrape: NewScrape, allowed: str, *, fails: bool
) -> None:
    rules = f"User-agent: *\nAllow: {allowed}\nDisallow: /job/"
    details: dict[str, Any] = {f"/job/{job}": f"<h1>{job}</h1>" for job in "ab"}
    site = write_site({"/robots.txt": rules, "/list": listing("a", "b")} | details)
    scrape = new_scrape(PARAMS | {"start": f"{site.url}/list", "listings": None, "detail": {"title": "h1"}})
    scrape.obey_robots()
    if fails:
        with pytest.raises(Blocked, match=r"robots\.txt"):
            crawl(scrape)
    else:
        assert titles(crawl(scrape)) == ["a"]
        assert scrape.events() == ["detail_failed"]


@pytest.mark.parametrize(("status", "fails"), [(500, True), (404, False)])
def test_all_details_of_a_page_failing_is_a_failure_unless_they_are_gone(
    write_site: WriteSite, new_scrape: NewScrape, status: int, *, fails: bool
) -> None:
    broken: dict[str, Any] = {f"/job/{job}": status for job in "abc"}
    site = write_site({"/list": listing("a", "b", "c")} | broken)
    scrape = new_scrape(PARAMS | {"start": f"{site.url}/list", "listings": None, "detail": {"title": "h1"}})
    if fails:
        with pytest.raises(FetchError):
            crawl(scrape)
    else:
        assert titles(crawl(scrape)) == []


def test_a_failing_listing_page_raises_and_the_checkpoint_before_it_tries_it_again(
    write_site: WriteSite, new_scrape: NewScrape
) -> None:
    board: dict[str, Any] = BOARD | {"/cat/1/p2": 500}
    params = PARAMS | {"start": f"{write_site(board).url}/"}
    pages = html.scrape(new_scrape(params))
    first = next(pages)
    with pytest.raises(FetchError):
        next(pages)
    board["/cat/1/p2"] = BOARD["/cat/1/p2"]
    assert titles([first, *crawl(new_scrape(params, first.checkpoint))]) == ALL


def test_items_that_never_match_are_said_so(write_site: WriteSite, new_scrape: NewScrape) -> None:
    params = PARAMS | {"start": f"{write_site(BOARD).url}/", "items": "li.typo"}
    scrape = new_scrape(params)
    assert titles(crawl(scrape)) == []
    assert scrape.events() == ["items_never_matched"]
    matched = new_scrape(params | {"items": "li"})
    crawl(matched)
    assert matched.events() == []


@pytest.mark.parametrize("page", ["<!-- nothing -->", "<p>", "<?xml version='1.0'?>"])
def test_a_page_without_content_is_a_page_without_items(
    write_site: WriteSite, new_scrape: NewScrape, page: str
) -> None:
    scrape = new_scrape(PARAMS | {"start": f"{write_site({'/': page}).url}/", "listings": None})
    assert titles(crawl(scrape)) == []
    assert scrape.events() == ["items_never_matched"]


@pytest.mark.parametrize("page", ["", b"\x00\xff\xfe", b"%PDF-1.4 binary", b'{"jobs": []}'])
def test_what_is_no_page_is_an_error_and_no_board_without_jobs(
    write_site: WriteSite, new_scrape: NewScrape, page: Any
) -> None:
    scrape = new_scrape(PARAMS | {"start": f"{write_site({'/': page}).url}/", "listings": None})
    with pytest.raises(FetchError, match="is no HTML but text"):
        crawl(scrape)


def test_an_empty_answer_behind_the_last_page_is_the_end(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site({"/": "<article><h2><a href=/1>One</a></h2></article><a rel=next href=/?2>", "/?2": ""})
    params = {"start": f"{site.url}/", "items": "article", "next": "a[rel=next]", "fields": {"title": "h2"}}
    assert [titles([page]) for page in crawl(new_scrape(params))] == [["One"], []]


def test_a_page_that_is_read_to_the_middle_only_is_an_error(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site({"/": "<div>" * 100_000 + "<article>lost</article>"})
    params = {"start": f"{site.url}/", "items": "article", "fields": {"title": "./."}}
    said, found = "", []
    try:
        found = titles(crawl(new_scrape(params)))
    except FetchError as error:
        said = str(error)
    # Which of the two it is depends on the version of libxml2.
    assert found == ["lost"] or "deeper than can be read" in said


def test_a_page_of_one_item_lends_its_address(write_site: WriteSite, new_scrape: NewScrape) -> None:
    site = write_site({"/job": "<h1>One</h1>", "/two": "<h1>A</h1><h1>B</h1>"})
    params = {"start": [f"{site.url}/job", f"{site.url}/two"], "items": "h1", "fields": {"title": "//h1[1]"}}
    first, second = crawl(new_scrape(params))
    assert [posting.url for posting in first.postings] == [f"{site.url}/job"]
    assert [posting.url for posting in second.postings] == [None, None]


def test_position_counts_where_the_memory_of_visited_pages_is_too_short(
    write_site: WriteSite, new_scrape: NewScrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl_module, "SEEN_LIMIT", 2)
    listings = {f"/cat/{job}": listing(job) for job in "abcdef"}
    params = PARAMS | {"start": f"{write_site({'/': index(*listings)} | listings).url}/"}
    pages = crawl(new_scrape(params))
    assert titles(crawl(new_scrape(params, pages[3].checkpoint))) == ["Job e", "Job f"]


def test_the_checkpoint_of_a_very_long_crawl_stays_small() -> None:
    seen = Seen()
    for number in range(SEEN_LIMIT + 100):
        seen.add(f"http://board.test/{number}")
    again = Seen(seen.text())
    assert len(again.text()) == 8 * SEEN_LIMIT
    assert f"http://board.test/{SEEN_LIMIT + 99}" in again
    assert "http://board.test/5" not in again
