"""The one function any launcher calls: from an assignment to stored jobs and a verdict."""

from __future__ import annotations

import contextlib
import os
import resource
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg

from workers.errors import Blocked, Fenced, NotReached, ScraperRefused, ScrapewardenError, StopScrape
from workers.heartbeat import Heartbeat
from workers.live_scrape import LiveScrape
from workers.output import CapturedOutput
from workers.plain import plain_json, plain_text
from workers.progress import Logbook, Progress
from workers.protect import Limits, highest_limits, lift_limits, protect
from workers.records import Assignment, FetchedUrl, Outcome, Page
from workers.scrapers import fill_env, find_scraper
from workers.states import Cause, RunStatus, status_of
from workers.stop import StopSwitch, Terminated
from workers.store import Store, own_rss_mb

# Bytes: what a process sends back must fit into a pipe at once, or a kill in mid-message blocks its reader for ever.
_MOST_ERROR = 1_000
_MOST_TRACEBACK = 2_000


class _Recycle(Exception):
    """The process is over its recycling line, with a checkpoint to go on from."""


class _Leaks(ScrapewardenError):
    """Recycled, and over the line again at the same checkpoint."""


def run_scrape(assignment: Assignment) -> Outcome:
    """Run one scrape in this process, commit its pages, leave the verdict in its row. Never raises."""
    protect(assignment)
    switch = StopSwitch()
    switch.install()
    logbook = Logbook(assignment.time)
    store = Store(assignment, logbook, switch)
    try:
        return _run(assignment, store, switch, logbook)
    except Fenced as error:
        return _outcome(Cause.FENCED, f"fenced: {error}")
    except NotReached as error:
        return _outcome(Cause.LOST, f"lost before it began: {error}")
    except psycopg.Error as error:
        return _outcome(Cause.EXCEPTION, f"the database refused: {_sentence(error)}")
    except BaseException as error:  # noqa: BLE001 - a scraper may have broken what the end of its run stands on
        return _judge(error, switch)
    finally:
        with contextlib.suppress(Exception):
            store.close()


def _run(assignment: Assignment, store: Store, switch: StopSwitch, logbook: Logbook) -> Outcome:
    if not store.begin():
        return _outcome(Cause.FENCED, "fenced: the run was closed before its process came up")
    output = CapturedOutput(logbook)
    progress = Progress()
    heartbeat = Heartbeat(assignment, progress, logbook)
    scrape: LiveScrape | None = None
    pid = os.getpid()
    highest = highest_limits()
    try:
        params = fill_env(assignment.params, assignment.scrapers.env)
        scrape = LiveScrape(assignment, params, switch, progress, logbook)
        pages = _iterate(find_scraper(assignment.scraper, assignment.scrapers)(scrape))
        _end_copy(pid)
        try:
            _commit_pages(assignment, pages, scrape, store, switch, progress)
        finally:
            _end_copy(pid)
            _close(pages, logbook)
    except Fenced:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a guest raises becomes a short record
        _take_back(highest, switch)
        _end_copy(pid)
        outcome = _judge(error, switch)
    else:
        _take_back(highest, switch)
        outcome = _outcome(Cause.DONE, None)
    for end in (output.finish, heartbeat.stop):
        with contextlib.suppress(Exception):  # the scraper may have left neither a descriptor nor memory for it
            end()
    outcome = _leave(_with_figures(outcome), store, scrape.take_fetched() if scrape else [])
    if scrape is not None:
        with contextlib.suppress(Exception):
            scrape.close()
    return outcome


def _take_back(highest: Limits, switch: StopSwitch) -> None:
    """The scraper is through: nothing that it has set up, used up or denied itself stands in the verdict's way."""
    lift_limits(highest)
    switch.take_back()


def _leave(outcome: Outcome, store: Store, fetched: list[FetchedUrl]) -> Outcome:
    """Write the verdict down; where a scraper has broken even that, a bad one is still worth sending."""
    try:
        store.finish(outcome, fetched)
    except (Fenced, psycopg.Error):
        raise
    except Exception as error:  # noqa: BLE001 - patched modules, no descriptors, no memory
        if outcome.cause is Cause.DONE:
            return _outcome(Cause.EXCEPTION, f"its verdict could not be written: {_named(error)}")
    return outcome


