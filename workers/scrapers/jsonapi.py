"""What the public JSON APIs of job boards have in common: asking one, judging its answer, walking its pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from workers.clean.blanks import blank_to_none
from workers.clean.urls import canonical_url
from workers.errors import Blocked, FetchError
from workers.records import JsonObject, Page, Posting
from workers.scrapers.crawl import GONE
from workers.scrapers.params import Param

if TYPE_CHECKING:
    from workers.response import Response
    from workers.scrape import Scrape

MAX_PAGES = Param(name="max_pages", kind="whole", sentence="At most so many pages; without it all of them.")
_SAYS_WHY = ("error", "errors", "message", "detail", "title")
_SAYS_WHETHER = ("ok", "success")
_SAYS_STATUS, _FAILED = ("status", "statusCode", "status_code", "code"), {"error", "fail", "failed", "failure"}
_REFUSAL = re.compile(
    r"rate limit|too many|exceeded|denied|forbidden|unauthori[sz]ed|\berror\b|failed|unavailable", re.IGNORECASE
)
_MOST_SAID = 200
_LAST_MARKS = 50  # so many pages as a circle may have


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """The jobs of one answer, and what it says about further ones."""

    url: str
    items: list[Any]
    total: int | None = None  # jobs on the whole board
    more: bool | None = None  # whether a page follows; None: until `total`, or until an empty page


def base_url(default: str) -> Param:
    """The param that points a scraper at another copy of its API."""
    return Param(
        name="base_url",
        kind="url",
        default=default,
        sentence="Where the API answers: what stands before the path, for a copy of it or a gateway to it.",
    )


def address(base: str, *parts: str) -> str:
    """The address of a resource; what people put into a param cannot leave its place in the path."""
    return "/".join([base.rstrip("/"), *(quote(unquote(part), safe="") for part in parts)])


def ask(scrape: Scrape, url: str, query: JsonObject, check: str) -> tuple[Response, Any]:
    """An answer and the JSON in it. Raises Blocked, or FetchError that names the params to check."""
    asked = {name: _written(value) for name, value in query.items() if value is not None}
    try:
        response = scrape.fetch(url, params=asked or None)
        return response, response.json()
    except Blocked:
        raise
    except FetchError as error:
        gone = f"{url} does not exist (HTTP {error.status})" if error.status in GONE else str(error)
        raise FetchError(
            f"{gone}: check {check}", url=error.url or url, status=error.status, wait_s=error.wait_s
        ) from error


def jobs_in(response: Response, data: Any, key: str | None, check: str) -> list[Any]:
    """The list under a key, or the answer itself; raises FetchError for every other shape and for an API's error."""
    found = data if key is None else data.get(key) if isinstance(data, dict) else None
    wanted = "a list of jobs" if key is None else f'a list of jobs under "{key}"'
    if not isinstance(found, list):
        raise _wrong(response, f"answered {_shape(data)} in place of {wanted}{_said(data)}", check)
    if not found and _complains(data):
        raise _wrong(response, f"answered no jobs but an error{_said(data)}", check)
    return found


def walk(
    scrape: Scrape,
    ask_page: Callable[[int, int], Batch],
    posting_of: Callable[[JsonObject], Posting],
    *,
    check: str,
    max_pages: int | None = None,
) -> Iterator[Page]:
    """A page of postings for each answer; `ask_page` gets the number of jobs and of pages that came before."""
    state: JsonObject = {"at": 0, "page": 0, "marks": [], "end": False} | (scrape.checkpoint or {})
    while not state["end"]:
        batch = ask_page(state["at"], state["page"])
        mark = _mark(batch)
        repeated = bool(mark) and mark in state["marks"]
        if repeated:  # a copy that knows one page, an API that has stopped counting, or one that goes round
            scrape.log("page_repeated", level="warning", url=batch.url, page=state["page"] + 1)
        _judge_total(batch, state["at"], check)
        postings = [] if repeated else read_items(scrape, batch, posting_of, check, first=not state["at"])
        at, page = state["at"] + len(postings), state["page"] + 1
        more = not repeated and bool(batch.items) and _more(batch, at)
        if more and page == max_pages:
            scrape.log("max_pages_reached", page=page, total=batch.total)
        state = {
            "at": at,
            "page": page,
            "marks": [*state["marks"], mark][-_LAST_MARKS:],
            "end": not more or page == max_pages,
        }
        yield Page(
            url=batch.url, postings=postings, checkpoint=state, done=at, total=batch.total, stage=_stage(batch, at)
        )


def read_items(
    scrape: Scrape, batch: Batch, posting_of: Callable[[JsonObject], Posting], check: str, *, first: bool = True
) -> list[Posting]:
    """One posting for each element; one that is no job is blank, so that it is rejected and counted by itself.

    Raises FetchError where no element at all is a job: then the API is another one, or has changed. One alone on a
    later page says no such thing.
    """
    postings: list[Posting] = []
    for at, item in enumerate(batch.items):
        if not isinstance(item, dict):
            scrape.log("element_is_no_job", level="warning", url=batch.url, at=at, got=_shape(item))
        postings.append(posting_of(item) if isinstance(item, dict) else Posting())
    if len(postings) >= (1 if first else 2) and not any(_usable(posting) for posting in postings):
        raise FetchError(
            f"{batch.url}: none of {len(postings)} elements has both a title and an address; check {check}, or "
            "whether the API has changed",
            url=batch.url,
        )
    return postings


def _mark(batch: Batch) -> str:
    """What the next page is compared with: a copy may give one page for every number."""
    if batch.more is False or not batch.items:
        return ""
    digest = hashlib.blake2b(digest_size=6)
    for item in batch.items:
        digest.update(repr(item).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _usable(posting: Posting) -> bool:
    return blank_to_none(posting.title) is not None and canonical_url(posting.url) is not None


def _judge_total(batch: Batch, before: int, check: str) -> None:
    if batch.total and not batch.items and not before:
        raise FetchError(f"{batch.url} says that there are {batch.total} jobs and names none: check {check}")


def _more(batch: Batch, at: int) -> bool:
    if batch.more is not None:
        return batch.more
    return batch.total is None or at < batch.total


def _stage(batch: Batch, at: int) -> str:
    return f"{at} of {batch.total} jobs" if batch.total else f"{at} jobs"


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wrong(response: Response, what: str, check: str) -> FetchError:
    return FetchError(f"{response.url} {what}: check {check}", url=response.url, status=response.status)


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        keys = ", ".join(str(key)[:30] for key in list(value)[:5])
        return f"an object with {keys}" if keys else "an empty object"
    return "nothing (null)" if value is None else f"a {type(value).__name__}"


def _complains(data: Any) -> bool:
    if not isinstance(data, dict):
        return False
    if data.get("error") or data.get("errors") or any(data.get(name) is False for name in _SAYS_WHETHER):
        return True
    status = next((data[name] for name in _SAYS_STATUS if data.get(name)), None)
    failed = status >= 400 if isinstance(status, int) else str(status).casefold() in _FAILED
    return failed or bool(_REFUSAL.search(str(data.get("message"))))


def _said(data: Any) -> str:
    said = next((data[key] for key in _SAYS_WHY if data.get(key)), None) if isinstance(data, dict) else None
    text = " ".join(str(said).split())[:_MOST_SAID]
    return f' ("{text}")' if said else ""
