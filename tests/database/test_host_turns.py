"""Turns at a host: one gap for all runs, a host that wants to be left alone, one reader of its robots.txt."""

from __future__ import annotations

import psycopg
import pytest

from tests.fix_claims import Hand, refused_by
from tests.fix_database import Connection, connect
from tests.fix_hosts import ORIGIN, Asker, at_once


@pytest.fixture
def run(hand: Hand) -> Asker:
    return Asker(hand.connection, hand.start("n")["run_id"])


def waits(answers: list[float]) -> list[float]:
    return sorted(round(answer, 1) for answer in answers)


def test_turns_of_runs_that_ask_at_once_are_a_gap_apart(run: Asker, database_url: str) -> None:
    answers = at_once(database_url, [run.run_id] * 8, lambda asker: asker.ask(gap_s=10.0))
    assert {answer["verdict"] for answer in answers} == {"go"}
    assert waits([answer["wait_s"] for answer in answers]) == [pytest.approx(10.0 * n, abs=1) for n in range(8)]


def test_without_a_gap_nothing_is_written(run: Asker) -> None:
    assert run.ask()["wait_s"] == 0
    assert run.connection.execute("select * from politeness").fetchall() == []


def test_ports_of_a_name_are_hosts_of_their_own(run: Asker) -> None:
    assert run.ask(gap_s=60)["wait_s"] == run.ask("board.example:8080", gap_s=60)["wait_s"] == 0


def test_an_idle_host_may_be_asked_at_once(run: Asker) -> None:
    run.ask(gap_s=60)
    run.connection.execute("update politeness set next_allowed_at = clock_timestamp() - interval '1 hour'")
    assert run.ask(gap_s=60)["wait_s"] == 0
    assert run.ask(gap_s=60)["wait_s"] == pytest.approx(60, abs=2)


def test_who_would_wait_too_long_is_told_so_and_takes_no_turn(run: Asker) -> None:
    for _ in range(3):
        assert run.ask(gap_s=100, most_queue_s=250)["verdict"] == "go"
    for _ in range(3):
        answer = run.ask(gap_s=100, most_queue_s=250)
        assert (answer["verdict"], answer["wait_s"]) == ("crowded", pytest.approx(300, abs=2))


@pytest.mark.parametrize("gap_s", [0.0, 10.0])
def test_a_host_that_asked_to_be_left_alone_is(run: Asker, gap_s: float) -> None:
    run.hold(30)
    run.hold(5)  # the longer one stands
    assert run.ask(gap_s=gap_s)["wait_s"] == pytest.approx(30, abs=1)
    assert run.ask(gap_s=gap_s)["wait_s"] == pytest.approx(30 + gap_s, abs=1)
    run.hold(500)
    answer = run.ask(gap_s=gap_s)
    assert (answer["verdict"], answer["wait_s"]) == ("held", pytest.approx(500, abs=2))


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (b"update politeness set held_until = 'infinity'", "held"),
        (b"update politeness set next_allowed_at = 'infinity'", "crowded"),
    ],
    ids=["held", "crowded"],
)
def test_a_host_that_a_person_has_everybody_leave_alone_for_ever_is(change: bytes, verdict: str, run: Asker) -> None:
    run.ask(gap_s=10)
    run.connection.execute(change)
    answer = run.ask(gap_s=10)
    assert (answer["verdict"], answer["wait_s"]) == (verdict, pytest.approx(315_576_000, rel=0.01))


def test_nobody_is_held_back_for_longer_than_half_an_hour(run: Asker) -> None:
    run.hold(1e300)
    assert run.ask()["wait_s"] == pytest.approx(1800, abs=2)


def test_of_runs_that_do_not_know_a_robots_txt_one_reads_it(run: Asker, database_url: str) -> None:
    answers = at_once(database_url, [run.run_id] * 6, lambda asker: asker.ask(origin=ORIGIN))
    assert sorted(answer["verdict"] for answer in answers) == ["read_robots"] + ["soon"] * 5
    run.keep(200, "User-agent: *", delay_s=7)
    answer = run.ask(origin=ORIGIN)
    assert (answer["verdict"], answer["robots_status"], answer["robots_body"]) == ("go", 200, "User-agent: *")
    assert answer["robots_left_s"] == pytest.approx(60, abs=2)
    assert run.ask(origin=ORIGIN)["wait_s"] == pytest.approx(7, abs=1), "its crawl-delay counts from the first turn on"


def test_a_robots_txt_that_is_out_of_date_is_read_again_by_one(run: Asker) -> None:
    run.keep(200, "old", keep_s=0)
    assert [run.ask(origin=ORIGIN)["verdict"] for _ in range(2)] == ["read_robots", "soon"]
    run.keep(404)
    assert run.ask(origin=ORIGIN)["robots_body"] is None


def test_who_gives_up_reading_leaves_it_to_the_next(run: Asker) -> None:
    run.ask(origin=ORIGIN)
    run.keep(None)
    assert run.ask(origin=ORIGIN)["verdict"] == "read_robots"


def test_a_reader_that_is_gone_or_takes_too_long_is_not_waited_for(run: Asker, hand: Hand) -> None:
    dying = hand.start("dying")
    assert Asker(hand.connection, dying["run_id"]).ask(origin=ORIGIN)["verdict"] == "read_robots"
    assert run.ask(origin=ORIGIN)["verdict"] == "soon"
    hand.close(dying, "error", "killed", "end")
    assert run.ask(origin=ORIGIN, robots_s=0.0)["verdict"] == "read_robots"
    assert run.ask(origin=ORIGIN)["verdict"] == "read_robots"


def test_a_host_whose_robots_txt_fails_is_not_asked_for_now(run: Asker) -> None:
    run.keep(503)
    answer = run.ask(origin=ORIGIN, gap_s=10)
    assert (answer["verdict"], answer["robots_status"]) == ("not_now", 503)
    assert answer["wait_s"] == pytest.approx(60, abs=2)
    assert run.connection.execute("select * from politeness").fetchall() == [], "no turn is taken"


def test_a_person_who_holds_a_hosts_row_costs_half_a_second(run: Asker, database_url: str) -> None:

    run.ask(gap_s=1)
    with connect(database_url) as person:
        person.execute("begin")
        person.execute("update politeness set host = host")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            run.ask(gap_s=1)
        person.execute("rollback")
    assert run.ask(gap_s=1)["verdict"] == "go"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("insert into politeness values (' ', clock_timestamp())", "politeness_host_printable"),
        ("insert into robots (origin) values ('')", "robots_origin_printable"),
        ("insert into robots (origin, body) values ('a', repeat('x', 500001))", "robots_body_bounded"),
        ("insert into robots (origin, crawl_delay_s) values ('a', -1)", "robots_crawl_delay_not_negative"),
        ("insert into circuit_breakers (host) values ('')", "circuit_breakers_host_printable"),
        ("insert into circuit_breakers (host, state) values ('a', 'ajar')", "circuit_breakers_state_known"),
        ("insert into circuit_breakers (host, failures) values ('a', -1)", "circuit_breakers_failures_not_negative"),
        ("insert into circuit_breakers (host, openings) values ('a', -1)", "circuit_breakers_openings_not_negative"),
    ],
)
def test_impossible_rows_are_refused(connection: Connection, statement: str, constraint: str) -> None:
    with refused_by(constraint):
        connection.execute(statement.encode())
