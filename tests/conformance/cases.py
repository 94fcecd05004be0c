"""What the suite needs to know of each scraper: a good board, an empty one, and what is no board at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance.boards import BOARDS, Board
from tests.fix_boards import Answer
from workers.records import JsonObject, ScraperSettings

JOBS = 5  # on each good board
GUESTS = ScraperSettings(allow=("job_api",), path=(str(Path(__file__).parents[1] / "guests"),))
LOGIN = "<html><head><title>Sign in</title></head><body><form><input name=password></form></body></html>"

CAPTCHA = "<html><head><title>One moment</title></head><body><div class=h-captcha></div>Tick the box.</body></html>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One scraper, ours or a guest's, and the boards it is tried on."""

    name: str
    params: Callable[[str], JsonObject]  # from the address of the board
    good: Answer
    empty: Any  # a board without jobs; None: the scraper has no way to know one
    wrong: tuple[Any, ...]  # what is no board, though it comes with status 200
    settings: ScraperSettings = GUESTS


def _of_api(board: Board) -> Case:
    whole = json.dumps(board.wrap(board.jobs(JOBS), 0, JOBS)).encode()
    error = {"error": "no such board", "jobs": None}
    broken = (LOGIN, whole[: len(whole) // 2], b"", b"null", b"7")
    others: tuple[Any, ...] = ({}, error, {"jobs": {}}, {"results": []}, [[], "x"])
    return Case(
        name=board.scraper,
        params=lambda base: {**board.params, **board.pages, "base_url": base},
        good=board.answer(board.jobs(JOBS)),
        empty=board.wrap([], 0, 0),
        wrong=(*broken, *others),
    )


def _guest(_path: str, query: dict[str, str]) -> Any:
    at = int(query["from"])
    found = [{"href": f"https://boards.test/{n}", "name": f"Baker {n}"} for n in range(at, min(at + 2, JOBS))]
    return {"found": found, "count": JOBS}


def _item(number: int) -> str:
    return f"<item><title>Baker {number}</title><link>https://boards.test/{number}</link></item>"


def _feeds(path: str, _query: dict[str, str]) -> Any:
    items = {"/a": range(2), "/b": range(2, JOBS)}[path]
    return f"<rss version='2.0'><channel>{''.join(map(_item, items))}</channel></rss>".encode()


def _article(number: int) -> str:
    return f"<article><h2><a href='/job/{number}'>Baker {number}</a></h2></article>"


def _listing(_path: str, query: dict[str, str]) -> Any:
    page = int(query.get("page", 0))
    rows = "".join(map(_article, range(2 * page, min(2 * page + 2, JOBS))))
    onward = f"<a rel='next' href='/?page={page + 1}'>on</a>" if 2 * page + 2 < JOBS else ""
    return f"<html><body>{rows}{onward}</body></html>"


def _marked_up(path: str, query: dict[str, str]) -> Any:
    if not path.startswith("/job/"):
        return _listing(path, query)
    job = {"@type": "JobPosting", "title": f"Baker {path[5:]}", "url": path}
    return f"<html><body><script type='application/ld+json'>{json.dumps(job)}</script></body></html>"


def _thread(path: str, _query: dict[str, str]) -> Any:
    if path == "/api/v1/search_by_date":
        return {
            "hits": [{"objectID": "3", "title": "Ask HN: Freelancer?"}, {"objectID": "9", "title": "Who is hiring?"}]
        }
    comments = [{"id": 10 + n, "created_at_i": 1772600767, "text": f"Acme | Baker {n} | Oslo"} for n in range(JOBS)]
    return {"id": 9, "children": comments} if path == "/api/v1/items/9" else 404


def _openings(path: str, _query: dict[str, str]) -> Any:
    numbers = {"/a": range(2), "/b": range(2, JOBS)}[path]
    openings = "".join(
        f"<PositionOpening><DocumentID>{n}</DocumentID><PositionTitle>Baker {n}</PositionTitle></PositionOpening>"
        for n in numbers
    )
    return f"<PositionOpenings xmlns='http://www.hr-xml.org/3'>{openings}</PositionOpenings>".encode()


OTHERS = (
    Case(
        name="hackernews",
        params=lambda base: {"base_url": base},
        good=_thread,
        empty=None,  # the newest thread is looked for, and there always is one
        wrong=(LOGIN, b"", b"null", {}, {"hits": []}, {"children": [{"id": 1}]}),
    ),
    Case(
        name="hrxml",
        params=lambda base: {"url": [f"{base}/a", f"{base}/b"], "link": "https://boards.test/{id}"},
        good=_openings,
        empty=b"<PositionOpenings xmlns='http://www.hr-xml.org/3'/>",
        wrong=(LOGIN, b"", {"jobs": []}, b"<rss version='2.0'><channel/></rss>"),
    ),
    Case(
        name="job_api:scrape",
        params=lambda base: {"base_url": base},
        good=_guest,
        empty={"found": [], "count": 0},
        wrong=(LOGIN, b'{"found": [', b"", {"found": 1}, {}),
    ),
    Case(
        name="feed",
        params=lambda base: {"url": [f"{base}/a", f"{base}/b"]},
        good=_feeds,
        empty=b"<rss version='2.0'><channel><title>Jobs</title></channel></rss>",
        wrong=(LOGIN, b"", b"{}", b"<rss version='2.0'><chan"),
    ),
    Case(
        name="html",
        params=lambda base: {
            "start": base,
            "items": "article",
            "next": "a[rel=next]",
            "fields": {"title": "h2", "url": "a@href"},
        },
        good=_listing,
        empty="<html><head><title>Jobs</title></head><body><p>No vacancies today.</p></body></html>",
        wrong=(LOGIN, CAPTCHA, b"", {"jobs": []}),
    ),
    Case(
        name="jobposting",
        params=lambda base: {"start": base, "follow": "h2 a", "next": "a[rel=next]"},
        good=_marked_up,
        empty="<html><head><title>Jobs</title></head><body><p>No vacancies today.</p></body></html>",
        wrong=(LOGIN, CAPTCHA, b"", {"jobs": []}),
    ),
)
CASES = (*map(_of_api, BOARDS), *OTHERS)
