"""Scrapers for tests: healthy ones, and one for each way to misbehave. Named in node rows as `zoo:function`."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workers import Page, Posting, Scrape

_leaked: list[bytearray] = []


def _postings(scrape: Scrape, page: int, count: int = 5) -> list[Posting]:
    base = f"http://board.test/{scrape.params.get('board', 'a')}"
    return [Posting(url=f"{base}/{page}-{i}", title=f"Job {page}-{i}", company="Acme") for i in range(count)]


def pages(scrape: Scrape) -> Iterator[Page]:
    """`pages` pages of five postings, `pause_s` apart, with a checkpoint after each."""
    total = scrape.params.get("pages", 3)
    for page in range((scrape.checkpoint or {}).get("page", 1), total + 1):
        time.sleep(scrape.params.get("pause_s", 0))
        yield Page(
            url=f"http://board.test/list/{page}",
            postings=_postings(scrape, page),
            checkpoint={"page": page + 1},
            done=page,
            total=total,
        )


def chatty(scrape: Scrape) -> Iterator[Page]:
    """Pages as usual, with a log line at each, so that both connections of the run are in use."""
    for page in pages(scrape):
        scrape.log("page_made", number=page.done)
        yield page


def leaks(scrape: Scrape) -> Iterator[Page]:
    """Keeps `leak_mb` more memory at each page."""
    for page in pages(scrape):
        _leaked.append(bytearray(b"x") * (scrape.params.get("leak_mb", 2) * 2**20))
        yield page


def heavy(scrape: Scrape) -> Iterator[Page]:
    """Holds `mb` from the start; every page has the same checkpoint, `at`, or none."""
    _leaked.append(bytearray(b"x") * (scrape.params["mb"] * 2**20))
    for page in range(scrape.params.get("pages", 5)):
        yield Page(postings=_postings(scrape, page), checkpoint=scrape.params.get("at"))


def bursts(scrape: Scrape) -> Iterator[Page]:
    """One page, then `burst_mb` at once."""
    yield Page(checkpoint={"page": 2})
    block = bytearray(scrape.params.get("burst_mb", 2048) * 2**20)
    for at in range(0, len(block), 4096):
        block[at] = 1
    time.sleep(60)
    yield Page(done=len(block))


def sleeps(_scrape: Scrape) -> Iterator[Page]:
    """One page, then sleeps for ever."""
    yield Page(checkpoint={"page": 2})
    while True:
        time.sleep(3600)


def holds_the_gil(_scrape: Scrape) -> Iterator[Page]:
    """One page, then a backtracking regular expression that no thread of this process can interrupt."""
    yield Page(checkpoint={"page": 2})
    re.match(r"(a+)+$", "a" * 64 + "b")


def deaf(scrape: Scrape) -> Iterator[Page]:
    """Ignores SIGTERM and the soft stop, has three kinds of grandchildren, and sleeps for ever."""
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    grandchildren(scrape)
    yield Page(checkpoint={"page": 2})
    while True:
        time.sleep(3600)


def grandchildren(scrape: Scrape) -> None:
    """A plain child, one in its own session, and a daemon; their pids go into the file `pids`."""
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    plain = subprocess.Popen(sleeper)
    session = subprocess.Popen(sleeper, start_new_session=True)
    reader, writer = os.pipe()
    if (first := os.fork()) == 0:
        os.setsid()
        if (daemon := os.fork()) == 0:
            time.sleep(600)
            os._exit(0)
        os.write(writer, str(daemon).encode())
        os._exit(0)
    os.waitpid(first, 0)
    daemon = int(os.read(reader, 32))
    if path := scrape.params.get("pids"):
        Path(path).write_text(f"{plain.pid} {session.pid} {daemon} {os.getpid()}", encoding="ascii")


def with_grandchildren(scrape: Scrape) -> Iterator[Page]:
    """Three kinds of grandchildren, then pages as usual."""
    grandchildren(scrape)
    yield from pages(scrape)


def raises(_scrape: Scrape) -> Iterator[Page]:
    """One page, then an exception."""
    yield Page(checkpoint={"page": 2})
    message = "the board is upside down"
    raise ValueError(message)


def raises_until(scrape: Scrape) -> Iterator[Page]:
    """Fails until the file `count` says that it has been tried `tries` times."""
    path = Path(scrape.params["count"])
    tried = int(path.read_text(encoding="ascii")) if path.exists() else 0
    path.write_text(str(tried + 1), encoding="ascii")
    yield Page(checkpoint={"tried": tried})
    if tried + 1 < scrape.params["tries"]:
        message = f"not yet, try {tried + 1}"
        raise RuntimeError(message)


def exits(scrape: Scrape) -> Iterator[Page]:
    """Leaves by sys.exit or, with `hard`, by os._exit."""
    yield Page()
    if scrape.params.get("hard"):
        os._exit(scrape.params.get("code", 0))
    sys.exit(scrape.params.get("code", 0))


def segfaults(_scrape: Scrape) -> Iterator[Page]:
    """Reads address 0."""
    yield Page()
    ctypes.string_at(0)


def killed(scrape: Scrape) -> Iterator[Page]:
    """Is killed by a signal that the supervisor did not send."""
    yield Page()
    os.kill(os.getpid(), scrape.params.get("signal", signal.SIGKILL))
    time.sleep(60)


def rubbish(scrape: Scrape) -> Iterator[Any]:
    """Yields something that is no page: by name, text, number, posting, nul, giant."""
    match scrape.params["kind"]:
        case "text":
            yield "no page"
        case "posting":
            yield Page(postings=["no posting"])  # type: ignore[list-item]
        case "nul":
            text = "nul \0 and a lone \ud800 surrogate"
            yield Page(
                postings=[Posting(url="http://board.test/nul", title=text, company=text, description=text)],
                checkpoint={"text": text, "number": float("nan")},
                stage=text,
            )
        case "giant":
            yield Page(postings=[Posting(url="http://board.test/giant", title="Giant", description="x" * 100_000_000)])
        case "untitled":
            yield Page(postings=[Posting(url="http://board.test/x"), Posting(title="no url"), Posting(title=7, url=8)])


def no_generator(_scrape: Scrape) -> int:
    """Returns what cannot be walked."""
    return 7


def talks(scrape: Scrape) -> Iterator[Page]:
    """Prints, logs and writes to stderr, one line of `length` characters among it."""
    print("printed")  # noqa: T201 - the point
    print("x" * scrape.params.get("length", 100))  # noqa: T201 - the point
    os.write(2, b"to stderr\n")
    scrape.log("told", answer=42)
    yield Page(stage="talking")


def threads(scrape: Scrape) -> Iterator[Page]:
    """Leaves a thread behind that does not end."""
    import threading

    threading.Thread(target=time.sleep, args=(600,)).start()
    yield from pages(scrape)


def tells_secrets(scrape: Scrape) -> Iterator[Page]:
    """Writes the value of a filled-in param wherever a scraper can write, and names the environment it sees."""
    key = scrape.params["key"]
    scrape.log("environment", names=sorted(os.environ), block=Path("/proc/self/environ").read_text("utf-8", "replace"))
    scrape.log("told", key=key, message=f"the key is {key}")
    print(f"printed {key}")  # noqa: T201 - the point
    yield Page(url=f"http://board.test/?key={key}", checkpoint={"key": key}, stage=f"with {key}")
    message = f"{key} {scrape.checkpoint}"
    raise RuntimeError(message)


def odd_checkpoint(scrape: Scrape) -> Iterator[Page]:
    """A leak whose checkpoint never moves, and is a tuple, which comes back as a list."""
    while True:
        _leaked.append(bytearray(b"x") * (20 * 2**20))
        yield Page(postings=_postings(scrape, 1), checkpoint={"pos": (1, 2)})


def closes_stdout(scrape: Scrape) -> Iterator[Page]:
    """Closes its own output."""
    yield from pages(scrape)
    sys.stdout.close()


def odd_stage(_scrape: Scrape) -> Iterator[Page]:
    """A stage that is no text."""
    yield Page(stage=3)  # type: ignore[arg-type]
