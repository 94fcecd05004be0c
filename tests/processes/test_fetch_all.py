"""Many URLs at once, and the wish to stop in the middle of everything."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from signal import SIGINT, SIGTERM, SIGUSR1, SIGUSR2, getsignal, signal
from typing import Any

import pytest

from tests.fix_fetcher import NewTold, Told, fetching_threads
from tests.fix_hostile_server import HostileServer
from tests.wait import wait_for
from workers.errors import FetchError, StopScrape
from workers.fetch import Fetcher
from workers.records import FetchedUrl, FetchSettings
from workers.stop import SOFT_STOP, StopSwitch

PROMPT_S = 3.0  # within which a wish to stop is honoured; the fetches under way would take ten seconds


@pytest.fixture
def switch() -> Iterator[StopSwitch]:
    """A switch that owns the signals, as in a run; afterwards they are as they were."""
    before = {number: getsignal(number) for number in (SIGUSR1, SIGUSR2, SIGTERM, SIGINT)}
    made = StopSwitch()
    made.install()
    yield made
    for number, handler in before.items():
        signal(number, handler)
    os.close(made._reader)
    os.close(made._writer)


@pytest.fixture
def heard() -> list[FetchedUrl]:
    """What `fetcher` has told."""
    return []


@pytest.fixture
def fetcher(switch: StopSwitch, heard: list[FetchedUrl]) -> Iterator[Fetcher]:
    """A patient fetcher that a signal stops, as in a run."""
    settings = FetchSettings(timeout_s=10, attempts=2, base_s=10, cap_s=20)
    made = Fetcher(settings, wait=switch.wait, on_fetched=heard.append, interruptible=switch.interruptible)
    yield made
    made.close()


def stopped_once(condition: Callable[[], Any], work: Callable[[], Any]) -> float:
    """Send the soft stop as soon as the condition holds, in the middle of `work`; seconds until StopScrape."""
    sent: list[float] = []

    def send() -> None:
        with suppress(AssertionError):
            wait_for(condition, 5, "the work is in the middle")
        sent.append(time.monotonic())
        os.kill(os.getpid(), SOFT_STOP)

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(StopScrape):
        work()
    sender.join()
    assert condition()
    return time.monotonic() - sent[0]


def test_responses_come_in_the_order_of_their_urls(told: Told, hostile_server: str) -> None:
    paths = ["/slow/0.2", "/ok/1", "/slow/0.1", "/ok/2", "/ok/3"]
    urls = [hostile_server + path for path in paths]
    assert [answer.url for answer in told.fetcher.fetch_all(urls, at_once=3)] == urls
    assert [each.url for each in told.fetched] == urls


def test_no_more_are_under_way_than_allowed_and_no_fewer(told: Told, hostile: HostileServer) -> None:
    assert len(list(told.fetcher.fetch_all([f"{hostile.url}/slow/0.2"] * 7, at_once=3))) == 7
    assert hostile.most_under_way == 3
    assert hostile.connections <= 4


def test_urls_are_taken_only_as_far_as_they_are_needed(told: Told, hostile: HostileServer) -> None:
    taken: list[int] = []

    def urls() -> Iterator[str]:
        for number in range(100):
            taken.append(number)
            yield f"{hostile.url}/ok/{number}"

    answers = told.fetcher.fetch_all(urls(), at_once=2)
    assert taken == []
    next(answers)
    assert len(taken) == 2
    answers.close()  # type: ignore[attr-defined]
    wait_for(lambda: not fetching_threads(), 2, "the threads end")
    assert sum(hostile.hits.values()) <= 2


def test_a_failing_url_raises_at_its_turn(told: Told, hostile_server: str) -> None:
    answers = told.fetcher.fetch_all(hostile_server + path for path in ("/slow/0.1", "/status/404", "/ok"))
    assert next(answers).text == "slow"
    with pytest.raises(FetchError, match="HTTP 404"):
        next(answers)
    assert [each.status for each in told.fetched] == ["ok", "error"]


def test_what_is_no_url_at_all_raises_at_its_turn_too(told: Told, hostile_server: str) -> None:
    urls: list[Any] = [f"{hostile_server}/ok", "ftp://board.test/", None]
    answers = told.fetcher.fetch_all(urls)
    assert next(answers).text == "ok"
    with pytest.raises(FetchError, match="only http and https"):
        next(answers)


def test_nothing_to_fetch_is_no_response(told: Told) -> None:
    assert list(told.fetcher.fetch_all([])) == []


def test_the_caller_is_called_back_in_its_own_thread_only(make_told: NewTold, hostile_server: str) -> None:
    told = make_told(attempts=2, base_s=0.01)
    urls = [f"{hostile_server}/flaky/1/{number}" for number in range(8)]
    assert len(list(told.fetcher.fetch_all(urls))) == 8
    assert told.threads == {threading.current_thread()}


def test_requests_of_all_threads_keep_the_gap_of_their_host(make_told: NewTold, hostile: HostileServer) -> None:
    told = make_told(gap_loopback_s=0.06)
    assert len(list(told.fetcher.fetch_all([f"{hostile.url}/ok/{n}" for n in range(5)], at_once=5))) == 5
    times = sorted(at for at, _ in hostile.asked)
    assert times[-1] - times[0] >= 4 * 0.06 - 0.03


def test_cookies_of_the_site_are_sent_by_all_threads(told: Told, hostile_server: str) -> None:
    told.fetcher.fetch(f"{hostile_server}/cookie")
    for answer in told.fetcher.fetch_all([f"{hostile_server}/echo"] * 3):
        assert answer.json()["headers"]["cookie"] == "taste=sweet"


@pytest.mark.parametrize("path", ["/never", "/drip-headers", "/drip"])
def test_a_stop_ends_a_fetch_that_waits_for_its_peer(
    fetcher: Fetcher, heard: list[FetchedUrl], hostile: HostileServer, path: str
) -> None:
    took_s = stopped_once(lambda: hostile.hits[path], lambda: fetcher.fetch(hostile.url + path))
    assert took_s < PROMPT_S
    assert heard == []


def test_a_connection_that_was_stopped_on_is_not_used_again(
    fetcher: Fetcher, switch: StopSwitch, hostile: HostileServer
) -> None:
    fetcher.fetch(f"{hostile.url}/ok")
    stopped_once(lambda: hostile.hits["/slow/1"], lambda: fetcher.fetch(f"{hostile.url}/slow/1"))
    switch.cause = None
    assert fetcher.fetch(f"{hostile.url}/ok").text == "ok"
    assert hostile.connections == 2


def test_a_connection_is_not_used_again_even_if_the_stop_came_after_the_last_byte(hostile: HostileServer) -> None:
    stops = iter([False, True, False])

    @contextmanager
    def interrupted_late() -> Iterator[None]:
        yield
        if next(stops):
            raise StopScrape("a signal, just before the block ends")

    fetcher = Fetcher(FetchSettings(), wait=time.sleep, on_fetched=lambda _: None, interruptible=interrupted_late)
    fetcher.fetch(f"{hostile.url}/ok")
    with pytest.raises(StopScrape):
        fetcher.fetch(f"{hostile.url}/ok")
    assert hostile.connections == 1
    fetcher.fetch(f"{hostile.url}/ok")
    assert hostile.connections == 2
    fetcher.close()


def test_a_stop_ends_the_pause_between_two_tries(fetcher: Fetcher, hostile: HostileServer) -> None:
    def pausing() -> bool:
        return hostile.hits["/status/500"] == 1 and hostile.under_way == 0

    assert stopped_once(pausing, lambda: fetcher.fetch(f"{hostile.url}/status/500")) < PROMPT_S
    assert hostile.hits["/status/500"] == 1


def test_a_stop_abandons_all_fetches_under_way(
    fetcher: Fetcher, heard: list[FetchedUrl], hostile: HostileServer
) -> None:
    urls = [f"{hostile.url}/never"] * 3
    took_s = stopped_once(lambda: hostile.hits["/never"] == 3, lambda: list(fetcher.fetch_all(urls)))
    assert took_s < PROMPT_S
    assert heard == []
    hostile.stop_answering()
    wait_for(lambda: not fetching_threads(), 2, "the abandoned threads end without a further try")
    assert hostile.hits["/never"] == 3


def test_closing_the_generator_waits_for_nobody(fetcher: Fetcher, hostile: HostileServer) -> None:
    answers = fetcher.fetch_all(hostile.url + path for path in ("/ok", "/never", "/never"))
    assert next(answers).text == "ok"
    wait_for(lambda: hostile.hits["/never"] == 2, 2, "the others are under way")
    began = time.monotonic()
    answers.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < PROMPT_S
    hostile.stop_answering()
    wait_for(lambda: not fetching_threads(), 2, "the abandoned threads end")


def test_a_run_that_is_to_stop_fetches_nothing_more(
    fetcher: Fetcher, switch: StopSwitch, hostile: HostileServer
) -> None:
    os.kill(os.getpid(), SOFT_STOP)
    wait_for(lambda: switch.cause, 2, "the signal has arrived")
    with pytest.raises(StopScrape):
        fetcher.fetch(f"{hostile.url}/ok")
    with pytest.raises(StopScrape):
        list(fetcher.fetch_all([f"{hostile.url}/ok"]))
    assert hostile.hits["/ok"] <= 1
