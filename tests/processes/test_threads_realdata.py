"""Real threads of Hacker News and real HR-XML documents: every comment and every opening arrives, told apart."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.fix_boards import ServeBoard
from tests.fix_scrape import NewScrape
from tests.realdata.folder import FOLDER as REAL
from workers.records import JsonObject, Page, Posting, ScraperSettings
from workers.scrapers import find_scraper

# One fewer than images of width 0: the last of these stands in the page's foot.
THREADS = {
    "html/hn-whoishiring-2015-03.html": 519,
    "html/hn-whoishiring-2016-10.html": 142,
    "api/hn-whoishiring-2026-05.json.gz": 292,
}
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"real data is not there: {REAL}")


@pytest.fixture
def read_file(serve_board: ServeBoard, new_scrape: NewScrape) -> Any:
    """The pages of a scraper whose `url` answers with a real file."""

    def pages(scraper: str, name: str, params: JsonObject, checkpoint: JsonObject | None = None) -> list[Page]:
        content = (REAL / name).read_bytes()
        body = gzip.decompress(content) if name.endswith(".gz") else content
        said = json.loads(body) if name.endswith(".json.gz") else body.decode("utf-8") if "html/" in name else body
        board = serve_board(lambda _path, _query: said)
        scrape = new_scrape({"url": f"{board.url}/thread", **params}, checkpoint)
        return list(find_scraper(scraper, ScraperSettings())(scrape))

    return pages


def found(pages: list[Page]) -> list[Posting]:
    return [posting for page in pages for posting in page.postings]


@pytest.mark.parametrize(("name", "count"), THREADS.items())
def test_every_comment_at_the_top_of_a_thread_is_one_posting(read_file: Any, name: str, count: int) -> None:
    postings = found(read_file("hackernews", name, {}))
    assert len(postings) == len({posting.url for posting in postings}) == count
    assert all(posting.title and posting.description and posting.posted for posting in postings)
    assert sum(posting.company is not None for posting in postings) > 0.5 * count


def test_a_thread_goes_on_behind_the_last_group_of_comments(read_file: Any) -> None:
    name = "api/hn-whoishiring-2026-05.json.gz"
    first, *rest = read_file("hackernews", name, {})
    assert len(first.postings) == 100
    again = read_file("hackernews", name, {}, first.checkpoint)
    assert [posting.url for posting in found(again)] == [posting.url for posting in found(rest)]


def test_labelled_comments_are_read_as_a_person_read_them() -> None:
    from workers.clean.pay import parse_salary
    from workers.scrapers.hnposts import posting_of

    for case in json.loads((REAL / "locations/hn-comments-labelled.json").read_text("utf-8")):
        posting = posting_of(case["id"], case["comment"]["content"], case["comment"].get("date"))
        roles = case["expected"].get("roles") or []
        said = {**case["expected"].get("all_roles", {}), **(roles[0]["expect"] if roles else {})}
        words = roles[0]["match_by"]["role_title_contains"] if roles else []
        assert all(word.lower() in posting.title.lower() for word in words), (posting.title, words)
        if "company_name" in said:
            assert posting.company == said["company_name"]
        if said.get("is_remote"):
            assert posting.remote is True
        if said.get("salary_min"):
            pay = parse_salary(posting.salary)
            assert pay is not None
            assert (pay.min, pay.max) == (said["salary_min"], said["salary_max"])


@pytest.mark.parametrize(
    ("name", "openings", "active"),
    [("feeds/usajobs-hrxml-mixed.xml", 3, 2), ("feeds/usajobs-hrxml-recruiting.xml", 1, 1)],
)
def test_the_openings_of_a_document_that_are_active_are_postings(
    read_file: Any, name: str, openings: int, active: int
) -> None:
    postings = found(read_file("hrxml", name, {}))
    assert len(postings) == active
    assert len(found(read_file("hrxml", name, {"inactive": True}))) == openings
    for posting in postings:
        assert posting.url == f"https://www.usajobs.gov/job/{posting.external_id}"
        assert posting.salary["currency"] == "USD"
        assert posting.job_type[0].isalpha()
        assert posting.location or posting.locations
