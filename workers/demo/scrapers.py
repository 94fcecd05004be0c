"""Guests of the demo: one vice each, on top of the same walk through a listing.

Params of all: `url` (a listing, with its query), `page` (the first page to visit; 1).
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urljoin

from workers.records import Page, Posting

if TYPE_CHECKING:
    from workers.scrape import Scrape

MEGABYTE = 1024 * 1024
MEMORY_PAGE = 4096  # bytes
PAUSE_S = 0.3
OUTLIVES_S = 600  # what a grandchild sleeps: far longer than its run, yet nothing stays for ever
LAST_GOOD_PAGE = 2
leaked: list[bytes] = []


def leaks(scrape: Scrape) -> Iterator[Page]:
    """Keeps `leak_mb` MB (8) per page for ever; shows that it finishes all the same, by recycling."""
    number = first_page(scrape)
    while number is not None:
        page = visit(scrape, number)
        # Repetition writes every byte; a zeroed bytearray would be address space that nobody has touched.
        leaked.append(b"\x01" * (scrape.params.get("leak_mb", 8) * MEGABYTE))
        time.sleep(scrape.params.get("pause_s", PAUSE_S))
        yield page
        number = next_page(page)


def bursts(scrape: Scrape) -> Iterator[Page]:
    """Takes `burst_mb` MB (2048) at one go; shows that only the scrape dies of it, and that its page stays."""
    yield one_page(scrape)
    block = bytearray(scrape.params.get("burst_mb", 2048) * MEGABYTE)
    for offset in range(0, len(block), MEMORY_PAGE):
        block[offset] = 1
    sleep_for_ever()  # where nothing limits the address space, the guard that measures has time to see it


def hangs_in_c(scrape: Scrape) -> Iterator[Page]:
    """Backtracks in C code for ever, holding the GIL; shows that the deadline needs no help from the process."""
    yield one_page(scrape)
    re.match(r"(a+)+$", "a" * 64 + "!")


def stubborn(scrape: Scrape) -> Iterator[Page]:
    """Ignores SIGTERM and scatters grandchildren; shows that the deadline reaches each of them."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield one_page(scrape)
    leave_in_own_session()
    leave_daemonised()
    sleep_for_ever()


def segfaults(scrape: Scrape) -> Iterator[Page]:
    """Reads address 0; shows that a crash is told by its signal and costs nobody else anything."""
    yield one_page(scrape)
    faulthandler.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a demo should leave no core file behind
    ctypes.string_at(0)


def raises(scrape: Scrape) -> Iterator[Page]:
    """Fails after page 2; shows retries that go on from the checkpoint, and the dead letter after the last."""
    number = first_page(scrape)
    while number is not None and number <= LAST_GOOD_PAGE:
        page = visit(scrape, number)
        yield page
        number = next_page(page)
    raise ValueError(f"page {number} of the listing has lost its salaries; the site seems to be redesigned")


def first_page(scrape: Scrape) -> int | None:
    """Where to begin or go on; None when the checkpoint says that the last page is done."""
    number: int | None = (scrape.checkpoint or {"page": scrape.params.get("page", 1)})["page"]
    return number


def next_page(page: Page) -> int | None:
    """The number after `page`, None at the end of the listing."""
    number: int | None = (page.checkpoint or {}).get("page")
    return number


def visit(scrape: Scrape, number: int) -> Page:
    """One page of the listing with its postings and the checkpoint behind it."""
    response = scrape.fetch(f"{scrape.params['url']}&page={number}")
    tree = response.html
    postings = [posting(response.url, article) for article in tree.xpath("//article[@class='job']")]
    # Recycled at the very last page, the next part must learn that nothing is left; its number would be a 404.
    following = number + 1 if tree.xpath("//a[@rel='next']") else None
    return Page(url=response.url, postings=postings, checkpoint={"page": following}, done=number)


def one_page(scrape: Scrape) -> Page:
    """A good page without a checkpoint: every attempt of those who end badly begins with it again."""
    page = visit(scrape, scrape.params.get("page", 1))
    return Page(url=page.url, postings=page.postings)


def posting(base: str, article: Any) -> Posting:
    """One posting of a listing page."""

    def text(name: str) -> str | None:
        found = article.xpath(f"string(.//*[@class='{name}'])")
        return str(found) or None

    return Posting(
        url=urljoin(base, article.xpath("string(.//h2/a/@href)")),
        external_id=str(article.get("data-id")),
        title=str(article.xpath("string(.//h2)")),
        company=text("company"),
        location=text("place"),
        salary=text("salary"),
        posted=text("posted"),
    )


def leave_in_own_session() -> None:
    """A grandchild that a signal to our process group does not reach."""
    sleeper = f"import time; time.sleep({OUTLIVES_S})"
    subprocess.Popen([sys.executable, "-c", sleeper], start_new_session=True)


def leave_daemonised() -> None:
    """A grandchild with neither our session nor our name as its parent: two forks and setsid, no exec."""
    middle = os.fork()
    if middle:
        os.waitpid(middle, 0)
        return
    os.setsid()
    if os.fork() == 0:
        time.sleep(OUTLIVES_S)
    os._exit(0)


def sleep_for_ever() -> NoReturn:
    """Do nothing, and never come back."""
    while True:
        time.sleep(60)
