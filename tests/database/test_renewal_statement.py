"""Leases are kept by one statement for all, which waits for nobody."""

from __future__ import annotations

import pytest

from supervisor.tables import leases, runs
from tests.fix_claims import HOUR_S, Hand
from tests.fix_database import Connection, connect
from tests.wait import wait_for

ROUNDS = 60


def test_a_renewal_moves_the_end_of_every_lease_and_no_epoch(hand: Hand) -> None:
    claims = [hand.start(f"n{number}") for number in range(20)]
    before = [hand.lease(f"n{number}") for number in range(20)]
    assert hand.renew(*claims, lease_s=60.0) == {f"n{number}": "renewed" for number in range(20)}
    for number, old in enumerate(before):
        new = hand.lease(f"n{number}")
        assert new["lease_until"] > old["lease_until"]
        assert (new["epoch"], new["lease_owner"]) == (old["epoch"], old["lease_owner"])
    assert len({hand.lease(f"n{number}")["lease_until"].second for number in range(20)}) <= 2


def test_a_lease_that_a_page_holds_is_skipped_not_waited_for(hand: Hand, database_url: str) -> None:
    slow, quick = hand.start("slow"), hand.start("quick")
    hand.connection.execute("set lock_timeout = '2s'")
    with connect(database_url) as child, child.transaction():
        child.execute("select hold_fence('slow', %s)", (slow["epoch"],))
        assert hand.renew(slow, quick) == {"slow": "skipped", "quick": "renewed"}
    assert hand.renew(slow, quick) == {"slow": "renewed", "quick": "renewed"}


def test_a_lease_that_has_passed_on_is_not_renewed(hand: Hand) -> None:
    claim = hand.start("n")
    hand.expire("n")
    hand.connection.execute("select try_acquire_scrape_lease('n', gen_random_uuid(), 60)")
    taken = hand.lease("n")
    assert hand.renew(claim) == {"n": "passed_on"}
    assert hand.lease("n") == taken
    assert leases.renew_leases(hand.connection, {"never heard of": 1}, 30.0) == {"never heard of": "passed_on"}


def test_a_lease_that_ran_out_is_not_revived(hand: Hand) -> None:
    claim = hand.start("n")
    hand.expire("n")
    assert hand.renew(claim, lease_s=0.01) == {"n": "expired"}
    assert hand.lease("n")["live"] is False


def test_after_a_database_start_its_holder_may_renew_a_lease_that_ran_out_meanwhile(hand: Hand) -> None:
    claim = hand.start("n")
    hand.expire("n")
    assert hand.renew(claim, lease_s=1000 * HOUR_S) == {"n": "renewed"}
    assert hand.lease("n")["live"]


@pytest.mark.parametrize("table", ["scrape_leases", "scrape_runs"])
def test_renewals_and_heartbeats_stay_in_their_page_of_the_table(
    hand: Hand, connection: Connection, table: str
) -> None:
    """An index on what they change would make every one of them rewrite all index entries."""
    claims = [hand.start(f"n{number}") for number in range(10)]
    connection.execute("select pg_stat_force_next_flush()")
    figures = "select n_tup_upd as all, n_tup_hot_upd as hot from pg_stat_user_tables where relname = %s"
    before = hand.value(figures, table)
    for _ in range(ROUNDS):
        if table == "scrape_leases":
            hand.renew(*claims)
        else:
            for claim in claims:
                hand.beat(claim)
            runs.write_measured(connection, {claim["run_id"]: 40.0 for claim in claims})
    connection.execute("select pg_stat_force_next_flush()")
    updates = ROUNDS * len(claims)
    wait_for(lambda: hand.value(figures, table)["all"] - before["all"] >= updates, 5, "the statistics arrive")
    after = hand.value(figures, table)
    assert (after["hot"] - before["hot"]) / (after["all"] - before["all"]) > 0.97
