"""The one function any launcher calls: from an assignment to stored jobs and a verdict."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg

from workers.ending import Leaks, Recycle, ended, judge, named, sentence
from workers.errors import (
    Fenced,
    NotReached,
)
from workers.heartbeat import Heartbeat
from workers.line import Line
from workers.live_scrape import LiveScrape
from workers.output import CapturedOutput
from workers.plain import plain_json
from workers.progress import Logbook, Progress
from workers.protect import Limits, highest_limits, lift_limits, protect
from workers.proxies import take_proxy
from workers.records import Assignment, FetchedUrl, Outcome, Page
from workers.scrapers import fill_env, find_scraper
from workers.states import Cause, RunStatus
from workers.stop import StopSwitch, Terminated
from workers.store import Store, own_rss_mb


def run_scrape(assignment: Assignment) -> Outcome:
    """Run one scrape in this process, commit its pages, leave the verdict in its row. Never raises."""
    protect(assignment)
    switch = StopSwitch()
    switch.install()
    logbook = Logbook(assignment.time)
    line = Line(assignment)
    try:
        return _run(assignment, line, switch, logbook)
    except Fenced as error:
        return ended(Cause.FENCED, f"fenced: {error}")
    except NotReached as error:
        return ended(Cause.LOST, f"lost before it began: {error}")
    except psycopg.Error as error:
        return ended(Cause.EXCEPTION, f"the database refused: {sentence(error)}")
    except BaseException as error:  # noqa: BLE001 - a scraper may have broken what the end of its run stands on
        return judge(error, switch)
    finally:
        with contextlib.suppress(Exception):
            line.close()


def _run(assignment: Assignment, line: Line, switch: StopSwitch, logbook: Logbook) -> Outcome:
    store = Store(line, logbook)
    if not store.begin():
        return ended(Cause.FENCED, "fenced: the run was closed before its process came up")
    output = CapturedOutput(logbook)
    progress = Progress()
    heartbeat = Heartbeat(assignment, progress, logbook)
    scrape: LiveScrape | None = None
    pid = os.getpid()
    highest = highest_limits()
    try:
        params = fill_env(assignment.params, assignment.scrapers.env)
        proxy = take_proxy(assignment, line, logbook)
        told: dict[str, Any] = {"kept": store.kept, "locations": store.places}
        scrape = LiveScrape(assignment, params, switch, progress, logbook, line=line, proxy=proxy, **told)
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
        outcome = judge(error, switch)
    else:
        _take_back(highest, switch)
        outcome = _through(scrape, store, switch)
    for end in (output.finish, heartbeat.stop):
        with contextlib.suppress(Exception):  # the scraper may have left neither a descriptor nor memory for it
            end()
    outcome = replace(_with_figures(outcome), host=scrape.entry_host if scrape else None)
    outcome = _leave(outcome, store, scrape.take_fetched() if scrape else [])
    if scrape is not None:
        with contextlib.suppress(Exception):
            scrape.close()
    return outcome


def _through(scrape: LiveScrape, store: Store, switch: StopSwitch) -> Outcome:
    """The scraper ended by itself. One that keeps quiet about refusals has not found "0 jobs, ok"."""
    refusal = scrape.refusal if store.found == 0 else None
    return ended(Cause.DONE, None) if refusal is None else judge(refusal, switch)


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
            return ended(Cause.EXCEPTION, f"its verdict could not be written: {named(error)}")
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
        logbook.write("warning", "clean_up_failed", named(error))


def _iterate(pages: Any) -> Iterator[Any]:
    try:
        return iter(pages)
    except TypeError:
        raise TypeError(f"a scraper must be a generator of Page objects, got {type(pages).__name__}") from None


def _recycle(assignment: Assignment, checkpoint: Any, rss_mb: float) -> None:
    figures = f"{rss_mb:.0f} MB of {assignment.budget_mb} MB"
    if plain_json(checkpoint) == assignment.checkpoint:  # as it comes back: tuples are lists, keys are texts
        raise Leaks(f"over its memory budget again at the checkpoint it started from: {figures}; raise memory_mb")
    raise Recycle(f"gave its memory back at a checkpoint: {figures}")


def _with_figures(outcome: Outcome) -> Outcome:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return replace(outcome, peak_rss_mb=round(own_rss_mb(), 1), cpu_s=round(cpu_s, 3))


__all__ = ["RunStatus", "run_scrape"]
