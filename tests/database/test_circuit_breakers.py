"""Circuit breakers: five failures within ten minutes open one, for longer each time; one run at a time tries again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fix_claims import Hand
from tests.fix_database import connect
from tests.fix_hosts import HOST, Asker, at_once

NewRun = Callable[[], Asker]


@pytest.fixture
def new_run(hand: Hand) -> NewRun:
    """Runs that are open, on one connection."""
    names = iter(range(1000))
    return lambda: Asker(hand.connection, hand.start(f"n{next(names)}")["run_id"])


def test_the_fifth_failure_opens_the_breaker_and_everybody_sees_it_at_once(new_run: NewRun) -> None:
    runs = [new_run() for _ in range(5)]
    answers = [run.fail(error=f"failure {n}") for n, run in enumerate(runs)]
    assert [answer["opened"] for answer in answers] == [False] * 4 + [True]
    assert [answer["failures"] for answer in answers] == [1, 2, 3, 4, 5]
    answer = new_run().ask()
    assert (answer["verdict"], answer["reason"], answer["wait_s"]) == ("open", "failure 4", pytest.approx(60, abs=2))
    row = runs[0].breaker()
    assert (row["state"], row["opened_by_run_id"], row["openings"]) == ("open", runs[4].run_id, 1)
    assert new_run().ask("another.example")["verdict"] == "go"


def test_failures_at_the_same_moment_are_all_counted_and_one_opens_it(new_run: NewRun, database_url: str) -> None:
    answers = at_once(database_url, [new_run().run_id for _ in range(8)], lambda asker: asker.fail())
    assert sorted(answer["failures"] for answer in answers) == [1, 2, 3, 4, 5, 5, 5, 5]
    assert [answer["opened"] for answer in answers].count(True) == 1


def test_only_failures_of_the_last_ten_minutes_count_wherever_a_window_began(new_run: NewRun) -> None:
    run = new_run()
    run.fail()
    # A window of fixed beginning would end with the first of them, and forget the four of its last minute.
    run.connection.execute(
        "update circuit_breakers set failure_times ="
        " (select array_agg(clock_timestamp() - m * interval '1 min') from unnest(array[10.1, 9.9, 9.8, 9.7]) m)"
    )
    answers = [run.fail() for _ in range(2)]
    assert [(answer["failures"], answer["opened"]) for answer in answers] == [(4, False), (5, True)]
    row = run.breaker()
    assert (row["state"], row["failures"]) == ("open", 5)
    assert row["window_started_at"] == min(row["failure_times"])


def test_whoever_was_still_under_way_when_it_opened_changes_nothing(new_run: NewRun) -> None:
    late, run = new_run(), new_run()
    run.trip()
    until = run.breaker()["open_until"]
    assert not late.fail()["opened"]
    assert (run.breaker()["open_until"], run.breaker()["openings"]) == (until, 1)
    run.let_expire()
    assert run.ask()["probing"]
    assert not late.fail()["opened"]
    assert not late.succeed()
    assert run.breaker()["state"] == "half_open"


def test_each_opening_lasts_twice_as_long_up_to_the_longest_and_a_good_answer_begins_anew(new_run: NewRun) -> None:
    run = new_run()
    run.trip()
    lasted = []
    for _ in range(4):
        run.let_expire()
        assert run.ask()["probing"]
        lasted.append(run.fail()["open_s"])
    assert lasted == [120, 200, 200, 200]
    run.let_expire()
    assert run.ask()["probing"]
    assert run.succeed()
    assert not run.succeed(), "said once"
    assert run.breaker()["state"] == "closed"
    assert not run.ask()["probing"]
    assert [run.fail()["opened"] for _ in range(5)] == [False] * 4 + [True]
    assert run.ask()["wait_s"] == pytest.approx(60, abs=2)


def test_of_ten_runs_at_once_exactly_one_tries_an_open_host_again(new_run: NewRun, database_url: str) -> None:
    runs = [new_run() for _ in range(10)]
    runs[0].trip()
    for _ in range(3):
        runs[0].connection.execute("update circuit_breakers set state = 'open', open_until = clock_timestamp()")
        answers = at_once(database_url, [run.run_id for run in runs], lambda asker: asker.ask())
        assert sorted(answer["verdict"] for answer in answers) == ["go"] + ["open"] * 9
        (owner,) = [run for run, answer in zip(runs, answers, strict=True) if answer["probing"]]
        assert owner.breaker()["probe_run_id"] == owner.run_id
        assert owner.ask()["probing"], "its further requests belong to the same try"


def test_a_probe_whose_run_has_ended_or_that_takes_too_long_gives_way_to_another(hand: Hand, new_run: NewRun) -> None:
    dying, run, third = hand.start("dying"), new_run(), new_run()
    run.trip()
    run.let_expire()
    assert Asker(hand.connection, dying["run_id"]).ask()["probing"]
    assert run.ask()["wait_s"] == pytest.approx(45, abs=2)
    hand.close(dying, "error", "lost", "end")
    assert run.ask(probe_s=0.0)["probing"]
    assert third.ask()["probing"]
    assert run.ask()["verdict"] == "open"


def test_who_sets_the_row_by_hand_is_obeyed(new_run: NewRun) -> None:
    run, other = new_run(), new_run()
    run.connection.execute("insert into circuit_breakers (host, state) values ('Board.Example', 'open')")
    assert run.ask()["wait_s"] == pytest.approx(1800, abs=2), "no time given: half an hour"
    run.connection.execute("update circuit_breakers set state = 'closed'")
    assert run.ask()["verdict"] == "go"
    run.connection.execute("update circuit_breakers set state = 'open', open_until = 'infinity'")
    assert run.ask()["wait_s"] > 86_400 * 3000
    run.connection.execute("update circuit_breakers set state = 'half_open'")
    assert run.ask()["probing"], "a trial that nobody has begun"
    run.connection.execute("update circuit_breakers set state = 'open'")
    assert run.ask()["wait_s"] == pytest.approx(1800, abs=2), "the time before its trial is over"
    run.connection.execute("update circuit_breakers set state = 'closed'")
    row = run.breaker()
    assert (row["failures"], row["openings"], row["open_until"], row["probe_run_id"]) == (0, 0, None, None)
    run.trip()
    assert other.ask()["verdict"] == "open"
    run.connection.execute("delete from circuit_breakers")
    assert other.ask()["verdict"] == "go"


def test_a_person_who_holds_the_row_keeps_nobody_waiting(new_run: NewRun, database_url: str) -> None:
    run = new_run()
    run.trip()
    run.let_expire()
    with connect(database_url) as person:
        person.execute("begin")
        person.execute("select * from circuit_breakers where host = %s for update", (HOST,))
        assert run.ask()["verdict"] == "open"
        person.execute("rollback")
    assert run.ask()["probing"]
