"""Guests that end badly or not at all; meddlers, families and hogs live next door. Named as `hostile:function`.

Each commits one page first, so that it has surely come up.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from workers import Page, Posting, Scrape


def hold() -> NoReturn:
    """Sleep for ever, whatever may be raised."""
    while True:
        try:
            time.sleep(3600)
        except BaseException:  # noqa: BLE001, S112 - the point
            continue


def neighbour(scrape: Scrape) -> Iterator[Page]:
    """A healthy one: a page every tenth of a second until the file `until` exists."""
    number = 0
    while not Path(scrape.params["until"]).exists():
        number += 1
        url = f"http://neighbour.test/{number}"
        yield Page(url=url, postings=[Posting(url=url, title=f"Job {number}")], checkpoint={"page": number})
        time.sleep(0.1)


def leaves(scrape: Scrape) -> Iterator[Page]:
    """Leaves by os._exit."""
    yield Page()
    os._exit(scrape.params["code"])


class _Odd(Exception):
    """Nothing that can be done with it succeeds."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.lock = threading.Lock()  # cannot be pickled either

    def __str__(self) -> str:
        raise SystemExit(1)

    def __repr__(self) -> str:
        raise KeyboardInterrupt

    def __reduce__(self) -> NoReturn:
        raise OSError("no pickling here")


class _OddWord(str):
    """A text that is none when it is looked at closely."""

    __slots__ = ()

    def strip(self, *_: Any) -> NoReturn:
        """Nothing to strip."""
        raise SystemExit(2)


class _Speaks(Exception):
    def __str__(self) -> str:
        return _OddWord("words")


def raises(scrape: Scrape) -> Iterator[Page]:
    """Raises what cannot be printed, pickled or understood."""
    yield Page()
    match scrape.params["kind"]:
        case "odd":
            raise _Odd("what?")
        case "word":
            raise _Speaks
        case "exit":
            sys.exit(_Odd("leaving"))  # type: ignore[arg-type]
        case "interrupt":
            raise KeyboardInterrupt
        case "generator exit":
            raise GeneratorExit
        case "stop":
            raise StopIteration  # noqa: PLR1708 - the point
        case "group":
            raise BaseExceptionGroup("several", [KeyboardInterrupt(), ValueError("one of them")])
        case "recursion":
            _endless(1)


def _endless(depth: int) -> int:
    return _endless(depth + 1) + 1


def dies(scrape: Scrape) -> Iterator[Page]:
    """Dies of a signal, sent by itself as a stranger would, or by the kernel."""
    yield Page()
    match scrape.params["of"]:
        case "segfault":
            ctypes.string_at(0)
        case "abort":
            ctypes.CDLL(None).abort()
        case "processor":
            resource.setrlimit(resource.RLIMIT_CPU, (1, 1_000))
            while True:
                pass
        case "alarm":
            signal.alarm(1)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case name:
            os.kill(os.getpid(), signal.Signals[name])
    hold()


def sleeps(_scrape: Scrape) -> Iterator[Page]:
    """Sleeps for ever and swallows whatever is raised meanwhile, SIGTERM and all."""
    yield Page()
    hold()


def spins(scrape: Scrape) -> Iterator[Page]:
    """Keeps the processor busy, and with `greedy` keeps the interpreter to itself."""
    yield Page()
    if scrape.params.get("greedy"):
        sys.setswitchinterval(1e6)
    while True:
        pass


def swallows(_scrape: Scrape) -> Iterator[Page]:
    """Keeps on yielding whatever is raised at its yields; GeneratorExit too."""
    while True:
        try:
            yield Page(checkpoint={"page": 1})
            time.sleep(0.05)
        except BaseException:  # noqa: BLE001, S112 - the point
            continue


def listens(scrape: Scrape) -> Iterator[Page]:
    """Waits for a server that never answers: by a socket of its own, or by the engine's fetch."""
    yield Page()
    if scrape.params.get("fetch"):
        scrape.fetch(scrape.params["url"])
    host, _, port = scrape.params["url"].removeprefix("http://").rstrip("/").partition(":")
    with socket.create_connection((host, int(port))) as silent:
        silent.recv(1)