def _commit_pages(
    assignment: Assignment,
    pages: Iterator[Any],
    scrape: LiveScrape,
    store: Store,
    switch: StopSwitch,
    progress: Progress,
) -> None:
    """Walk the scraper; each yield is the safe point."""
    line_mb = assignment.budget_mb * assignment.recycle_percent / 100
    checkpoint = None
    pid = os.getpid()
    for page in pages:
        _end_copy(pid)
        if not isinstance(page, Page):
            raise TypeError(f"a scraper must yield Page objects, got {type(page).__name__}")
        checkpoint = page.checkpoint if page.checkpoint is not None else checkpoint
        rss_mb = own_rss_mb()
        committed = store.commit(page, scrape.take_fetched(), scrape.now, rss_mb)
        progress.bump(page.stage)
        if committed.stop_requested:
            switch.request(Cause.REQUESTED)
        switch.check()
        if rss_mb > line_mb and checkpoint is not None:
            _recycle(assignment, checkpoint, rss_mb)


def _end_copy(pid: int) -> None:
    """End a fork of the scrape that came back out of the scraper: connection and verdict are not its own."""
    if os.getpid() != pid:
        os._exit(1)


def _close(pages: Iterator[Any], logbook: Logbook) -> None:
    """Have the scraper clean up; one that refuses to changes nothing about why it was to end."""
    close: Callable[[], None] | None = getattr(pages, "close", None)
    if close is None:
        return
    try:
        close()
    except Terminated:
        raise
    except MemoryError:
        return  # there is none to tell of it with
    except BaseException as error:  # noqa: BLE001 - raised by a guest's clean-up, or because it yields on
        logbook.write("warning", "clean_up_failed", _named(error))


def _iterate(pages: Any) -> Iterator[Any]:
    try:
        return iter(pages)
    except TypeError:
        raise TypeError(f"a scraper must be a generator of Page objects, got {type(pages).__name__}") from None


def _recycle(assignment: Assignment, checkpoint: Any, rss_mb: float) -> None:
    figures = f"{rss_mb:.0f} MB of {assignment.budget_mb} MB"
    if plain_json(checkpoint) == assignment.checkpoint:  # as it comes back: tuples are lists, keys are texts
        raise _Leaks(f"over its memory budget again at the checkpoint it started from: {figures}; raise memory_mb")
    raise _Recycle(f"gave its memory back at a checkpoint: {figures}")


def _judge(error: BaseException, switch: StopSwitch) -> Outcome:  # noqa: PLR0911 - one line a kind of end
    """Every way a scraper can end by itself, as a cause and a sentence."""
    match error:
        case _Recycle():
            return _outcome(Cause.RECYCLED, str(error))
        case _Leaks():
            return _outcome(Cause.MEMORY, str(error))
        case Terminated() if switch.cause is Cause.KILLED:
            return _outcome(Cause.KILLED, "killed: SIGTERM from a stranger, not from us")
        case StopScrape() | Terminated():
            return _outcome(switch.cause or Cause.REQUESTED, None)
        case ScraperRefused():
            return _outcome(Cause.EXCEPTION, _sentence(error), retriable=False)
        case Blocked():
            return _outcome(Cause.BLOCKED, _sentence(error))
        case MemoryError():
            return _outcome(Cause.MEMORY, "ran out of memory: MemoryError at its data limit")
        case SystemExit():
            return _outcome(Cause.EXCEPTION, f"the scraper called sys.exit({_made(lambda: repr(error.code))})")
        case _:
            return replace(_outcome(Cause.EXCEPTION, _named(error)), traceback=_traceback(error))


def _outcome(cause: Cause, error: str | None, *, retriable: bool = True) -> Outcome:
    status = status_of(cause)
    error = error and _bytes(plain_text(error))[:_MOST_ERROR].decode("utf-8", "ignore")
    return Outcome(status=status, cause=cause, error=error, retriable=retriable)


def _with_figures(outcome: Outcome) -> Outcome:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return replace(outcome, peak_rss_mb=round(own_rss_mb(), 1), cpu_s=round(cpu_s, 3))


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {_sentence(error)}"


def _sentence(error: BaseException) -> str:
    """The first line of an exception's text, which may itself be broken."""
    lines = _made(lambda: str(error)).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _made(make: Callable[[], str]) -> str:
    """A text that a guest's own code makes, as a plain one."""
    try:
        return "".join(make()[:_MOST_TRACEBACK])  # a subclass would bring its own methods along
    except BaseException:  # noqa: BLE001 - a guest's __str__ or __repr__ may even try to leave
        return "an exception whose text cannot be made"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _traceback(error: BaseException) -> str:
    try:
        text = plain_text("".join(traceback.format_exception(error)))
        return _bytes(text)[-_MOST_TRACEBACK:].decode("utf-8", "ignore")
    except BaseException:  # noqa: BLE001 - formatting calls a guest's __str__
        return ""


__all__ = ["RunStatus", "run_scrape"]
