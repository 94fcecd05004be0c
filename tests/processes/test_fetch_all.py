"""Many URLs at once: in order, bounded, and a failure costs only its own turn."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.fix_hostile_server import Trial
from tests.fix_scrape import PlainScrape
from tests.hostile_server import HostileServer
from tests.wait import wait_for
from workers.errors import Blocked, FetchError, StopScrape
from workers.scrapers.crawl import fetch_details

NewFetcher = Callable[..., Trial]


def test_responses_come_in_order_whichever_is_quicker(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    paths = ["slow/0.3", "ok", "html", "slow/0.1", "echo"]
    responses = list(new_fetcher().fetcher.fetch_all([f"{hostile_server.url}/{path}" for path in paths]))
    assert [response.url.split("/", 3)[3] for response in responses] == paths


def test_no_more_than_asked_for_are_under_way(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    urls = (f"{hostile_server.url}/never?{number}" for number in range(10))
    fetcher = new_fetcher(timeout_s=0.4, attempts=1).fetcher
    with pytest.raises(FetchError):
        next(fetcher.fetch_all(urls, at_once=3))
    assert len(hostile_server.asked) <= 4


def test_a_failed_url_raises_at_its_turn_and_nothing_is_fetched_twice(
    hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    paths = ["ok?1", "status/404", "ok?2", "status/410", "ok?3"]
    responses = new_fetcher().fetcher.fetch_all([f"{hostile_server.url}/{path}" for path in paths])
    got: list[int | None] = []
    while True:
        try:
            got.append(next(responses).status)
        except FetchError as error:
            got.append(error.status)
        except StopIteration:
            break
    assert got == [200, 404, 200, 410, 200]
    assert max(Counter(asked.path for asked in hostile_server.asked).values()) == 1


def test_details_behind_a_failed_one_are_fetched_once(hostile_server: HostileServer) -> None:
    scrape = PlainScrape({})
    urls = [f"{hostile_server.url}/{path}" for path in ("ok?1", "status/404", "truncated", "ok?2", "ok?3")]
    found = [response and response.text for _, response in fetch_details(scrape, urls, at_once=4)]
    scrape.fetcher.close()
    assert found == ["ok", None, None, "ok", "ok"]
    hits = Counter(asked.path for asked in hostile_server.asked)
    assert hits.pop("/truncated") == 2  # its own retry
    assert set(hits.values()) == {1}


def test_a_refusal_ends_the_details(hostile_server: HostileServer) -> None:
    scrape = PlainScrape({})
    with pytest.raises(Blocked):
        list(fetch_details(scrape, [f"{hostile_server.url}/status/403"] * 2, at_once=2))
    scrape.fetcher.close()


def test_who_stops_listening_leaves_nothing_behind(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher(timeout_s=5)
    for response in trial.fetcher.fetch_all([f"{hostile_server.url}/{path}" for path in ("ok", "never", "never")]):
        assert response.text == "ok"
        break
    del response
    names = {"fan out", "fetch"}
    wait_for(lambda: not [each for each in threading.enumerate() if each.name in names], 2, "no fetching thread")
    assert [note.status for note in trial.notes] == ["ok"]


def test_a_wish_to_stop_ends_it_at_once(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    trial = new_fetcher(timeout_s=5)

    def wait(_: float) -> None:
        if hostile_server.hits("/never") == 2:
            raise StopScrape("asked to end")

    trial.fetcher._wait = wait
    began = time.monotonic()
    with pytest.raises(StopScrape):
        list(trial.fetcher.fetch_all([f"{hostile_server.url}/never"] * 2))
    assert time.monotonic() - began < 1.5
