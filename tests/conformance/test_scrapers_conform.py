"""What every scraper keeps, ours and a guest's: a row in cases.py puts a further one under all of these tests."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conformance.cases import CASES, GUESTS, JOBS, LOGIN, Case
from tests.fix_boards import Answer, ServeBoard
from tests.fix_scrape import NewScrape
from workers.errors import Blocked, FetchError, ScraperRefused
from workers.records import JsonObject, Page
from workers.scrapers import BUILT_IN, describe, find_scraper, judge_params

EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
NO_BOARD = {
    "command": "what a program reads is its own business; its own tests stand in test_scraper_command.py",
    "scrapy": "what a spider reads is its own business; its own tests stand in test_scraper_scrapy.py",
    "jobspy": "asks boards of its own choice; its own tests stand in test_scraper_jobspy.py",
}
DOCUMENTED = [name for name in BUILT_IN if name not in NO_BOARD]
HEAVY = {
    "feedparser",
    "requests",
    "dateparser",
    "pandas",
    "numpy",
    "scrapy",
    "jobspy",
    "pyarrow",
    "psycopg",
    "supervisor",
}


@pytest.fixture
def run(serve_board: ServeBoard, new_scrape: NewScrape) -> Any:
    """The pages of a scraper on a board that answers as a function says."""

    def pages(case: Case, answer: Answer, checkpoint: JsonObject | None = None, stop_after: int = 100) -> list[Page]:
        board = serve_board(answer)
        found: list[Page] = []
        for page in find_scraper(case.name, case.settings)(new_scrape(case.params(board.url), checkpoint)):
            found.append(page)
            if len(found) == stop_after:
                break
        return found

    return pages


def keys(pages: list[Page]) -> list[str]:
    return [str(posting.title) for page in pages for posting in page.postings]


@EACH
def test_every_job_of_a_board_comes_with_title_and_address(case: Case, run: Any) -> None:
    pages = run(case, case.good)
    assert all(isinstance(page, Page) for page in pages)
    postings = [posting for page in pages for posting in page.postings]
    assert len(postings) == JOBS
    assert len({posting.url for posting in postings}) == len({posting.title for posting in postings}) == JOBS
    assert all("Baker" in posting.title for posting in postings)
    assert pages[-1].done
    assert all(page.checkpoint for page in pages)


@EACH
def test_what_is_cut_off_after_any_page_goes_on_without_a_loss_or_a_repeat(
    case: Case, run: Any, serve_board: ServeBoard, new_scrape: NewScrape
) -> None:
    board = serve_board(case.good)
    scraper, params = find_scraper(case.name, case.settings), case.params(board.url)
    whole = keys(list(scraper(new_scrape(params))))
    for stop in range(1, len(run(case, case.good)) + 1):
        rest = scraper(new_scrape(params))
        first = [next(rest) for _ in range(stop)]
        saved = json.loads(json.dumps(first[-1].checkpoint))
        assert keys(first) + keys(list(scraper(new_scrape(params, saved)))) == whole


@pytest.mark.parametrize("case", [case for case in CASES if case.empty is not None], ids=lambda case: case.name)
def test_a_board_without_jobs_is_no_error(case: Case, run: Any) -> None:
    pages = run(case, lambda _path, _query: case.empty)
    assert pages
    assert keys(pages) == []


@EACH
@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 451, 500, 503])
def test_an_error_page_is_an_error_and_a_refusal_is_blocked(case: Case, status: int, run: Any) -> None:
    with pytest.raises(FetchError) as failed:
        run(case, lambda _path, _query: (status, LOGIN))
    assert isinstance(failed.value, Blocked) is (status in {401, 403, 429, 451})
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("case", "answer"),
    [pytest.param(case, wrong, id=f"{case.name}-{at}") for case in CASES for at, wrong in enumerate(case.wrong)],
)
def test_what_is_no_board_is_an_error_and_never_an_empty_board(case: Case, answer: Any, run: Any) -> None:
    with pytest.raises((FetchError, ValueError, KeyError, TypeError)) as failed:
        run(case, lambda _path, _query: answer)
    assert "\n" not in str(failed.value)
    if case.name in BUILT_IN:
        assert any(word in str(failed.value) for word in ("check", "look at it", "open it")), failed.value


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_param_is_documented(name: str) -> None:
    doc = describe(name, GUESTS)
    assert doc.text.endswith(".")
    assert doc.info.summary
    assert doc.params
    for param in doc.params:
        assert param.sentence.endswith("."), param.name
        assert param.sentence[0].isupper(), param.name


@pytest.mark.parametrize("name", DOCUMENTED)
def test_params_that_are_unknown_missing_or_of_another_type_get_one_sentence(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    good = case.params("http://127.0.0.1:1")
    assert judge_params(name, good) is None
    for param in describe(name, GUESTS).params:
        bad = [{**good, param.name: [3.5]}, {**good, param.name + "x": 1}]
        bad += [{key: value for key, value in good.items() if key != param.name}] if param.required else []
        for params in bad:
            complaint = judge_params(name, params)
            assert complaint is not None
            assert param.name in complaint
            assert "\n" not in complaint
            assert complaint.endswith(f"see `supervisor scrapers show {name}`")


@pytest.mark.parametrize("name", DOCUMENTED)
def test_params_are_judged_before_the_first_request(name: str, serve_board: ServeBoard, new_scrape: NewScrape) -> None:
    case = next(case for case in CASES if case.name == name)
    board = serve_board(case.good)
    scraper = find_scraper(name, case.settings)
    with pytest.raises(ScraperRefused):
        list(scraper(new_scrape({**case.params(board.url), "no_such_param": 1})))
    assert board.asked == []


def test_no_built_in_brings_anything_heavy_with_it() -> None:
    modules = ", ".join(target.partition(":")[0] for target in BUILT_IN.values())
    code = f"import sys, {modules}; print({HEAVY!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_built_in_that_reads_a_board_is_a_case() -> None:
    assert {case.name for case in CASES} >= set(DOCUMENTED)
