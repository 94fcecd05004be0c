"""Hacker News threads, HR-XML and JobSpy on real documents."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.fix_scrape import NewScrape
from tests.fix_site import REAL, WrittenSite
from workers.errors import FetchError
from workers.records import Posting
from workers.scrapers.hackernews import scrape as hackernews
from workers.scrapers.hnlines import read_comment
from workers.scrapers.hrxml import scrape as hrxml

Write = Callable[[dict[str, Any]], WrittenSite]


@pytest.mark.parametrize(("page", "comments"), [("2015-03", 519), ("2016-10", 142)])
def test_each_top_level_comment_of_a_saved_thread_is_a_posting(
    new_scrape: NewScrape, open_pages: str, page: str, comments: int
) -> None:
    # The list of what is expected counts a spacer at the foot of each page as one comment more.
    found = postings_of(hackernews(new_scrape({"url": f"{open_pages}html/hn-whoishiring-{page}.html"})))
    assert len({posting.url for posting in found}) == len(found) == comments
    assert all(posting.title and posting.posted for posting in found)


def test_the_newest_thread_is_found_and_read_through_either_api(new_scrape: NewScrape, write_site: Write) -> None:
    if not REAL.exists():
        pytest.skip("shared/realdata/open absent: put the shared real data beside the checkout")
    with gzip.open(REAL / "api" / "hn-whoishiring-2026-05.json.gz") as packed:
        jobs = [job for job in json.load(packed)["jobs"] if job.get("text")]
    children = [{"id": job["id"], "text": job["text"], "created_at_i": job["time"]} for job in jobs]
    title = {"title": "Ask HN: Who is hiring? (May 2026)"}
    search = "/api/v1/search_by_date?tags=story,author_whoishiring&hitsPerPage=20"
    algolia = write_site(
        {
            search: json.dumps(
                {"hits": [{"title": "Who wants to be hired?", "objectID": "1"}, {**title, "objectID": "7"}]}
            ),
            "/api/v1/items/7": json.dumps({"id": 7, "children": [*children, {"id": 1, "text": None}]}),
        }
    )
    firebase = write_site(
        {
            "/v0/user/whoishiring.json": json.dumps({"submitted": [7]}),
            "/v0/item/7.json": json.dumps({**title, "id": 7, "type": "story", "kids": [job["id"] for job in jobs]}),
        }
        | {f"/v0/item/{job['id']}.json": json.dumps(job) for job in jobs}
    )
    by_algolia, by_firebase = (
        postings_of(hackernews(new_scrape({"base_url": site.url}))) for site in (algolia, firebase)
    )
    removed = sum(job["text"] == "[flagged]" for job in jobs)  # by readers: what it said is not there any more
    assert len(by_algolia) == len(jobs) - removed == 291
    assert by_firebase == by_algolia


def test_first_lines_are_taken_apart_and_prose_names_no_company() -> None:
    found = read_comment(
        "Acme Inc. (YC W99) | Senior Go Engineer | Lyon, France | ONSITE | Full-time | \u20ac60k-80k<p>More"
    )
    assert (found["company"], found["title"]) == ("Acme Inc.", "Senior Go Engineer")
    assert (found["location"], found["remote"], found["job_type"]) == ("Lyon, France", "ONSITE", "Full-time")
    assert found["salary"] == "\u20ac60k-80k"
    prose = read_comment("We are a small team and would love to hear from you.")
    assert (prose["company"], prose["title"]) == (None, "We are a small team and would love to hear from you.")


def test_openings_that_are_not_active_are_counted_and_left_out(new_scrape: NewScrape, open_pages: str) -> None:
    url = f"{open_pages}feeds/usajobs-hrxml-mixed.xml"
    scrape = new_scrape({"url": url})
    assert len(postings_of(hrxml(scrape))) == 2
    assert scrape.logged[-1][1] | {"url": ""} == {"url": "", "skipped": 1, "of": 3}
    assert len(postings_of(hrxml(new_scrape({"url": url, "inactive": True})))) == 3


def test_a_page_that_is_no_thread_or_no_hrxml_is_an_error(new_scrape: NewScrape, write_site: Write) -> None:
    url = write_site({"/x": "<html><p>Sorry</p></html>"}).url + "/x"
    for scraper in (hackernews, hrxml):
        with pytest.raises(ValueError, match="is no"):
            postings_of(scraper(new_scrape({"url": url})))


def test_a_board_that_jobspy_cannot_reach_is_a_failure(new_scrape: NewScrape, monkeypatch: pytest.MonkeyPatch) -> None:
    from workers.scrapers import jobspy

    monkeypatch.setattr(jobspy, "given_proxy", lambda: {"HTTPS_PROXY": "http://127.0.0.1:9"})  # where nobody listens
    with pytest.raises(FetchError, match="indeed"):
        list(jobspy.scrape(new_scrape({"search_term": "rust"})))


def postings_of(pages: Any) -> list[Posting]:
    return [posting for page in pages for posting in page.postings]
