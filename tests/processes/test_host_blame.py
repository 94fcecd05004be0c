"""Who is blamed for a request that failed: the host that did, once for each request, and nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fix_claims import Hand
from tests.fix_database import Connection
from tests.fix_hosts import WatchedSite, visiting
from tests.hostile_server import HostileServer
from workers import plain
from workers.errors import FetchError

NewSite = Callable[..., WatchedSite]


def failures(connection: Connection) -> dict[str, int]:
    return {row["host"]: row["failures"] for row in connection.execute("select host, failures from circuit_breakers")}


def host_of(url: str) -> str:
    return url.partition("//")[2]


def test_a_request_is_one_failure_whatever_its_tries_and_of_a_redirect_the_end_is_blamed(
    hostile_server: HostileServer,
    new_hostile_server: Callable[[], HostileServer],
    database_url: str,
    connection: Connection,
) -> None:
    other = new_hostile_server()
    with visiting(database_url, [], [], gap_loopback_s=0) as fetcher:
        for path in ("status/503", "reset", f"redirect-to?url={other.url}/status/500"):
            with pytest.raises(FetchError, match="3 tries"):
                fetcher.fetch(f"{hostile_server.url}/{path}")
        assert failures(connection) == {host_of(hostile_server.url): 2, host_of(other.url): 1}
        fetcher.fetch(f"{hostile_server.url}/ok")
        with pytest.raises(FetchError):
            list(fetcher.fetch_all([f"{hostile_server.url}/status/403"] * 2))
    assert failures(connection)[host_of(hostile_server.url)] >= 3, "a good answer in between forgives nothing"


def test_what_is_no_fault_of_the_host_is_not_counted(
    hostile_server: HostileServer, database_url: str, connection: Connection
) -> None:
    others = ("status/404", "status/401", "bomb/3", "redirect-loop", "redirect-to?url=mailto:x", "gzip/rubbish")
    with visiting(database_url, [], [], gap_loopback_s=0, attempts=1, max_body_mb=1) as fetcher:
        for url in (*(f"{hostile_server.url}/{path}" for path in others), "http://a b/", "http://\u2603..example/"):
            with pytest.raises(FetchError):
                fetcher.fetch(url)
    assert failures(connection) == {}


def test_a_host_on_trial_that_leads_to_one_that_is_down_is_well(
    hand: Hand, hostile_server: HostileServer, database_url: str, connection: Connection
) -> None:
    assert hand.start("n")["run_id"] == 1, "the run that the visitor says it is"
    host = host_of(hostile_server.url)
    opened = "insert into circuit_breakers (host, state, open_until) values (%s, 'open', clock_timestamp())"
    connection.execute(opened, (host,))
    told: list[str] = []
    with visiting(database_url, [], told, gap_loopback_s=0, attempts=1) as fetcher, pytest.raises(FetchError):
        fetcher.fetch(f"{hostile_server.url}/redirect-to?url=http://127.0.0.1:9/")
    assert told == ["breaker_closed"]
    assert failures(connection) == {host: 0, "127.0.0.1:9": 1}


def test_what_others_get_to_read_of_a_failure_holds_no_secret(
    hostile_server: HostileServer, database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plain._hidden, "s3cr3t", "${TOKEN}")
    with visiting(database_url, [], [], attempts=1) as fetcher, pytest.raises(FetchError):
        fetcher.fetch(f"{hostile_server.url}/status/500?token=s3cr3t")
    row = connection.execute("select last_error from circuit_breakers").fetchone()
    assert row is not None
    assert "token=${TOKEN}" in row["last_error"]


def test_a_host_on_trial_is_asked_once_whatever_its_tries(
    hand: Hand, hostile_server: HostileServer, database_url: str, connection: Connection
) -> None:
    assert hand.start("n")["run_id"] == 1, "the run that the visitor says it is"
    opened = "insert into circuit_breakers (host, state, open_until) values (%s, 'open', clock_timestamp())"
    connection.execute(opened, (host_of(hostile_server.url),))
    with (
        visiting(database_url, [], [], gap_loopback_s=0, attempts=3) as fetcher,
        pytest.raises(FetchError, match="1 try"),
    ):
        fetcher.fetch(f"{hostile_server.url}/status/503")
    assert hostile_server.hits("/status/503") == 1
