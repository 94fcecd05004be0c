from __future__ import annotations

import pytest

from tests.fix_command import Run
from tests.fix_database import Connection


@pytest.fixture
def failing(connection: Connection) -> None:
    """Two ports of one host that are left alone, one host on trial, one that has failed once, and who waits."""
    connection.execute(
        "insert into circuit_breakers (host, state, failures, openings, open_until, last_error, probe_run_id,"
        " probe_until) values"
        " ('board.example', 'open', 5, 2, clock_timestamp() + interval '2 min', 'HTTP 503 \x1b[31m', null, null),"
        " ('board.example:8080', 'open', 5, 1, clock_timestamp() + interval '1 min', 'reset', null, null),"
        " ('trial.example', 'half_open', 5, 1, clock_timestamp(), 'x', 7, clock_timestamp() + interval '1 min'),"
        " ('fine.example', 'closed', 1, 0, null, 'HTTP 500', null, null)"
    )
    connection.execute(
        "insert into nodes (name, scraper, status, waiting_cause, entry_host) values"
        " ('beta', 'feed', 'waiting', 'breaker_open', 'board.example'),"
        " ('alpha', 'feed', 'waiting', 'breaker_open', 'board.example'),"
        " ('gamma', 'feed', 'idle', null, 'board.example')"
    )


def states(connection: Connection) -> dict[str, str]:
    return {row["host"]: row["state"] for row in connection.execute("select host, state from circuit_breakers")}


@pytest.mark.usefixtures("failing")
def test_breakers_that_are_not_closed_are_listed_with_who_waits_for_them(good: Run) -> None:
    rows = good("breakers", "list", "--json").json
    assert [row["host"] for row in rows] == ["board.example", "board.example:8080", "trial.example"]
    assert rows[0]["waiting_nodes"] == ["alpha", "beta"]
    assert 0 < rows[0]["open_s"] <= 120
    assert (rows[2]["state"], rows[2]["probe_run_id"]) == ("half_open", 7)
    table = good("breakers", "list", "--all").out
    assert "\x1b" not in table
    assert [line.split()[:2] for line in table.splitlines()[1:]] == [
        ["board.example", "open"],
        ["board.example:8080", "open"],
        ["trial.example", "half_open"],
        ["fine.example", "closed"],
    ]
    assert "alpha, beta" in table
    assert "run 7" in table


@pytest.mark.usefixtures("failing")
def test_a_host_is_closed_by_its_key_or_with_all_its_ports_by_its_name(good: Run, connection: Connection) -> None:
    assert "board.example:8080: is closed" in good("breakers", "close", "board.example:8080").out
    assert states(connection)["board.example"] == "open"
    out = good("breakers", "close", "Board.Example", "fine.example").out
    assert out.splitlines() == [
        "board.example: is closed; it may be asked again",
        "board.example:8080: had been closed; it may be asked again",
        "fine.example: had been closed; it may be asked again",
    ]
    row = connection.execute("select sum(failures) as n from circuit_breakers where host <> 'trial.example'").fetchone()
    assert row == {"n": 0}
    assert "trial.example" in good("breakers", "close", "--all").out
    assert set(states(connection).values()) == {"closed"}
    assert "No host is left alone" in good("breakers", "close", "--all").out
    assert "No host is left alone" in good("breakers", "list").out


@pytest.mark.usefixtures("failing")
def test_an_unknown_host_is_named_with_those_like_it_and_nothing_is_closed(
    command: Run, connection: Connection
) -> None:
    done = command("breakers", "close", "board.example", "bord.example")
    assert done.code == 2
    assert 'there is no circuit breaker of "bord.example": did you mean board.example' in done.err
    assert states(connection)["board.example"] == "open"
    assert command("breakers", "close", "zzz").err.endswith("see `supervisor breakers list --all`\n")
    assert command("breakers", "close").code == 2
    assert command("breakers", "close", "board.example", "--all").code == 2
