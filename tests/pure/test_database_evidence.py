"""What counts as evidence that no server runs, and what may be a partition."""

from __future__ import annotations

import psycopg
import pytest

from workers.database import is_down

SOCKET = "postgresql://u@/d?host=/run/sw"
HERE = "postgresql://u@127.0.0.1:5432/d"
NAME = "postgresql://u@localhost/d"
FAR = "postgresql://u@db.example/d"
REFUSED = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: Connection refused\n\tIs it'
GONE = 'connection failed: connection to server on socket "/run/sw/.s.PGSQL.5432" failed: No such file or directory'
STARTING = 'connection failed: connection to server at "10.0.0.9", port 5432 failed: FATAL:  the database system is '
SIX = 'connection to server at "::1", port 5432 failed: Connection refused\n'
TIMEOUT = 'connection to server at "127.0.0.1", port 5432 failed: timeout expired'


@pytest.mark.parametrize(
    ("text", "url", "down"),
    [
        (REFUSED, HERE, True),
        (REFUSED, SOCKET, True),
        (REFUSED, "dbname=d", True),
        (GONE, SOCKET, True),
        (SIX + REFUSED.partition(": ")[2], NAME, True),
        (STARTING + "starting up", FAR, True),
        (STARTING + "shutting down", HERE, True),
        (STARTING + "in recovery mode", HERE, True),
        (STARTING + "starting up", "postgresql://u@a.example,b.example/d", False),
        (REFUSED, FAR, False),
        (REFUSED, "postgresql:///d?hostaddr=10.0.0.5", False),
        (REFUSED, "postgresql://u@localhost/d?hostaddr=10.0.0.5", False),
        (REFUSED, "postgresql:///d?hostaddr=127.0.0.1", True),
        (REFUSED, "service=far", False),
        (REFUSED, "postgresql://u@127.0.0.1,db.example/d", False),
        (SIX + TIMEOUT, NAME, False),
        ("connection timeout expired", HERE, False),
        ("terminating connection due to administrator command", HERE, False),
        ("server closed the connection unexpectedly", HERE, False),
        ("connection failed: FATAL:  sorry, too many clients already", HERE, False),
        ("server login has been failing, try again later (server_login_retry)", HERE, False),
        ("connection failed: connection to server at x failed: No route to host", HERE, False),
        ("", HERE, False),
    ],
)
def test_only_the_servers_own_word_or_a_refusal_on_this_machine_is_evidence(text: str, url: str, down: bool) -> None:
    assert is_down(psycopg.OperationalError(text), url) is down


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
def test_a_server_that_only_the_environment_names_is_not_taken_for_one_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert is_down(psycopg.OperationalError(REFUSED), "dbname=d")
    monkeypatch.setenv(name, "10.0.0.5")
    assert not is_down(psycopg.OperationalError(REFUSED), "dbname=d")
