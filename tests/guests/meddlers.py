"""Guests that change what the engine stands on: signals, descriptors, limits, modules. `meddlers:function`."""

from __future__ import annotations

import atexit
import gc
import locale
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import psycopg
from hostile import hold  # type: ignore[import-not-found]  # found on `[scrapers] path`

from workers import Page, Posting, Scrape

_kept: list[Any] = []


def ignores_signals(scrape: Scrape) -> Iterator[Page]:
    """Takes every signal away from us: ignored, handled or blocked."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        match scrape.params["how"]:
            case "ignore":
                signal.signal(number, signal.SIG_IGN)
            case "handle":
                signal.signal(number, lambda *_: None)
            case "block":
                signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    yield Page()
    if scrape.params.get("for_ever"):
        hold()


def alarms(_scrape: Scrape) -> Iterator[Page]:
    """A timer that raises every millisecond, in whatever code it finds."""

    def ring(*_: Any) -> NoReturn:
        raise TimeoutError("ring")

    yield Page()
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    hold_quietly()
    yield Page()


def hold_quietly() -> None:
    """Sleep for ever; what is raised gets out."""
    time.sleep(3600)


def closes_descriptors(scrape: Scrape) -> Iterator[Page]:
    """Closes every descriptor there is: the database's, the log's, those of the process pool; may take all anew."""
    yield Page()
    print("before")  # noqa: T201 - so that the heartbeat's connection is open too
    time.sleep(scrape.params.get("pause_s", 1.5))
    os.closerange(0, 20_000)
    yield Page(postings=[Posting(url="http://board.test/after", title="After")])
    if scrape.params.get("then") == "take all":
        os.closerange(0, 20_000)
        while True:
            os.open(os.devnull, os.O_RDONLY)
    if scrape.params.get("then") == "raise":
        message = "nothing is open any more"
        raise ValueError(message)
    if scrape.params.get("then") == "hold":
        hold()


def changes_the_world(_scrape: Scrape) -> Iterator[Page]:
    """Environment, folder, locale, time zone, garbage collector, stdin: all other than they were."""
    os.environ.clear()
    os.environ.update(TZ="Pacific/Kiritimati", PATH="/nowhere", LC_ALL="C")
    time.tzset()
    locale.setlocale(locale.LC_ALL, "C")
    os.chdir("/proc/self/fdinfo")
    os.umask(0o777)
    gc.disable()
    sys.stdin.close()
    sys.setrecursionlimit(150)
    os.nice(19)
    yield Page(postings=[Posting(url="http://board.test/world", title="World")])


def patches(scrape: Scrape) -> Iterator[Page]:
    """Replaces what others call."""
    yield Page()
    names = scrape.params["what"]
    if "exits" in names:
        sys.exit = os._exit = os.kill = os.abort = _never
    if "time" in names:
        time.sleep = time.monotonic = _never
    if "psycopg" in names:
        psycopg.Connection.execute = psycopg.connect = _never  # type: ignore[method-assign]
    if "modules" in names:
        sys.modules.clear()
    yield Page()


def mends(scrape: Scrape) -> Iterator[Page]:
    """Replaces the clock for `broken_s`, puts it back, and is well for `well_s` more."""
    yield Page()
    sleep, monotonic = time.sleep, time.monotonic
    time.monotonic = _never
    sleep(scrape.params["broken_s"])
    time.monotonic = monotonic
    sleep(scrape.params["well_s"])
    yield Page()


def _never(*_: Any, **__: Any) -> NoReturn:
    raise ZeroDivisionError("patched")


def limits_itself(scrape: Scrape) -> Iterator[Page]:
    """Allows itself nothing more of something."""
    yield Page()
    resource.setrlimit(getattr(resource, f"RLIMIT_{scrape.params['what']}"), (0, 0))
    yield Page()


class _Lingers:
    def __del__(self) -> None:
        hold()


def lingers(scrape: Scrape) -> Iterator[Page]:
    """Does its work, and then does not want to go."""
    yield Page()
    match scrape.params["how"]:
        case "atexit":
            atexit.register(hold)
        case "thread":
            threading.Thread(target=hold).start()
        case "del":
            _kept.append(_Lingers())
        case "del now":
            _Lingers()


def writes_to_parent(_scrape: Scrape) -> Iterator[Page]:
    """Writes where the supervisor prints its events."""
    yield Page()
    with Path(f"/proc/{os.getppid()}/fd/1").open("a", encoding="ascii") as other:
        other.write('{"event": "from_below"}\n')
    yield Page()


def tells_limits(scrape: Scrape) -> Iterator[Page]:
    """Logs the limits that it finds, how much data it holds, and how much ten idle threads add to that."""
    names = ("RLIMIT_DATA", "RLIMIT_NOFILE")
    before = _data_mb()
    for _ in range(10):
        threading.Thread(target=hold, daemon=True).start()
    limits = {name: resource.getrlimit(getattr(resource, name)) for name in names}
    scrape.log("limits", data_mb=before, ten_threads_mb=_data_mb() - before, **limits)
    yield Page()


def _data_mb() -> float:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmData:"))
