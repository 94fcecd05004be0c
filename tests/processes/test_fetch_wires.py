"""Answers that break HTTP itself cost one fetch, with a sentence; those that swell cost neither time nor memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.fix_hostile_server import Trial
from tests.hostile_server import HostileServer
from tests.hostile_wires import ANSWERS, SWELLING
from tests.processes.test_fetch_limits import within
from workers.cookies import MOST_OF_A_DOMAIN
from workers.errors import Blocked, FetchError

NewFetcher = Callable[..., Trial]
LIMIT_S = 0.5
SLACK_S = 2.0  # of a machine with much else to do; without a limit these take eight seconds
UNDERSTOOD = {  # odd, but what is meant is clear
    "hints": "ok",
    "length-negative": "hello",
    "length-word": "hello",
    "length-and-chunks": "hello",
    "nul-header": "ok",
    "no-colon": "ok",
    "folded": "ok",
    "bare-lines": "ok",
    "cookies-odd": "ok",
}
SAID = {
    "status-small": "not HTTP",
    "status-large": "not HTTP",
    "status-negative": "not HTTP",
    "status-word": "not HTTP",
    "http-0.9": "not HTTP",
    "http-9": "not HTTP",
    "length-long": "ended early",
    "length-huge": "larger than 1 MB",
    "length-twice": "Content-Length",
    "chunk-negative": "below zero",
    "encoded-much": "compressed 10001 times over",
    "encoded-lie": "compressed as br",
    "moved-nul": "no such address",
    "moved-space": "no such address",
    "moved-bracket": "no such address",
    "moved-label": "no such address",
    "moved-idna": "no such address",
    "moved-data": "only http and https",
    "moved-far": "HTTP 404",
    "chunk-of-minus-one": "below zero",
    "chunk-endless": "larger than 1 MB",
    "chunk-extension": "chunk size line",
    "chunks-of-one": "larger than 1 MB|no complete answer within",
    "trailers": "no complete answer within",
    "headers-endless": "more than 100 headers",
    "headers-many": "more than 100 headers",
    "hints-endless": "no complete answer within",
    "members-empty": "no complete answer within",
    "nested/gzip/3": "larger than 1 MB",
    "nested/deflate/2": "larger than 1 MB",
    "drip-slowly": "no complete answer within",
}


def test_every_wire_is_tried() -> None:
    assert {*ANSWERS, *SWELLING} <= {*UNDERSTOOD, *SAID}


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_an_odd_answer_is_read_as_it_is_meant(
    name: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher(attempts=1)
    assert trial.fetcher.fetch(f"{hostile_server.url}/{name}").text == UNDERSTOOD[name]
    assert [note.status for note in trial.notes] == ["ok"]


@pytest.mark.parametrize("path", SAID)
def test_a_broken_or_swelling_answer_gets_one_sentence_in_time(
    path: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher(timeout_s=LIMIT_S, attempts=1)
    with within(LIMIT_S + SLACK_S), pytest.raises(FetchError, match=SAID[path]) as caught:
        trial.fetcher.fetch(f"{hostile_server.url}/{path}")
    assert not isinstance(caught.value, Blocked)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    assert [note.status for note in trial.notes] == ["error"]


@pytest.mark.parametrize("path", ["moved-nul", "moved-label", "moved-data", "chunk-endless", "nested/gzip/3"])
def test_what_cannot_get_better_is_asked_once(
    path: str, hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    with pytest.raises(FetchError, match="1 try"):
        new_fetcher(attempts=3).fetcher.fetch(f"{hostile_server.url}/{path}")
    assert len(hostile_server.asked) == 1


def test_what_is_left_on_a_connection_is_no_answer_to_the_next_request(
    hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    fetcher = new_fetcher().fetcher
    assert fetcher.fetch(f"{hostile_server.url}/length-short").text == "ok"
    assert fetcher.fetch(f"{hostile_server.url}/html").html.findtext(".//title") == "Fine"


def test_a_flood_of_cookies_is_kept_to_a_few(hostile_server: HostileServer, new_fetcher: NewFetcher) -> None:
    fetcher = new_fetcher().fetcher
    for path in ("0/1000", "1/1000", "2/10000"):  # the last ones are longer than browsers would keep
        fetcher.fetch(f"{hostile_server.url}/cookies/{path}")
    echoed = fetcher.fetch(f"{hostile_server.url}/echo").text
    assert echoed.count("=xxx") == MOST_OF_A_DOMAIN
    assert "1-49=x" in echoed


def test_each_hop_of_a_redirect_waits_for_its_hosts_turn(
    hostile_server: HostileServer, new_fetcher: NewFetcher
) -> None:
    trial = new_fetcher(gap_loopback_s=3)
    trial.fetcher.fetch(f"{hostile_server.url}/redirect/3")
    assert len(trial.waits) == 4
    assert all(later - earlier > 2.5 for earlier, later in pairwise(trial.waits))


SWOLLEN = """
import sys
from workers.errors import FetchError
from workers.fetch import Fetcher
from workers.records import FetchSettings

fetcher = Fetcher(FetchSettings(timeout_s=0.5, max_body_mb=1, attempts=1), wait=lambda s: None, on_fetched=lambda n: 0)
fetcher.fetch(sys.argv[1] + "/ok")
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
for path in sys.argv[2:]:
    before = peak()
    try:
        fetcher.fetch(f"{sys.argv[1]}/{path}")
    except FetchError:
        pass
    print(path, round(peak() - before))
fetcher.close()
"""


def test_nothing_that_swells_costs_memory(hostile_server: HostileServer) -> None:
    paths = [*SWELLING, "nested/gzip/3", "nested/deflate/2", *(f"cookies/{number}/4000" for number in range(40))]
    command = [sys.executable, "-c", SWOLLEN, hostile_server.url, *paths]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=40)
    grown_mb = {path: int(mb) for path, mb in (line.split() for line in ended.stdout.splitlines())}
    assert len(grown_mb) == len(paths)
    assert sum(grown_mb.values()) < 40, grown_mb  # heads of 6 MB at most, and the cap on bodies
