"""Scrapers that yield what no page should be, one for each way: `odd_pages:odd` with params `kind`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from workers import Page, Posting, Scrape

LONE = "nul \0 and a lone \ud800 surrogate"


class Unspeakable:
    """Its text cannot be made."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def _page(**fields: Any) -> Callable[[], Any]:
    return lambda: Page(**fields)


def _posting(**fields: Any) -> Posting:
    return Posting(**{"url": "http://board.test/odd", "title": "Odd", **fields})


def _twice_in_itself() -> dict[str, Any]:
    inner: list[Any] = []
    inner += [inner, inner]
    return {"inner": inner}


def _once_in_itself() -> dict[str, Any]:
    inner: dict[str, Any] = {}
    inner["address"] = inner
    return inner


def _many(count: int, **fields: Any) -> list[Posting]:
    return [Posting(**fields)] * count


KINDS: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None,
    "a generator": lambda: (number for number in range(3)),
    "done as text": _page(done="3"),
    "done beyond bigint": _page(done=2**70),
    "total as truth": _page(total=True),
    "url as number": _page(url=7),
    "postings as generator": lambda: Page(postings=(_posting() for _ in range(3))),  # type: ignore[arg-type]
    "postings as text": _page(postings="postings"),
    "postings as dicts": _page(postings=[{"url": "http://board.test/odd", "title": "Odd"}]),
    "checkpoint as list": _page(checkpoint=[1, 2]),
    "checkpoint twice in itself": lambda: Page(checkpoint=_twice_in_itself()),
    "checkpoint of 2 MB": _page(checkpoint={"seen": "x" * 2_000_000}),
    "checkpoint without text": _page(checkpoint={"at": Unspeakable()}),
    "unknown field": _page(colour="red"),
    # What follows is odd, and still a page.
    "checkpoint once in itself": lambda: Page(checkpoint=_once_in_itself()),
    "checkpoint of odd values": _page(checkpoint={LONE: LONE, "at": 10**5000, "nan": float("nan"), 1: {2, 3}}),
    "stage of 10 MB": _page(stage="x" * 10_000_000),
    "stage of halves": _page(stage=LONE),
    "postings of halves": lambda: Page(postings=[_posting(title=LONE, company=LONE, description=LONE)]),
    "postings of odd types": lambda: Page(
        postings=[
            _posting(company=Unspeakable(), location=_once_in_itself(), locations=[[[]], {}, None, Unspeakable()]),
            _posting(title=["Odd"], salary={"min": 10**400, "max": float("inf")}, posted=10**30, remote=[1]),
            _posting(url=None),
        ]
    ),
    "100,000 postings without title": lambda: Page(postings=_many(100_000, url="http://board.test/odd")),
    "20,000 times the same": lambda: Page(postings=_many(20_000, url="http://board.test/same", title="Same")),
}


def odd(scrape: Scrape) -> Iterator[Any]:
    """One page of a kind."""
    yield KINDS[scrape.params["kind"]]()


def logs(scrape: Scrape) -> Iterator[Page]:
    """Facts that no log can hold, and then a good page."""
    scrape.log(LONE, level="loud", message=LONE, number=10**5000, nan=float("inf"), again=_once_in_itself())
    yield Page(postings=[_posting(url="http://board.test/logged")])
