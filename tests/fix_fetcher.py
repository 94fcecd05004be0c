"""A real Fetcher that tells what it did; its waits between tries are noted, not slept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.wait import wait_for
from workers.errors import Blocked, FetchError
from workers.records import FetchedUrl, FetchSettings

TIMEOUT_S = 0.4  # where a fetch is to be cut
PATIENT_S = 10.0  # where it is to succeed, however busy the machine
LATE_S = 3.0  # how much later than its deadline a fetch may end on a busy machine; without one it never ends

NewTold = Callable[..., "Told"]


class Told:
    """A fetcher with what it said, how it waited, and in which threads it called back."""

    def __init__(self, **settings: Any) -> None:
        """One patient try of at most 1 MB, unless the test says otherwise."""
        from workers.fetch import Fetcher  # not by every test that loads this plugin

        self.fetched: list[FetchedUrl] = []
        self.threads: set[threading.Thread] = set()
        self.waits: list[float] = []
        usual = {"timeout_s": PATIENT_S, "attempts": 1, "max_body_mb": 1.0, "base_s": 0.01, "cap_s": 5.0}
        self.fetcher = Fetcher(FetchSettings(**{**usual, **settings}), wait=self._wait, on_fetched=self._note)

    def fails(self, url: str, kind: type[FetchError] = FetchError, **options: Any) -> FetchError:
        """The error: one sentence, of exactly this kind, told once."""
        before = len(self.fetched)
        with pytest.raises(FetchError) as caught:
            self.fetcher.fetch(url, **options)
        assert type(caught.value) is kind
        assert "\n" not in str(caught.value)
        status = "blocked" if kind is Blocked else "error"
        assert [(each.status, each.error) for each in self.fetched[before:]] == [(status, str(caught.value))]
        return caught.value

    def _wait(self, seconds: float) -> None:
        self.threads.add(threading.current_thread())
        if seconds:
            self.waits.append(seconds)

    def _note(self, fetched: FetchedUrl) -> None:
        self.threads.add(threading.current_thread())
        self.fetched.append(fetched)


def fetching_threads() -> list[threading.Thread]:
    """Threads of `fetch_all` that are alive."""
    return [thread for thread in threading.enumerate() if thread.name == "fetch"]


@pytest.fixture
def make_told() -> Iterator[NewTold]:
    """Makes fetchers, closes them, and sees that their threads end."""
    made: list[Told] = []

    def make(**settings: Any) -> Told:
        made.append(Told(**settings))
        return made[-1]

    yield make
    for each in made:
        each.fetcher.close()
    wait_for(lambda: not fetching_threads(), 2.0, "the threads of fetch_all end")


@pytest.fixture
def told(make_told: NewTold) -> Told:
    """One that is patient."""
    return make_told()


@pytest.fixture
def hurried(make_told: NewTold) -> Told:
    """One whose deadline is soon."""
    return make_told(timeout_s=TIMEOUT_S)
