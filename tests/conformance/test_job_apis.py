"""What the built-ins for JSON APIs keep besides: bad elements, totals, paging, the sentence that names the param."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import pytest

from tests.conformance.boards import BOARDS, Board
from tests.fix_boards import ServeBoard
from tests.fix_scrape import NewScrape, PlainScrape
from workers.errors import FetchError, ScraperRefused
from workers.records import Page, ScraperSettings
from workers.scrapers import find_scraper
from workers.scrapers import lever as lever_scraper
from workers.scrapers import recruitee as recruitee_scraper

EACH = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.scraper)
PAGED = pytest.mark.parametrize("board", [b for b in BOARDS if b.skip], ids=lambda board: board.scraper)
STATES_TOTAL = [board for board in BOARDS if board.scraper in {"greenhouse", "smartrecruiters", "himalayas"}]
RUBBISH: tuple[Any, ...] = (None, True, 7, "text", [], ["a"], {}, {"name": None}, [None], -1.5, "\0", {"a": {"b": []}})


def pages_of(board: Board, scrape: PlainScrape) -> list[Page]:
    return list(find_scraper(board.scraper, ScraperSettings())(scrape))


def titles(pages: list[Page]) -> list[Any]:
    return [posting.title for page in pages for posting in page.postings]


@EACH
@pytest.mark.parametrize("bad", [None, 7, "text", [], {}, {"unknown": 1}], ids=repr)
def test_an_element_that_is_no_job_costs_only_itself(
    board: Board, bad: Any, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    site = serve_board(board.answer([board.job(1), bad, board.job(2)]))
    scrape = new_scrape({**board.params, "base_url": site.url})
    assert titles(pages_of(board, scrape)) == ["Baker 1", None, "Baker 2"]  # blank: rejected and counted
    assert ("element_is_no_job" in scrape.events()) is not isinstance(bad, dict)


@EACH
@pytest.mark.parametrize("what", ["elements", "titles"])
def test_a_page_whose_every_element_is_bad_is_an_error(
    board: Board, what: str, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    bad = [7, "x"] if what == "elements" else [{**job, board.title: None} for job in board.jobs(2)]
    site = serve_board(board.answer(bad))
    with pytest.raises(FetchError, match=r"none of 2 elements has both a title and an address; check .*base_url"):
        pages_of(board, new_scrape({**board.params, "base_url": site.url}))


@PAGED
def test_a_bad_element_alone_on_the_last_page_costs_only_itself(
    board: Board, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    site = serve_board(board.answer([*board.jobs(2), {"unknown": 1}]))
    pages = pages_of(board, new_scrape({**board.params, **board.pages, "base_url": site.url}))
    assert titles(pages) == ["Baker 1", "Baker 2", None]


@EACH
def test_a_value_of_another_type_is_no_value_and_costs_no_other_field(
    board: Board, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    whole = board.job(1)
    spoilt = [{**whole, key: rubbish} for key in whole for rubbish in RUBBISH]
    site = serve_board(replace(board, size=1_000).answer([whole, *spoilt]))
    pages = pages_of(board, new_scrape({**board.params, "base_url": site.url}))
    postings = [posting for page in pages for posting in page.postings]
    assert len(postings) == 1 + len(spoilt)
    for posting, job in zip(postings[1:], spoilt, strict=True):
        assert posting.title == "Baker 1" or job[board.title] != whole[board.title]


@EACH
def test_a_board_that_is_not_there_is_an_error_that_names_the_param(
    board: Board, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    site = serve_board(lambda _path, _query: (404, {"ok": False, "error": "Document not found"}))
    named = next(iter(board.params), "base_url")
    with pytest.raises(FetchError, match=rf"does not exist \(HTTP 404\): check params? .*{named}"):
        pages_of(board, new_scrape({**board.params, "base_url": site.url}))


@EACH
def test_an_error_beside_an_empty_list_is_an_error(
    board: Board, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    empty = board.wrap([], 0, 0)
    if not isinstance(empty, dict):
        empty = {"data": empty}
    site = serve_board(lambda _path, _query: {**empty, "error": "try later"})
    with pytest.raises(FetchError, match=r"try later.*check"):
        pages_of(board, new_scrape({**board.params, "base_url": site.url}))


@EACH
@pytest.mark.parametrize(
    "beside", [{"status": "error"}, {"statusCode": 503}, {"message": "Rate limit reached: too many requests"}], ids=str
)
def test_a_failure_told_in_other_words_beside_an_empty_list_is_an_error(
    board: Board, beside: dict[str, Any], serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    empty = board.wrap([], 0, 0)
    site = serve_board(lambda _path, _query: {**(empty if isinstance(empty, dict) else {}), **beside})
    with pytest.raises(FetchError, match="check"):
        pages_of(board, new_scrape({**board.params, "base_url": site.url}))


def test_a_job_listed_once_for_each_place_keeps_them_all(serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    board = next(board for board in BOARDS if board.scraper == "workable")
    job = {**board.job(1), "locations": []}
    north, south = ({**job, "city": city, "country": "Norway"} for city in ("Narvik", "Mandal"))
    site = serve_board(board.answer([north, south, board.job(2)]))
    [page] = pages_of(board, new_scrape({**board.params, "base_url": site.url}))
    first, second, _ = page.postings
    assert first == second
    assert (first.location, first.locations) == ("Narvik, Norway", ["Mandal, Norway"])


def test_a_board_of_workable_may_answer_as_the_companys_own_page_is_answered(
    serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    where = {"city": "Narvik", "country": "Norway", "countryCode": "NO"}
    job = {"shortcode": "N1", "title": "Smith", "remote": False, "location": where, "published": "2026-03-04"}
    site = serve_board(lambda _path, _query: {"total": 1, "results": [{**job, "type": "full", "workplace": "hybrid"}]})
    board = next(board for board in BOARDS if board.scraper == "workable")
    [[found]] = [page.postings for page in pages_of(board, new_scrape({**board.params, "base_url": site.url}))]
    assert found.url == "https://apply.workable.com/acme/j/N1/"
    assert (found.location, found.remote, found.job_type, found.posted) == (
        "Narvik, Norway",
        False,
        "full",
        "2026-03-04",
    )


def test_an_offer_without_a_title_of_its_own_has_that_of_its_translation(
    serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    board = next(board for board in BOARDS if board.scraper == "recruitee")
    other = {"no": {"title": "Smed", "description": "<p>Jern</p>"}}
    site = serve_board(board.answer([{**board.job(1), "title": None, "translations": other}]))
    [[found]] = [page.postings for page in pages_of(board, new_scrape({**board.params, "base_url": site.url}))]
    assert (found.title, found.description) == ("Smed", "<p>Jern</p>")


def test_pay_that_a_board_shows_in_the_description_alone_is_pay(serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    board = next(board for board in BOARDS if board.scraper == "greenhouse")
    shown = '<div class="pay-range"><span>$70,000</span> - <span>$80,000 USD</span></div>'
    site = serve_board(board.answer([{**board.job(1), "content": escape(shown)}]))
    [[found]] = [page.postings for page in pages_of(board, new_scrape({**board.params, "base_url": site.url}))]
    assert " ".join(found.salary.split()) == "$70,000 - $80,000 USD"


def test_an_address_without_a_host_is_the_boards(serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    board = next(board for board in BOARDS if board.scraper == "remoteok")
    site = serve_board(board.answer([{**board.job(1), "url": "/remote-jobs/1"}]))
    [[found]] = [page.postings for page in pages_of(board, new_scrape({"base_url": site.url}))]
    assert found.url == f"{site.url}/remote-jobs/1"


def test_a_thread_that_names_its_comments_by_number_is_read(serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    items: dict[str, Any] = {
        "/v0/item/9.json": {"id": 9, "type": "story", "kids": [11, 12, 13]},
        "/v0/item/11.json": {"id": 11, "parent": 9, "text": "Acme | Backend Engineer | Oslo", "time": 1772600767},
        "/v0/item/12.json": {"id": 12, "parent": 9, "deleted": True},
        "/v0/item/13.json": {"id": 13, "parent": 9, "text": "Acme | Data Analyst | Narvik", "time": 1772600768},
    }
    site = serve_board(lambda path, _query: items.get(path, 404))
    scrape = new_scrape({"url": f"{site.url}/v0/item/9.json"})
    [page] = find_scraper("hackernews", ScraperSettings())(scrape)
    assert titles([page]) == ["Backend Engineer", "Data Analyst"]
    rest = find_scraper("hackernews", ScraperSettings())(
        new_scrape(scrape.params, {"page": scrape.params["url"], "after": 11})
    )
    assert titles(list(rest)) == ["Data Analyst"]


@pytest.mark.parametrize("board", STATES_TOTAL, ids=lambda board: board.scraper)
def test_a_board_that_counts_jobs_and_names_none_is_an_error(
    board: Board, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    site = serve_board(lambda _path, _query: board.wrap([], 0, 9))
    with pytest.raises(FetchError, match="says that there are 9 jobs and names none"):
        pages_of(board, new_scrape({**board.params, "base_url": site.url}))


@PAGED
def test_pages_follow_until_the_last_and_no_further(
    board: Board, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    site = serve_board(board.answer(board.jobs(5)))
    params = {**board.params, **board.pages, "base_url": site.url}
    pages = pages_of(board, new_scrape(params))
    assert [len(page.postings) for page in pages] == [2, 2, 1]
    assert [page.done for page in pages] == [2, 4, 5]
    assert {page.total for page in pages} == ({5} if board in STATES_TOTAL else {None})
    asked = len(site.asked)
    assert pages_of(board, new_scrape(params, pages[-1].checkpoint)) == []  # killed between the last page and the end
    assert len(site.asked) == asked


@PAGED
def test_no_more_pages_than_wanted(board: Board, serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    site = serve_board(board.answer(board.jobs(9)))
    scrape = new_scrape({**board.params, **board.pages, "base_url": site.url, "max_pages": 2})
    first = next(iter(find_scraper(board.scraper, ScraperSettings())(scrape)))
    assert titles(pages_of(board, scrape)) == ["Baker 1", "Baker 2", "Baker 3", "Baker 4"]
    assert "max_pages_reached" in scrape.events()
    rest = pages_of(board, new_scrape(scrape.params, first.checkpoint))
    assert titles(rest) == ["Baker 3", "Baker 4"]  # those before the checkpoint count


@PAGED
def test_an_api_that_repeats_its_page_is_not_asked_for_ever(
    board: Board, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    page = board.wrap(board.jobs(2), 0, 1_000_000)
    details = board.details
    site = serve_board(lambda path, _query: page if path == board.path else details)
    scrape = new_scrape({**board.params, **board.pages, "base_url": site.url})
    assert titles(pages_of(board, scrape)) == ["Baker 1", "Baker 2"]
    assert "page_repeated" in scrape.events()


@PAGED
def test_an_api_whose_pages_go_round_is_left(board: Board, serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    jobs, asked = board.jobs(6), [0]
    details = board.details

    def answer(path: str, _query: dict[str, str]) -> Any:
        if path != board.path:
            return details
        at = 2 * (asked[0] % 3)
        asked[0] += 1
        return board.wrap(jobs[at : at + 2], 0, 1_000_000)

    site = serve_board(answer)
    scrape = new_scrape({**board.params, **board.pages, "base_url": site.url})
    assert titles(pages_of(board, scrape)) == [f"Baker {number}" for number in range(1, 7)]
    assert "page_repeated" in scrape.events()


def test_filters_reach_the_api_as_it_calls_them(serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    asked: dict[str, Any] = {
        "lever": {"team": "Ovens & more"},
        "smartrecruiters": {"q": "bread", "country": "no"},
        "remotive": {"category": "software-dev", "search": "bread", "limit": 3},
        "remoteok": {"tag": "bread"},
        "arbeitnow": {"visa_sponsorship": True},
        "jobicy": {"count": 7, "geo": "usa", "industry": "food", "tag": "bread"},
        "recruitee": {"department": "Ovens"},
    }
    for board in BOARDS:
        queries: list[dict[str, str]] = []
        whole = board.answer(board.jobs(1))

        def answer(path: str, query: dict[str, str], whole: Any = whole, queries: Any = queries) -> Any:
            queries.append(query)
            return whole(path, query)

        site = serve_board(answer)
        filters = asked.get(board.scraper, {})
        pages_of(board, new_scrape({**board.params, "base_url": site.url, **filters}))
        wanted = {name: str(value).lower() if value is True else str(value) for name, value in filters.items()}
        assert wanted.items() <= queries[0].items()


def test_a_gateway_may_stand_before_the_path_and_names_cannot_leave_theirs(
    serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    paths: list[str] = []

    def answer(path: str, _query: dict[str, str]) -> Any:
        paths.append(path)
        return []

    site = serve_board(answer)
    list(lever_scraper.scrape(new_scrape({"site": "a b", "base_url": f"{site.url}/gateway/"})))
    assert paths == ["/gateway/v0/postings/a%20b"]
    with pytest.raises(ScraperRefused, match="without slashes"):
        lever_scraper.read({"site": "../secret"})


def test_a_job_whose_own_page_is_gone_keeps_what_the_list_says(serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    board = next(board for board in BOARDS if board.scraper == "smartrecruiters")
    whole = board.answer(board.jobs(3))
    site = serve_board(lambda path, query: 404 if path.endswith("/2") else whole(path, query))
    scrape = new_scrape({**board.params, "base_url": site.url})
    [page] = pages_of(board, scrape)
    assert titles([page]) == ["Baker 1", "Baker 2", "Baker 3"]
    assert [bool(posting.description) for posting in page.postings] == [True, False, True]
    assert scrape.events() == ["detail_failed"]
    site.asked.clear()
    [page] = pages_of(board, new_scrape({**board.params, "base_url": site.url, "details": False}))
    assert len(page.postings) == 3
    assert [path for path in site.asked if "/postings/" in path] == []


def test_a_number_that_an_api_gives_cannot_lead_out_of_its_folder(
    serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    board = next(board for board in BOARDS if board.scraper == "smartrecruiters")
    site = serve_board(board.answer([{**board.job(1), "id": "../7?x"}]))
    [page] = pages_of(board, new_scrape({**board.params, "base_url": site.url}))
    assert site.asked[-1] == f"{board.path}/..%2F7%3Fx"
    assert page.postings[0].url == "https://jobs.smartrecruiters.com/acme/..%2F7%3Fx"


def test_the_host_of_a_company_is_its_own(serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    assert recruitee_scraper.read({"company": "acme"})["base_url"] == "https://{company}.recruitee.com"
    site = serve_board(lambda _path, _query: {"offers": []})
    assert len(list(recruitee_scraper.scrape(new_scrape({"company": "acme", "base_url": site.url})))) == 1
