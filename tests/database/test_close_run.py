"""The end of a run, once, with what follows from it for the node."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from supervisor.tables import runs
from tests.fix_claims import HOUR_S, Hand, another_hand, fenced
from tests.fix_database import Connection, connect
from tests.fix_supervisor import Nodes
from tests.wait import wait_for


def test_an_end_gives_the_lease_back_under_a_new_epoch(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    assert hand.close(claim, "ok", "done", "end", exit_code=0, cpu_s=1.5, peak_rss_mb=70.0) == "closed"
    run, lease, node = hand.run(claim), hand.lease("n"), nodes.get("n")
    assert (run["status"], run["cause"], run["exit_code"], run["cpu_s"]) == ("ok", "done", 0, 1.5)
    assert run["peak_rss_mb"] == 70.0
    assert run["finished_at"] is not None
    assert lease["epoch"] > claim["epoch"]
    assert lease["live"] is False
    assert (node["status"], node["open_tick"], node["retry_at"]) == ("idle", None, None)


def test_a_part_follows_at_once_with_the_same_attempt(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.close(claim, "ok", "recycled", "part")
    node = nodes.get("n")
    assert (node["open_tick"], node["open_attempt"], node["open_part"]) == (claim["tick"], 1, 1)
    assert (node["status"], "recycled" in node["status_reason"]) == ("waiting", True)
    following = hand.claimed(node["id"])
    assert (following["tick"], following["attempt"], following["part"]) == (claim["tick"], 1, 1)
    assert following["checkpoint"] == {"page": 2}


def test_a_retry_follows_after_its_delay_with_the_next_attempt(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.close(claim, "error", "exception", "retry", retry_s=60.0)
    node = nodes.get("n")
    assert (node["open_tick"], node["open_attempt"], node["open_part"]) == (claim["tick"], 2, 0)
    assert (node["status"], node["status_reason"][:17]) == ("waiting", "attempt 2 of 3 at")
    delay = hand.value("select extract(epoch from %s - clock_timestamp()) as s", node["retry_at"])["s"]
    assert 50 < delay <= 60


def test_the_end_of_all_attempts_is_a_dead_letter_with_every_cause(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n", params={"from": 1})
    hand.page(claim, 1, checkpoint={"page": 2})
    hand.close(claim, "error", "exception", "retry", error="first")
    second = hand.claimed(nodes.get("n")["id"])
    assert hand.close(second, "error", "crashed", "bury", error="second") == "buried"
    (letter,) = hand.letters()
    assert [(cause["attempt"], cause["cause"], cause["error"]) for cause in letter["causes"]] == [
        (1, "exception", "first"),
        (2, "crashed", "second"),
    ]
    assert (letter["tick"], letter["params"], letter["checkpoint"]) == (claim["tick"], {"from": 1}, {"page": 2})
    assert (letter["state"], letter["count"], hand.checkpoint("n")) == ("open", 1, None)
    node = nodes.get("n")
    assert (node["open_tick"], node["status"]) == (None, "idle")
    assert "second" in node["status_reason"]


def test_a_node_has_one_open_dead_letter_that_counts(hand: Hand, nodes: Nodes) -> None:
    for _ in range(3):
        if not hand.letters():
            claim = hand.start("n")
        else:
            nodes.update("n", run_requested=True)
            claim = hand.claimed(nodes.get("n")["id"])
        hand.close(claim, "error", "exception", "bury")
    (letter,) = hand.letters()
    assert (letter["count"], letter["tick"]) == (3, claim["tick"])
    hand.connection.execute("update dead_letters set state = 'discarded'")
    nodes.update("n", run_requested=True)
    hand.close(hand.claimed(nodes.get("n")["id"]), "error", "exception", "bury")
    assert [(each["state"], each["count"]) for each in hand.letters()] == [("discarded", 3), ("open", 1)]


@pytest.mark.parametrize("step", ["part", "retry"])
@pytest.mark.parametrize("wish", ["stop_requested", "kill_requested", "seen"])
def test_a_stop_wins_over_what_would_follow(hand: Hand, nodes: Nodes, step: str, wish: str) -> None:
    claim = hand.start("n")
    if wish == "seen":
        # Set and cleared again within the life of the run: it holds for this run.
        nodes.update("n", stop_requested=True)
        runs.latch_stop(hand.connection, claim["run_id"])
        nodes.update("n", stop_requested=False)
    else:
        nodes.update("n", **{wish: True})
    if wish == "kill_requested":
        nodes.update("n", stop_requested=False)
    hand.close(claim, "error", "exception", step)
    node = nodes.get("n")
    assert (node["open_tick"], node["retry_at"], node["open_attempt"]) == (None, None, None)
    assert node["status"] == ("idle" if wish == "seen" else "stopped")
    assert (node["stop_requested"], node["kill_requested"]) == (wish != "seen", False)
    assert hand.letters() == []


def test_a_stop_does_not_hide_a_dead_letter(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    nodes.update("n", stop_requested=True)
    hand.close(claim, "error", "exception", "bury")
    assert (len(hand.letters()), nodes.get("n")["status"]) == (1, "stopped")


def test_ten_parts_in_a_row_without_a_page_are_a_dead_letter(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    for part in range(9):
        hand.close(claim, "error", "lost", "part")
        claim = hand.claimed(nodes.get("n")["id"])
        assert (claim["part"], hand.letters()) == (part + 1, [])
    hand.close(claim, "error", "lost", "part")
    (letter,) = hand.letters()
    assert [cause["part"] for cause in letter["causes"]] == list(range(10))
    assert nodes.get("n")["open_tick"] is None


def test_a_page_starts_the_count_of_idle_parts_afresh(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    for part in range(14):
        if part == 7:
            assert hand.begin(claim)
            hand.page(claim, 1)
        hand.close(claim, "error", "lost", "part")
        claim = hand.claimed(nodes.get("n")["id"])
    assert (claim["part"], hand.letters()) == (14, [])


def test_closing_again_says_so_and_changes_nothing(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.close(claim, "error", "exception", "retry", retry_s=HOUR_S)
    before = (hand.run(claim), nodes.get("n"), hand.lease("n"))
    assert hand.close(claim, "error", "exception", "retry", retry_s=HOUR_S) == "already"
    assert hand.close(claim, "error", "crashed", "bury") == "gone"
    assert hand.close({**claim, "epoch": claim["epoch"] + 1}, "error", "exception", "retry") == "gone"
    assert hand.close({**claim, "run_id": 99_999}, "error", "exception", "retry") == "gone"
    assert (hand.run(claim), nodes.get("n"), hand.lease("n")) == before


@pytest.mark.parametrize(("pause_after", "answer"), [(None, "buried"), (1, "paused")])
def test_closing_again_after_a_lost_answer_tells_of_the_dead_letter_too(
    hand: Hand, pause_after: int | None, answer: str
) -> None:
    claim = hand.start("n", pause_after=pause_after)
    assert [hand.close(claim, "error", "exception", "bury") for _ in range(2)] == [answer, answer]
    assert [letter["count"] for letter in hand.letters()] == [1]


def test_the_host_that_an_old_configuration_asked_first_is_not_waited_for(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.finish(claim, "error", "blocked", host="old.test", breaker_host="old.test")
    hand.close(claim, "error", "blocked", "part")
    assert nodes.get("n")["entry_host"] == "old.test"
    second = hand.claimed(nodes.get("n")["id"])
    assert hand.begin(second)
    nodes.update("n", params='{"url": "https://new.test/"}')
    assert nodes.get("n")["entry_host"] is None
    hand.finish(second, "error", "blocked", host="old.test", breaker_host="old.test")
    hand.close(second, "error", "blocked", "part")
    assert nodes.get("n")["entry_host"] is None


def test_an_end_by_a_stale_epoch_is_refused_while_the_run_is_open(hand: Hand) -> None:
    claim = hand.start("n")
    assert hand.done({**claim, "epoch": claim["epoch"] - 1}) == "gone"
    assert hand.run(claim)["status"] == "running"
    assert hand.lease("n")["live"]


def test_a_verdict_of_the_child_that_the_settler_has_not_seen_is_not_overwritten(hand: Hand) -> None:
    claim = hand.start("n")
    hand.finish(claim, "ok", "done")
    assert hand.close(claim, "error", "crashed", "retry", outcome_seen=False) == "outcome"
    assert hand.run(claim)["finished_at"] is None
    assert hand.lease("n")["live"]
    assert hand.done(claim) == "closed"


def test_settling_waits_for_a_page_in_flight_and_counts_it(
    hand: Hand, connection: Connection, database_url: str
) -> None:
    claim = hand.start("n")
    child, settler = another_hand(database_url), another_hand(database_url)
    with child.connection, settler.connection, ThreadPoolExecutor(1) as pool:
        with child.connection.transaction():
            child.page(claim, 1)
            answer = pool.submit(settler.close, claim, "error", "lost", "part")
            wait_for(lambda: connection.execute("select from pg_locks where not granted").rowcount, 5, "it waits")
        assert answer.result(5) == "closed"
    assert hand.run(claim)["pages_count"] == 1
    assert hand.value("select idle_parts from nodes") == {"idle_parts": 0}


def test_settling_and_a_page_lock_in_the_same_order(hand: Hand, connection: Connection, database_url: str) -> None:
    """Lease before run: the other way round, a page between the two and the settler would wait for each other."""
    claim = hand.start("n")
    child, settler = another_hand(database_url), another_hand(database_url)
    with child.connection, settler.connection, ThreadPoolExecutor(1) as pool:
        with child.connection.transaction():
            child.connection.execute("select hold_fence('n', %s)", (claim["epoch"],))
            answer = pool.submit(settler.done, claim)
            wait_for(lambda: connection.execute("select from pg_locks where not granted").rowcount, 5, "it waits")
            assert child.page(claim, 1)["verdict"] == "committed"
        assert answer.result(5) == "closed"
    assert hand.run(claim)["pages_count"] == 1


def test_a_person_who_holds_the_nodes_row_delays_settling_by_a_second_only(hand: Hand, database_url: str) -> None:
    claim = hand.start("n")
    with connect(database_url) as person, person.transaction():
        person.execute("update nodes set priority = 1")
        hand.connection.execute("set statement_timeout = '900ms'")  # it is tried every second, and others have to live
        with pytest.raises(psycopg.errors.LockNotAvailable):
            hand.done(claim)
        hand.connection.execute("set statement_timeout = '8s'")
        assert hand.renew(claim) == {"n": "renewed"}
    assert hand.done(claim) == "closed"


def test_late_statements_of_a_dead_child_fail(hand: Hand, nodes: Nodes) -> None:
    claim = hand.start("n")
    hand.done(claim)
    with fenced():
        hand.page(claim, 1)
    with fenced():
        hand.finish(claim, "ok", "done")
    assert (hand.beat(claim), hand.begin(claim), nodes.last("n")["outcome"]) == (False, False, None)
    assert hand.renew(claim) == {"n": "passed_on"}


def test_an_outsiders_lease_survives_the_end_of_the_run_it_shut_out(hand: Hand) -> None:
    claim = hand.start("n")
    hand.expire("n")
    hand.connection.execute("select try_acquire_scrape_lease('n', gen_random_uuid(), 60)")
    outsiders = hand.lease("n")
    assert hand.close(claim, "error", "fenced", "part") == "closed"
    assert hand.lease("n") == outsiders


def test_only_one_child_begins_a_run(hand: Hand, nodes: Nodes) -> None:
    claim = hand.claimed(nodes.add("n", "zoo:any"))
    assert hand.begin(claim) is True
    assert hand.begin(claim) is True  # its answer was lost
    assert hand.begin(claim, pid=1234) is False
    assert hand.begin({**claim, "epoch": claim["epoch"] + 1}, pid=4711) is False
    assert nodes.last("n")["pid"] == 4711


def test_a_child_whose_lease_has_run_out_does_not_begin(hand: Hand, nodes: Nodes) -> None:
    claim = hand.claimed(nodes.add("n", "zoo:any"))
    hand.expire("n")
    assert hand.begin(claim) is False
