"""Real pages and feeds through the built-ins give what expected.json says; docs/realdata.md has the misses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.realdata import apis, feeds, marked_up, pages
from tests.realdata.feeds import FEEDS, WITHOUT_LINK
from tests.realdata.folder import ABSENT, FOLDER
from tests.realdata.judging import Category, share
from tests.realdata.pages import HTML, THREAD
from tests.realdata.running import all_pages, first_page
from workers.scrapers import feed, html, jobposting

CATEGORIES = (*marked_up.CATEGORIES, *pages.CATEGORIES, *feeds.CATEGORIES, *apis.CATEGORIES)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=ABSENT)


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_real_pages_are_read_to_the_floor_of_their_category(category: Category) -> None:
    verdicts = category.verdicts(FOLDER)
    if not verdicts:
        pytest.skip("no built-in reads these yet")
    assert share(verdicts) >= category.floor, [verdict.asked for verdict in verdicts if not verdict.hit]


@pytest.mark.parametrize("file", HTML)
def test_html_finds_postings_with_titles_on_the_real_page(file: str, open_pages: str) -> None:
    page = first_page(html.scrape, {"start": open_pages + file, **HTML[file]})
    assert page.postings
    assert all(posting.title for posting in page.postings)


@pytest.mark.parametrize("file", FEEDS)
def test_feed_finds_a_title_and_an_address_for_every_record_that_has_one(file: str, open_pages: str) -> None:
    postings = first_page(feed.scrape, {"url": open_pages + file}).postings
    assert all(posting.title for posting in postings)
    assert all((posting.url is None) is (file in WITHOUT_LINK) for posting in postings)


@pytest.mark.parametrize(("month", "comments"), [("2016-10", 142), ("2015-03", 519)])
def test_top_level_comments_of_a_real_thread_are_items(month: str, comments: int, open_pages: str) -> None:
    params = {"start": f"{open_pages}html/hn-whoishiring-{month}.html", **THREAD}
    assert len(first_page(html.scrape, params).postings) == comments


@pytest.mark.parametrize(
    "file", ["html/stackoverflow-listing.html", "html/linkedin-listing-fragment.html", "html/jobscz-listing.html"]
)
def test_every_posting_of_a_real_listing_has_address_title_company_and_place(file: str, open_pages: str) -> None:
    page = first_page(html.scrape, {"start": open_pages + file, **HTML[file]})
    assert all(posting.url and posting.title and posting.company and posting.location for posting in page.postings)
    assert len({posting.url for posting in page.postings}) == len(page.postings)


def test_titles_of_a_real_feed_are_taken_apart(open_pages: str) -> None:
    params = {
        "url": f"{open_pages}feeds/open-jobs-2026-08-15.rss",
        "title_regex": "^(?P<title>.+?) +— (?P<company>.+)$",
    }
    postings = first_page(feed.scrape, params).postings
    assert (postings[0].title, postings[0].company) == ("Account Executive, Crypto/Stablecoins", "Stripe")
    assert all(posting.company for posting in postings)


def test_a_page_whose_json_ld_has_a_bad_escape_gives_its_posting_all_the_same(open_pages: str) -> None:
    pages_read = all_pages(jobposting.scrape, {"start": f"{open_pages}html/wwr-job-broken-jsonld.html"})
    assert [posting.title for page in pages_read for posting in page.postings] == ["Solidity Engineer"]


def test_every_real_page_and_feed_that_is_expected_is_tested(open_expected: dict[str, Any]) -> None:
    real = {file for file in open_expected if file.startswith(("html/", "feeds/"))}
    assert real == {*HTML, *FEEDS}
    assert {file for file in real if "jsonld" in open_expected[file]} <= {*marked_up.FILES}
