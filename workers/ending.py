"""Every way a scrape can end by itself, as a cause and a sentence of few bytes."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace

from workers.errors import Blocked, BreakerOpen, FetchError, ProxyRefused, ScraperRefused, ScrapewardenError, StopScrape
from workers.plain import plain_text
from workers.records import Outcome
from workers.states import Cause, status_of
from workers.stop import StopSwitch, Terminated

# Bytes: what a process sends back must fit into a pipe at once, or a kill in mid-message blocks its reader for ever.
_MOST_ERROR = 1_000
_MOST_TRACEBACK = 2_000


class Recycle(Exception):
    """The process is over its recycling line, with a checkpoint to go on from."""


class Leaks(ScrapewardenError):
    """Recycled, and over the line again at the same checkpoint."""


def judge(error: BaseException, switch: StopSwitch) -> Outcome:  # noqa: PLR0911 - one line a kind of end
    """Every way a scraper can end by itself, as a cause and a sentence."""
    match error:
        case Recycle():
            return ended(Cause.RECYCLED, str(error))
        case Leaks():
            return ended(Cause.MEMORY, str(error))
        case Terminated() if switch.cause is Cause.KILLED:
            return ended(Cause.KILLED, "killed: SIGTERM from a stranger, not from us")
        case StopScrape() | Terminated():
            return ended(switch.cause or Cause.REQUESTED, None)
        case ScraperRefused():
            return ended(Cause.EXCEPTION, sentence(error), retriable=False)
        case FetchError():
            return _of_fetch(error)
        case MemoryError():
            return ended(Cause.MEMORY, "ran out of memory: MemoryError at its data limit")
        case SystemExit():
            return ended(Cause.EXCEPTION, f"the scraper called sys.exit({_made(lambda: repr(error.code))})")
        case _:
            return replace(ended(Cause.EXCEPTION, named(error)), traceback=_traceback(error))


def _of_fetch(error: FetchError) -> Outcome:
    """A request that failed for good, with what is known about when another may succeed."""
    if isinstance(error, Blocked):
        outcome = ended(Cause.BLOCKED, sentence(error))
    else:
        outcome = replace(ended(Cause.EXCEPTION, named(error)), traceback=_traceback(error))
    return replace(
        outcome,
        wait_s=error.wait_s,
        breaker_host=error.host if isinstance(error, BreakerOpen) else None,
        leak=isinstance(error, ProxyRefused) and error.leak,
    )


def ended(cause: Cause, error: str | None, *, retriable: bool = True) -> Outcome:
    """The outcome of a cause; its sentence is cut to what fits into a message."""
    status = status_of(cause)
    error = error and _bytes(plain_text(error))[:_MOST_ERROR].decode("utf-8", "ignore")
    return Outcome(status=status, cause=cause, error=error, retriable=retriable)


def named(error: BaseException) -> str:
    """`ValueError: its first line`."""
    return f"{type(error).__name__}: {sentence(error)}"


def sentence(error: BaseException) -> str:
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
