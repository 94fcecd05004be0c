"""One scrape that stores nothing: reads its order from stdin and answers in JSON lines on a descriptor of its own.

Lines: `{"job": {...}}`, `{"rejected": reason}`, `{"page": {...}}`, and at the end `{"end": {...}}`.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workers.clean.postings import CleanJob, clean_posting
from workers.errors import Blocked, ScraperRefused
from workers.plain import plain_json
from workers.processes import rss_mb
from workers.progress import Logbook, Progress
from workers.protect import protect
from workers.records import Assignment, JsonObject, Page, Posting
from workers.scrapers import fill_env, find_scraper
from workers.states import Cause
from workers.stop import StopSwitch

if TYPE_CHECKING:
    from workers.live_scrape import LiveScrape

Send = Callable[[JsonObject], None]
_MOST_ERROR = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What to do, and when it is enough."""

    assignment: Assignment  # run 0: nothing of it is in a database
    most_jobs: int | None = None
    most_pages: int | None = None
    answer_fd: int = -1


class _Chatter(Logbook):
    """Log lines go to stderr at once."""

    def write(self, level: str, event: str, message: str | None = None, facts: JsonObject | None = None) -> None:
        """Show a line."""
        words = [level, event, message or "", json.dumps(plain_json(facts), ensure_ascii=True) if facts else ""]
        sys.stderr.write(" ".join(word for word in words if word) + "\n")
        sys.stderr.flush()


def main() -> None:
    """Carry out the order that the parent process wrote to stdin."""
    order: Order = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent, by a pipe
    os.set_inheritable(order.answer_fd, False)  # noqa: FBT003 - it takes no keyword
    protect(order.assignment)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    with os.fdopen(order.answer_fd, "w", encoding="ascii") as answers:

        def send(line: JsonObject) -> None:
            answers.write(json.dumps(plain_json(line)) + "\n")
            answers.flush()

        cause, error = _verdict(order, send)
        send({"end": {"cause": cause, "error": error, "rss_mb": rss_mb(os.getpid())}})
    os._exit(0)  # a scraper's threads must not hold the verdict up


def _verdict(order: Order, send: Send) -> tuple[Cause, str | None]:
    try:
        _scrape(order, send)
    except ScraperRefused as error:
        return Cause.EXCEPTION, str(error)
    except Blocked as error:
        return Cause.BLOCKED, str(error)
    except MemoryError:
        return Cause.MEMORY, "ran out of memory: MemoryError at its data limit"
    except SystemExit as error:
        return Cause.EXCEPTION, f"the scraper called sys.exit({error.code!r})"
    except Exception as error:  # noqa: BLE001 - whatever a guest raises becomes a sentence
        return Cause.EXCEPTION, f"{type(error).__name__}: {_first_line(error)}{_place(error)}"[:_MOST_ERROR]
    return Cause.DONE, None


def _scrape(order: Order, send: Send) -> None:
    from workers.live_scrape import LiveScrape  # whoever gives the order does not need it

    assignment = order.assignment
    switch = StopSwitch()
    params = fill_env(assignment.params, assignment.scrapers.env)
    scrape = LiveScrape(assignment, params, switch, Progress(), _Chatter())
    seen: set[str] = set()
    try:
        for number, page in enumerate(_pages(order, scrape), 1):
            send({"page": {"number": number, "url": page.url, "stage": page.stage, "checkpoint": page.checkpoint}})
            for posting in page.postings:
                _clean(posting, page, scrape, seen, send)
                if order.most_jobs is not None and len(seen) >= order.most_jobs:
                    return
            if number == order.most_pages:
                return
    finally:
        scrape.close()


def _pages(order: Order, scrape: LiveScrape) -> Iterator[Page]:
    generator = find_scraper(order.assignment.scraper, order.assignment.scrapers)(scrape)
    try:
        for page in generator:
            if not isinstance(page, Page):
                raise TypeError(f"a scraper must yield Page objects, got {type(page).__name__}")
            yield page
    finally:
        close = getattr(generator, "close", None)
        if close is not None:
            close()


def _clean(posting: Any, page: Page, scrape: LiveScrape, seen: set[str], send: Send) -> None:
    if not isinstance(posting, Posting):
        raise TypeError(f"a page's postings must be Posting objects, got {type(posting).__name__}")
    cleaned = clean_posting(posting, base_url=page.url, fetched_at=scrape.now)
    if not isinstance(cleaned, CleanJob):
        send({"rejected": cleaned.reason})
    elif cleaned.url not in seen:
        seen.add(cleaned.url)
        send({"job": asdict(cleaned)})


def _first_line(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001 - a guest's __str__
        return "its text cannot be made"
    return lines[0] if lines else "no text"


def _place(error: BaseException) -> str:
    """` (mine.py:12 in board)`, for whoever is writing the scraper."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name})" if frames else ""
